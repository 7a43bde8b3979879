#!/bin/sh
# Proves the README's two commands on machines with neither deno nor supervisord: a fresh clone of HEAD in a bare
# Debian container serves requests from the stand-in engine, stops with exit code 0, and passes the tests.
#   tests/fresh_machine.sh [--command-only] [apt|pip|npm]…   which package manager works there; default: apt pip npm
# (npm: with python3's venv beside it, since npm has no supervisord)
# --command-only leaves out the second command, which takes minutes. PORT: where the engine listens, default 8080.
# Needs podman (or a tool in ../shared that brings it); exits with 77 where there is none. The last line has the counts.
# shellcheck disable=SC2016,SC2086 # $runtime is none, one or two words; $1 is for the shell inside
set -eu
root=$(cd -P -- "$(dirname "$(readlink -f "$0")")/.." && pwd -P)
command_only=
if [ "${1:-}" = --command-only ]; then
  command_only=yes
  shift
fi
[ $# -gt 0 ] || set -- apt pip npm

if [ -x "$root/../shared/tools/container-base" ] && [ "$(id -u)" = 0 ]; then
  image=$("$root/../shared/tools/container-base")
  runtime='--runtime runc'
elif command -v podman >/dev/null; then
  image=debian:bookworm-slim
  runtime=
else
  echo "podman is missing: no container to be a fresh machine" >&2
  exit 77
fi

scratch=$(mktemp -d)
container=
trap '[ -z "$container" ] || podman $runtime rm -f -t 0 "$container" >/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 143' HUP INT TERM

# The host's ways out: package managers' settings, proxies and certificates, whatever there is of them.
settings() {
  for file in "$HOME/.npmrc" "$HOME/.config/pip" "$HOME/.pip" "$HOME/.config/uv"; do
    [ ! -e "$file" ] || printf '%s\n' "--volume=$file:/root${file#"$HOME"}:ro"
  done
  for file in /etc/npmrc /etc/pip.conf /etc/uv; do
    [ ! -e "$file" ] || printf '%s\n' "--volume=$file:$file:ro"
  done
  if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release && grep -q '^ID=debian' /etc/os-release; then
    printf '%s\n' --volume=/etc/apt:/etc/apt:ro # the same release: its mirrors fit
  fi
  [ ! -f /etc/ssl/certs/ca-certificates.crt ] ||
    printf '%s\n' --volume=/etc/ssl/certs/ca-certificates.crt:/host-certificates.crt:ro
  env | sed -n 's/=.*//p' | grep -iE '^([a-z_]*_proxy|[a-z_]*(cert|ca_)[a-z_]*|pip_[a-z_]*|npm_config_[a-z_]*|uv_[a-z_]*)$' |
    grep -v PIP_FIND_LINKS | sed 's/^/--env=/'
}

# What happens inside before the first command: the host's certificates, then one package manager and no other.
cat >"$scratch/prepare" <<'INSIDE'
# shellcheck disable=SC2016,SC2086 # $runtime is none, one or two words; $1 is for the shell inside
set -eu
if [ -f /host-certificates.crt ]; then
  mkdir -p /etc/ssl/certs /usr/local/share/ca-certificates
  cp /host-certificates.crt /etc/ssl/certs/ca-certificates.crt
  cp /host-certificates.crt /usr/local/share/ca-certificates/host.crt # survives ca-certificates' own installation
fi
case $1 in
  pip) packages='python3-minimal python3-pip' ;;
  npm) packages='python3-venv npm' ;;
  *) packages= ;;
esac
if [ -n "$packages" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null
  # shellcheck disable=SC2086
  apt-get install -qq -y --no-install-recommends $packages >/dev/null 2>&1
  mv /usr/bin/apt-get /usr/bin/apt-get.away
fi
if command -v deno || command -v supervisord; then exit 1; fi
INSIDE

cat >"$scratch/first_command" <<'INSIDE'
# shellcheck disable=SC2016,SC2086 # $runtime is none, one or two words; $1 is for the shell inside
set -eu
scripts/run.sh python3 tests/fixtures/engine.py --port "$1" >/tmp/stdout 2>/tmp/stderr &
engine=$!
since=$(date +%s)
# Told to another place than stdout: a fresh machine has no curl, and python3 comes with the first start.
cat >/tmp/ask.py <<'PYTHON'
import json, sys, urllib.request
body = json.dumps({"prompt": "Hello", "max_tokens": 5, "stream": True}).encode()
url = "http://127.0.0.1:%s/v1/completions" % sys.argv[1]
text = urllib.request.urlopen(urllib.request.Request(url, body), timeout=10).read().decode()
assert text.count("data: {") == 5 and text.endswith("data: [DONE]\n\n"), text
PYTHON
until python3 /tmp/ask.py "$1" 2>/tmp/why; do
  if [ $(($(date +%s) - since)) -gt 600 ] || ! kill -0 "$engine" 2>/dev/null; then
    echo "no answer:"; tail -n 5 /tmp/why /tmp/stdout /tmp/stderr
    exit 1
  fi
  sleep 0.2
done
echo "answered $(($(date +%s) - since)) s after the command; stderr was:"
sed 's/^/  /' /tmp/stderr
kill -TERM "$engine"
code=0
wait "$engine" || code=$?
echo "exit code $code; stdout was:"
sed 's/^/  /' /tmp/stdout
[ "$code" = 0 ]
head -n 1 /tmp/stdout | grep -q '^Loading weights' # nothing of run.sh's own
for process in /proc/[0-9]*; do
  if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -Eq 'engine\.py|supervisord'; then
    echo "left behind: $process"
    exit 1
  fi
done
INSIDE

git clone --quiet --no-hardlinks "$root" "$scratch/clone"
settings >"$scratch/settings"
passed=0 failed=0
for manager; do
  set --
  while IFS= read -r option; do set -- "$@" "$option"; done <"$scratch/settings"
  container=$(podman $runtime run --detach --network host "$@" --volume "$scratch:/fresh:ro" "$image" sleep 3600)
  inside() { podman $runtime exec "$container" "$@"; }
  inside sh /fresh/prepare "$manager"
  inside cp -r /fresh/clone /srv/clone
  echo "=== with $manager: scripts/run.sh python3 tests/fixtures/engine.py"
  if inside sh -c 'cd /srv/clone && sh /fresh/first_command "$1"' sh "${PORT:-8080}"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  if [ -z "$command_only" ]; then
    echo "=== with $manager: scripts/test.sh"
    if inside sh -c 'cd /srv/clone && scripts/test.sh'; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
    fi
  fi
  podman $runtime rm -f -t 0 "$container" >/dev/null
  container=
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
