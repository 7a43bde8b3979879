# Stands in for Python's own image: `python`, pip that installs into the system, and a virtual environment with a server.
ARG BASE
FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-pip python3-venv \
    && rm -rf /var/lib/apt/lists/* /usr/lib/python3*/EXTERNALLY-MANAGED \
    && ln -s python3 /usr/bin/python \
    && python -m venv /opt/venv
COPY engine.sh /usr/local/lib/stand-in-engine
RUN printf '#!/opt/venv/bin/python\nimport os, sys\nos.execv("/usr/local/lib/stand-in-engine", sys.argv)\n' \
    >/opt/venv/bin/serve \
    && chmod +x /opt/venv/bin/serve
CMD ["python3"]
