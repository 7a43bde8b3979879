# On Python's own image: supervisord from pip, an ordinary user, and a root that may be read-only.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/python.Dockerfile -t python-supervised .   (from the project's directory)
#   docker run --read-only --tmpfs /tmp --cap-drop ALL -p 8000:8000 python-supervised
#
# Put your engine in place of Python's file server.
ARG BASE=python:3.12-slim-bookworm
FROM ${BASE}
RUN pip install --no-cache-dir supervisor==4.3.0
COPY dist/standard-supervisor /usr/local/bin/
# The build fails here if the executable cannot start in this image (it needs glibc).
RUN standard-supervisor --version
# A number, so that Kubernetes' runAsNonRoot can see that it is not root's; it needs no name.
USER 10001:10001
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8000/
ENTRYPOINT ["standard-supervisor"]
CMD ["python", "-m", "http.server", "8000"]
