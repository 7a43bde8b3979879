#!/bin/sh
# Passes the tests, or says what fails: formatting, lint, types, unit tests without any permission, process tests
# against real supervisord. Installs what is missing the first time. The last line is `N passed, N failed`, with
# `, N skipped` where any; a step that is no test counts only when it fails. TEST_SUPERVISORDS=PATH:PATH chooses.
# TEST_PROGRAM=dist/standard-supervisor runs the process tests alone, against that executable (scripts/build.sh);
# arguments choose their files and directories.
set -u
case $0 in
  */*) here=${0%/*} ;;
  *) here=. ;;
esac
if [ -h "$0" ]; then here=$(dirname "$(readlink -f "$0")"); fi
root=$(cd -P -- "$here/.." && pwd -P)
# shellcheck source=scripts/machine.sh
. "$root/scripts/machine.sh"
machine_prepare
cd "$root" || exit
machine_prepare_tests

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
passed=0 failed=0 ignored=0

# Runs a step as it is, its output shown and kept in $scratch/output.
step() {
  name=$1
  shift
  echo "--- $name" >&2
  { "$@" 2>&1 </dev/null && echo 0 >"$scratch/status" || echo "$?" >"$scratch/status"; } | tee "$scratch/output"
  read -r status <"$scratch/status"
  [ "$status" = 0 ] || echo "--- $name: failed with $status" >&2
  return "$status"
}

# A step that is no test.
check() {
  step "$@" || failed=$((failed + 1))
}

# Adds deno's own counts: `ok | 5 passed (2 steps) | 0 failed | 1 ignored (3s)`.
count() {
  sed -n 's/^[A-Za-z]* | [0-9]* passed.*/&/p' "$scratch/output" |
    awk -v word="$1" -F '|' '{ for (i = 1; i <= NF; i++) if ($i ~ " " word) { split($i, part, " "); sum += part[1] } }
      END { print sum + 0 }'
}
tests() {
  status=0
  step "$@" || status=$?
  failures=$(count failed)
  [ "$status" = 0 ] || [ "$failures" -gt 0 ] || failures=1
  passed=$((passed + $(count passed)))
  failed=$((failed + failures))
  ignored=$((ignored + $(count ignored)))
  sed -n 's/^ *//; s/ \.\.\. ignored.*//p' "$scratch/output" >>"$scratch/skipped"
}

if [ -z "${TEST_PROGRAM:-}" ] && [ $# = 0 ]; then
  check "format" "$deno" fmt --check
  check "lint" "$deno" lint
  check "types" "$deno" task --quiet check
  tests "unit tests, no permissions" "$deno" task --quiet test
fi
[ $# -gt 0 ] || set -- tests/
export DENO_JOBS="${DENO_JOBS:-4}"
# shellcheck disable=SC2086 # no word where there is no import map
tests "process tests${TEST_PROGRAM:+ against $TEST_PROGRAM}" "$deno" test --parallel $DENO_IMPORTS -A "$@"

if [ "$ignored" -gt 0 ]; then
  echo "Skipped:"
  sed 's/^/  /' "$scratch/skipped"
fi
if [ $((passed + failed)) -eq 0 ]; then
  echo "No test was run"
  failed=1
fi
summary="$passed passed, $failed failed"
[ "$ignored" -eq 0 ] || summary="$summary, $ignored skipped"
echo "$summary"
[ "$failed" -eq 0 ]
