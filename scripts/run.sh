#!/bin/sh
# Runs standard-supervisor from this checkout: run.sh COMMAND [ARG…]. Installs what is missing the first time.
# Everything it says itself goes to stderr; deno replaces it, so signals and the exit code pass straight through.
set -eu
self=$0
while [ -h "$self" ]; do # as a symbolic link from anywhere
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=${self%/*}/$link ;;
  esac
done
case $self in
  */*) root=$(cd -P -- "${self%/*}/.." && pwd -P) ;;
  *) root=$(cd -P .. && pwd -P) ;;
esac
# shellcheck source=scripts/machine.sh
. "$root/scripts/machine.sh"
machine_prepare
set -- -A "$root/cli.ts" "$@"
[ "$modules" = open ] || set -- "--import-map=$root/.ci/closed_network.json" "$@"
exec "$deno" run "$@"
