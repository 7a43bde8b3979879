# Stands in for vLLM's image: its command is the ENTRYPOINT, and the Python package is there with supervisord and a
# command of the same name as ours.
ARG BASE
FROM ${BASE}
RUN pip install --no-cache-dir supervisor==4.3.0 \
    && printf '#!/bin/sh\necho "the one of the Python package" >&2\nexit 9\n' >/usr/local/bin/standard-supervisor \
    && chmod +x /usr/local/bin/standard-supervisor
ENTRYPOINT ["vllm", "serve"]
