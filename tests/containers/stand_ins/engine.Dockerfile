# Stands in for the images of engines: each engine's command where its image has it, and what else is known of them.
ARG BASE
FROM ${BASE}
RUN ln -s /usr/local/lib/stand-in-engine /usr/local/bin/vllm \
    && ln -s /usr/local/lib/stand-in-engine /usr/local/bin/trtllm-serve \
    && ln -s /usr/local/lib/stand-in-engine /usr/local/bin/text-generation-launcher \
    && mkdir -p /app /opt/nvidia /usr/lib/python3/dist-packages/sglang \
    && ln -s /usr/local/lib/stand-in-engine /app/llama-server \
    && printf 'import os, sys\nos.execv("/usr/local/lib/stand-in-engine", sys.argv)\n' \
    >/usr/lib/python3/dist-packages/sglang/launch_server.py \
    && touch /usr/lib/python3/dist-packages/sglang/__init__.py \
    && printf '#!/bin/sh\necho "== a banner =="\nexec "$@"\n' >/opt/nvidia/nvidia_entrypoint.sh \
    && chmod +x /opt/nvidia/nvidia_entrypoint.sh
ENTRYPOINT ["/opt/nvidia/nvidia_entrypoint.sh"]
