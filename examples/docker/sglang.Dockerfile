# SGLang's own image. supervisord comes with the executable, where the image has none.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/sglang.Dockerfile -t sglang-supervised .   (from the project's directory)
#   docker run --gpus all --shm-size 32g -p 30000:30000 sglang-supervised --model-path Qwen/Qwen3-0.6B
ARG BASE=lmsysorg/sglang:latest
FROM ${BASE}
COPY dist/standard-supervisor /usr/local/bin/
# The build fails here if the executable cannot start in this image (it needs glibc).
RUN standard-supervisor --version
ENV PROCESS_HEALTH_URL=http://127.0.0.1:30000/health
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m CMD ["standard-supervisor", "--health"]
ENTRYPOINT ["standard-supervisor", "python3", "-m", "sglang.launch_server", "--host", "0.0.0.0", "--port", "30000"]
