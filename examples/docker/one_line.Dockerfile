# One COPY line: the executable carries supervisord, and unpacks it where it runs. The image needs a python3.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/one_line.Dockerfile --build-arg BASE=YOUR_IMAGE -t supervised .
#
# Put your engine in place of Python's file server: a Dockerfile that sets ENTRYPOINT loses the CMD of its base.
ARG BASE=python:3.12-slim-bookworm
FROM ${BASE}
COPY dist/standard-supervisor /usr/local/bin/
ENTRYPOINT ["standard-supervisor"]
CMD ["python3", "-m", "http.server", "8000"]
