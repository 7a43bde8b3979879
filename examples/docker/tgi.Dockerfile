# Text Generation Inference's own image. Its launcher is run without the image's entrypoint script.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/tgi.Dockerfile --build-arg BASE=IMAGE -t tgi-supervised .         (from the project's directory)
#   docker run --gpus all --shm-size 1g -p 8080:80 tgi-supervised --model-id Qwen/Qwen3-0.6B
# BASE: the engine's image with its registry and version, as TGI's page gives it.
ARG BASE
FROM ${BASE}
COPY dist/standard-supervisor /usr/local/bin/
# The build fails here if the executable cannot start in this image (it needs glibc).
RUN standard-supervisor --version
ENV PROCESS_HEALTH_URL=http://127.0.0.1:80/health
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m CMD ["standard-supervisor", "--health"]
ENTRYPOINT ["standard-supervisor", "text-generation-launcher", "--port", "80"]
