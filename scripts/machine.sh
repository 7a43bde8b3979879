# shellcheck shell=sh disable=SC2034,SC2154 # variables that the other file reads or sets
# What is remembered about this machine: sourced by run.sh, test.sh and set_up.sh, which set `root` before.
# Forks nothing on the way that every start takes.

# What set_up.sh decided, one value a line; a change of this list is a new first line.
MACHINE_FORMAT='standard-supervisor machine 2'

# The user's own cache directory, empty where there is none.
machine_home=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}

# Prints the places where the decision and private installations may be, best first, one a line.
machine_directories() {
  [ -z "$machine_home" ] || printf '%s\n' "$machine_home/standard-supervisor"
  printf '%s\n' "$root/.cache/standard-supervisor" "${TMPDIR:-/tmp}/standard-supervisor-$(id -u)"
}

# Whether directory $1 is ours alone: in a place that everybody may write to, nothing else is believed.
machine_owns() {
  [ -n "$(find "$1" -prune -type d -user "$(id -u)" ! -perm -020 ! -perm -002 2>/dev/null)" ]
}

# Reads the decision in directory $1 into variables; fails where there is none or it no longer holds.
machine_read() {
  decision=$1/decision
  [ -r "$decision" ] || return 1
  {
    read -r format && IFS= read -r deno && IFS= read -r deno_dir && IFS= read -r deno_dir_asked &&
      read -r modules && read -r supervisord_kind && IFS= read -r supervisord
  } <"$decision" || return 1
  [ "$format" = "$MACHINE_FORMAT" ] && [ -x "$deno" ] && [ -d "$deno_dir" ] || return 1
  [ "${DENO_DIR:-}" = "$deno_dir_asked" ] || [ "${DENO_DIR:-}" = "$deno_dir" ] || return 1
  # Newer than the decision: another version was installed, or other modules are needed.
  for file in "$deno" "$root/deno.json" "$root/.ci/closed_network.json"; do
    # shellcheck disable=SC3013 # -nt: dash, bash and busybox have it; POSIX has since 2024
    [ "$file" -nt "$decision" ] && return 1
  done
  [ -n "${SUPERVISORD_PATH:-}" ] && return 0
  case $supervisord_kind in
    private) [ -x "$supervisord" ] ;;
    path) [ "$(command -v supervisord)" = "$supervisord" ] && [ -x "$supervisord" ] ;;
    module) [ "$(command -v python3)" = "$supervisord" ] && [ -x "$supervisord" ] ;;
    *) return 1 ;;
  esac
}

# Finds a decision that holds, in any of the places.
machine_recall() {
  [ -n "$machine_home" ] && machine_read "$machine_home/standard-supervisor" && return 0
  machine_read "$root/.cache/standard-supervisor" && return 0
  machine_shared=${TMPDIR:-/tmp}/standard-supervisor-$(id -u)
  machine_owns "$machine_shared" && machine_read "$machine_shared"
}

# Exports what tests are run with, after machine_prepare: the import map in DENO_IMPORTS, which supervisord.
machine_prepare_tests() {
  export DENO_NO_PROMPT=1 NO_COLOR=1 DENO_NO_UPDATE_CHECK=1 DENO_IMPORTS=
  export DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-mozilla,system}"
  [ "$modules" = open ] || DENO_IMPORTS=--import-map=.ci/closed_network.json
  case $supervisord_kind in
    path | private) export TEST_SUPERVISORDS="${TEST_SUPERVISORDS:-$supervisord}" ;;
  esac
  PATH=$PATH:${deno%/*} # only where there is no other
  command -v python3 >/dev/null || PATH=$PATH:${supervisord%/*}
}

# Recalls or makes the decision, then exports what deno and the command line are to find.
machine_prepare() {
  if ! machine_recall; then
    sh "$root/scripts/set_up.sh" >&2 || exit
    machine_recall || {
      echo "${0##*/}: cannot use what scripts/set_up.sh has just set up" >&2
      exit 125
    }
  fi
  case $deno_dir in
    */standard-supervisor*/deno-dir) export DENO_DIR="$deno_dir" ;;
  esac
  if [ "$supervisord_kind" = private ] && [ -z "${SUPERVISORD_PATH:-}" ]; then
    export SUPERVISORD_PATH="$supervisord"
  fi
}
