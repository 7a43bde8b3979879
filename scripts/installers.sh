# shellcheck shell=sh disable=SC2154 # $directory: the caller's, where logs may be written
# Installing with apt and from PyPI; sourced by set_up.sh and .ci/run. What it says goes to stderr.

INSTALL_SECS=600 # a registry that cannot be reached should fail long before
job=

say() { echo "standard-supervisor: $*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command within a time; what it prints is in $directory/log.$$. In the background, so that a signal ends it.
within() {
  timeout -k 10 "$@" >"$directory/log.$$" 2>&1 </dev/null &
  job=$!
  wait "$job"
}

# Shows what a command printed only if it fails.
quietly() {
  within "$INSTALL_SECS" "$@" && return 0
  tail -n 5 "$directory/log.$$" >&2
  return 1
}

apt_installs() {
  have apt-get && [ "$(id -u)" = 0 ] || return 1
  say "installing with apt: $*"
  export DEBIAN_FRONTEND=noninteractive
  [ -n "${apt_updated:-}" ] || quietly apt-get -o Acquire::Retries=1 update || return 1
  apt_updated=yes
  quietly apt-get -o Acquire::Retries=1 install -y --no-install-recommends "$@"
}

# Makes a virtual environment in $1 with packages from PyPI.
python_installs() {
  venv=$1
  shift
  say "installing from PyPI, privately: $*"
  if have python3 && quietly python3 -m venv "$venv" 2>/dev/null; then
    quietly "$venv/bin/python" -m pip install --retries 1 "$@" && return 0
  fi
  # Debian splits ensurepip off: an environment without pip, filled by the machine's pip.
  pip=$(python3 -c 'import os, pip; print(os.path.dirname(pip.__file__))' 2>/dev/null) && [ -n "$pip" ] &&
    quietly python3 -m venv --clear --without-pip "$venv" &&
    quietly "$venv/bin/python" "$pip" install --retries 1 "$@" && return 0
  have uv && quietly uv venv --clear "$venv" && quietly uv pip install --python "$venv/bin/python" "$@" && return 0
  rm -rf "$venv"
  return 1
}

can_python_install() {
  have uv || { have python3 && { python3 -c 'import ensurepip' || python3 -c 'import pip'; } 2>/dev/null; }
}
