# Plain Debian, supervisor from its archive, and an engine that is a Python program of your own.
#
#   docker build -f examples/docker/python.Dockerfile -t python-supervised . (from the project's directory)
#   docker run -p 8000:8000 python-supervised
#
# Put your engine in place of Python's file server.
FROM denoland/deno:debian AS build
WORKDIR /project
COPY . .
RUN deno compile -A --output /standard-supervisor cli.ts && /standard-supervisor --version

FROM debian:bookworm-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends python3 supervisor && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /standard-supervisor /usr/local/bin/
# The build fails here if the executable cannot start in this image (it needs glibc).
RUN standard-supervisor --version
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8000/
ENTRYPOINT ["standard-supervisor"]
CMD ["python3", "-m", "http.server", "8000"]
