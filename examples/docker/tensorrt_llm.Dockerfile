# TensorRT-LLM's own image. Its ENTRYPOINT, a script of NVIDIA's that ends in `exec "$@"`, is kept: standard-supervisor
# stands in CMD, and so does what `docker run IMAGE …` puts in its place.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/tensorrt_llm.Dockerfile --build-arg BASE=IMAGE -t trtllm-supervised .   (from the project's directory)
#   docker run --gpus all --ipc host -p 8000:8000 trtllm-supervised \
#     standard-supervisor trtllm-serve Qwen/Qwen3-0.6B --host 0.0.0.0 --port 8000
#
# BASE: the engine's image with its registry and version, as NVIDIA's page on TensorRT-LLM's container gives it.
ARG BASE
FROM ${BASE}
COPY dist/standard-supervisor /usr/local/bin/
# The build fails here if the executable cannot start in this image (it needs glibc).
RUN standard-supervisor --version
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8000/health
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m CMD ["standard-supervisor", "--health"]
CMD ["standard-supervisor", "trtllm-serve", "Qwen/Qwen3-0.6B", "--host", "0.0.0.0", "--port", "8000"]
