# vLLM's own image, whose supervisord and standard-supervisor are the Python package's.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/vllm.Dockerfile -t vllm-supervised .       (from the project's directory)
#   docker run --gpus all --shm-size 16g -p 8000:8000 vllm-supervised Qwen/Qwen3-0.6B
ARG BASE=vllm/vllm-openai:latest
FROM ${BASE}
# vLLM's image has a standard-supervisor already, the Python package's: ours stands before it on PATH, wherever
# pip puts that one. The build fails here if it does not, or cannot start in this image (it needs glibc).
COPY dist/standard-supervisor /opt/standard-supervisor/bin/
ENV PATH=/opt/standard-supervisor/bin:$PATH
RUN standard-supervisor --version | grep -F "(Deno "
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8000/health
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m CMD ["standard-supervisor", "--health"]
ENTRYPOINT ["standard-supervisor", "vllm", "serve"]
