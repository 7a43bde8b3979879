# llama.cpp's own server image, which has no Python: Debian's or Ubuntu's comes with supervisord's package.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/llama_cpp.Dockerfile --build-arg BASE=IMAGE -t llama-supervised . (from the project's directory)
#   docker run -v ./models:/models -p 8080:8080 llama-supervised -m /models/model.gguf
# BASE: the engine's image with its registry and version, as llama.cpp's page on Docker gives it.
ARG BASE
FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends supervisor \
    && rm -rf /var/lib/apt/lists/*
COPY dist/standard-supervisor /usr/local/bin/
# The build fails here if the executable cannot start in this image (it needs glibc).
RUN standard-supervisor --version
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8080/health
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m CMD ["standard-supervisor", "--health"]
ENTRYPOINT ["standard-supervisor", "/app/llama-server", "--host", "0.0.0.0", "--port", "8080"]
