# A SageMaker image of vLLM without code: `docker run IMAGE serve` runs the script `serve` under supervision.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/sagemaker/script.Dockerfile -t vllm-sagemaker .   (from the project's directory)
#   docker run --gpus all -p 8080:8080 -v ./model:/opt/ml/model vllm-sagemaker serve
ARG BASE=vllm/vllm-openai:latest
FROM ${BASE}
# Before the Python package's command of the same name.
COPY dist/standard-supervisor /opt/standard-supervisor/bin/
COPY examples/sagemaker/serve /usr/local/bin/serve
ENV PATH=/opt/standard-supervisor/bin:$PATH
RUN standard-supervisor --version | grep -F "(Deno "
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8080/ping
# SageMaker kills 30 s after SIGTERM, and that cannot be set.
ENV SUPERVISOR_PROGRAM_STOPWAITSECS=25
EXPOSE 8080
ENTRYPOINT ["standard-supervisor"]
CMD ["serve"]
