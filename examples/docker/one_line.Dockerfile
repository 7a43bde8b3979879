# One COPY line: the executable carries supervisord, and unpacks it where it runs. The image needs a python3.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/one_line.Dockerfile --build-arg BASE=YOUR_IMAGE -t supervised .
#
# The image's CMD stays as it is; its ENTRYPOINT is replaced, so this is for images whose CMD is the whole command.
ARG BASE=python:3.12-slim-bookworm
FROM ${BASE}
COPY dist/standard-supervisor /usr/local/bin/
ENTRYPOINT ["standard-supervisor"]
