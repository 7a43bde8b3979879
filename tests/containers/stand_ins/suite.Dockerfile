# examples/docker/debian.Dockerfile without what belongs to its own engine: the cases bring theirs.
ARG BASE
FROM ${BASE}
ENV PROCESS_HEALTH_URL=
CMD []
