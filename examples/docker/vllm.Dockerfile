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
COPY --from=build /standard-supervisor /usr/local/bin/
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8000/health
ENTRYPOINT ["standard-supervisor", "vllm", "serve"]
