#!/bin/sh
# Finds or installs what standard-supervisor runs on (deno, supervisord, its modules) and remembers it for
# machine.sh. Called by run.sh and test.sh when nothing that holds is remembered; all it says goes to stderr.
# What it installs is private, except where only apt works, which needs root.
set -u
exec >&2
root=$(cd -P -- "${0%/*}/.." && pwd -P)
# shellcheck source=scripts/machine.sh
. "$root/scripts/machine.sh"
# shellcheck source=scripts/installers.sh
. "$root/scripts/installers.sh"

DENO_AT_LEAST_MINOR=6 # of deno 2
MODULES_SECS=30       # a whole graph is a few hundred kilobytes

fail() {
  say "$*"
  exit 125
}

# The first place that can be written to becomes $directory.
choose_directory() {
  while IFS= read -r directory; do
    (umask 077 && mkdir -p "$directory" && : >"$directory/.writable") 2>/dev/null || continue
    rm -f "$directory/.writable"
    machine_owns "$directory" && return 0
  done <<PLACES
$(machine_directories)
PLACES
  return 1
}

# --- deno ------------------------------------------------------------------------------------------------------

# Prints the program behind $1 (npm's and pyenv's `deno` are wrappers, which would stand between us and signals),
# if it is new enough.
usable_deno() {
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#deno }
  minor=${version#*.}
  minor=${minor%%.*}
  case ${version%%.*}:$minor in
    2:*[!0-9]* | 2:) return 1 ;;
    2:*) [ "$minor" -ge "$DENO_AT_LEAST_MINOR" ] || return 1 ;;
    [3-9]:*) ;;
    *) return 1 ;;
  esac
  DENO_DIR="$directory/deno-dir" NO_COLOR=1 "$1" eval 'console.log(Deno.execPath())' 2>/dev/null
}

find_deno() {
  for candidate in "$(command -v deno)" "$directory"/deno-*/node_modules/.bin/deno "$directory"/deno-*/bin/deno \
    "${HOME:-}/.deno/bin/deno"; do
    [ -x "$candidate" ] && deno=$(usable_deno "$candidate") && [ -x "$deno" ] && return 0
  done
  return 1
}

npm_installs_deno() {
  have npm || return 1
  say "installing from npm, privately: deno"
  quietly env npm_config_cache="$directory/npm-cache" npm install --prefix "$directory/deno-npm.$$" \
    --no-fund --no-audit --no-update-notifier --fetch-retries=1 deno && find_deno && return 0
  rm -rf "$directory/deno-npm.$$"
  return 1
}

python_installs_deno() {
  can_python_install && python_installs "$directory/deno-pypi.$$" deno && find_deno
}

install_deno() {
  npm_installs_deno || python_installs_deno && return 0
  # Debian has no deno; its python3-venv is a tenth of its npm.
  apt_installs python3-venv && python_installs_deno && return 0
  apt_installs npm && npm_installs_deno
}

# --- supervisord -----------------------------------------------------------------------------------------------

find_supervisord() {
  supervisord_kind=path supervisord=$(command -v supervisord)
  [ -n "$supervisord" ] && "$supervisord" --version >/dev/null 2>&1 && return 0
  supervisord_kind=module supervisord=$(command -v python3)
  [ -n "$supervisord" ] && "$supervisord" -c 'import supervisor.supervisord' 2>/dev/null && return 0
  supervisord_kind=private
  for supervisord in "$directory"/supervisor.*/bin/supervisord; do
    [ -x "$supervisord" ] && "$supervisord" --version >/dev/null 2>&1 && return 0
  done
  # Told where it is, the command line needs none of ours.
  supervisord_kind=asked supervisord=
  [ -n "${SUPERVISORD_PATH:-}" ]
}

install_supervisord() {
  can_python_install && python_installs "$directory/supervisor.$$" supervisor && find_supervisord && return 0
  apt_installs supervisor && find_supervisord
}

# --- modules ---------------------------------------------------------------------------------------------------

# Caches modules and what they import; $1 is closed or open, the rest files and more options.
cache_modules() {
  [ "$1" = open ] || set -- "$@" "--import-map=$root/.ci/closed_network.json"
  shift
  within "$MODULES_SECS" "$deno" cache --quiet "$@"
}

choose_modules() {
  for modules in open closed; do
    cache_modules "$modules" "$root/cli.ts" "$root/src/cli/main.ts" && return 0
  done
  cat "$directory/log.$$"
  return 1
}

# ---------------------------------------------------------------------------------------------------------------

choose_directory || {
  say "cannot write anywhere: make one of HOME, XDG_CACHE_HOME, TMPDIR a writable directory"
  exit 125
}
trap 'rm -f "$directory/log.$$" "$directory/decision.$$"' EXIT
trap '[ -z "$job" ] || kill "$job"; rm -rf "$directory"/*".$$"; fail "interrupted"' HUP INT TERM

find_deno || install_deno ||
  fail "cannot find or install deno 2.$DENO_AT_LEAST_MINOR or later: install it (\`npm install -g deno\`, \`pip install deno\` or docs.deno.com) and call again"
find_supervisord || install_supervisord ||
  fail "cannot find or install supervisord: install it (\`apt install supervisor\` as root, or \`pip install supervisor\`) and call again"

deno_dir_asked=${DENO_DIR:-}
case $directory in
  "${machine_home:-none}"/*) ;;
  *) [ -n "$deno_dir_asked" ] || export DENO_DIR="$directory/deno-dir" ;; # deno's own place is not writable either
esac
export DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-mozilla,system}" # a closed network's own certificates count
choose_modules || fail "cannot load cli.ts with its modules: see above; they come from JSR, or else from npm"
# Those of the tests as well, for a later run without a network; what is wrong with them, test.sh shows.
cache_modules "$modules" "$root"/src/*/*_test.ts "$root"/tests/*_test.ts "$root"/tests/*/*_test.ts || true
deno_dir=$("$deno" info --json 2>/dev/null | sed -n 's/^ *"denoDir": "\(.*\)",$/\1/p')

{
  printf '%s\n' "$MACHINE_FORMAT" "$deno" "$deno_dir" "$deno_dir_asked" "$modules" "$supervisord_kind" "$supervisord" \
    >"$directory/decision.$$" && mv -f "$directory/decision.$$" "$directory/decision"
} || fail "cannot write $directory/decision"
