#!/bin/sh
# Stands in for an engine's command: of its arguments only the port counts, the last one that is given.
port=8000
while [ $# -gt 0 ]; do
  case $1 in --port) port=$2 ;; esac
  shift
done
exec python3 /fixtures/engine.py --port "$port" --record /record/events --workers 2
