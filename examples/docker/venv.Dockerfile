# In an application's image that has its Python packages in a virtual environment: supervisord goes into the same,
# and is found there because the engine's command is a script of it.
#
#   scripts/build.sh                 makes dist/standard-supervisor
#   docker build -f examples/docker/venv.Dockerfile --build-arg BASE=YOUR_IMAGE -t venv-supervised .
#
# BASE: an image with a virtual environment at /opt/venv, which need not be on PATH.
ARG BASE
FROM ${BASE}
RUN /opt/venv/bin/pip install --no-cache-dir supervisor==4.3.0
COPY dist/standard-supervisor /usr/local/bin/
# The build fails here if the executable cannot start in this image (it needs glibc).
RUN standard-supervisor --version
ENV PROCESS_HEALTH_URL=http://127.0.0.1:8000/health
ENTRYPOINT ["standard-supervisor"]
# Put your server's command here.
CMD ["/opt/venv/bin/serve", "--port", "8000"]
