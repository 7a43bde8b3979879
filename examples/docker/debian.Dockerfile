# On Debian: supervisord from its archive, and an engine that is a Python program of your own.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/debian.Dockerfile -t debian-supervised .   (from the project's directory)
#   docker run -p 8000:8000 debian-supervised
#
# Put your engine in place of Python's file server.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 supervisor \
    && rm -rf /var/lib/apt/lists/*
COPY dist/standard-supervisor /usr/local/bin/
# The build fails here if the executable cannot start in this image (it needs glibc).
RUN standard-supervisor --version
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8000/
ENTRYPOINT ["standard-supervisor"]
CMD ["python3", "-m", "http.server", "8000"]
