# vLLM's own image with standard-supervisor as one compiled executable: no Deno in the image that runs.
#
#   docker build -f examples/docker/vllm.Dockerfile -t vllm-supervised .     (from the project's directory)
#   docker run --gpus all -p 8000:8000 vllm-supervised Qwen/Qwen3-0.6B
#
# BASE: any image with Python, pip and the engine.
ARG BASE=vllm/vllm-openai:latest

FROM denoland/deno:debian AS build
WORKDIR /project
COPY . .
RUN deno compile -A --output /standard-supervisor cli.ts && /standard-supervisor --version

FROM ${BASE}
RUN pip install --no-cache-dir supervisor
# vLLM's image has a standard-supervisor already, the Python package's: ours stands before it on PATH, wherever
# pip puts that one. The build fails here if it does not, or cannot start in this image (it needs glibc).
COPY --from=build /standard-supervisor /opt/standard-supervisor/bin/
ENV PATH=/opt/standard-supervisor/bin:$PATH
RUN standard-supervisor --version | grep -F "(Deno "
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8000/health
ENTRYPOINT ["standard-supervisor", "vllm", "serve"]
