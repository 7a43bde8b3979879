#!/bin/sh
# How much of src/ the tests run, the program's own processes among them: scripts/coverage.sh [--min PERCENT] [TESTS…].
# Writes coverage/lcov.info and coverage/table.txt; the last line is the total. Fails below 95 % of the lines, and
# where a test fails. TESTS choose process tests; all by default, which takes six minutes on two cores.
# A process that is killed by SIGKILL, or replaced by its engine, writes nothing, and neither does an executable.
set -u
here=$(dirname "$(readlink -f "$0")")
root=$(cd -P -- "$here/.." && pwd -P)
# shellcheck source=scripts/machine.sh
. "$root/scripts/machine.sh"
machine_prepare
cd "$root" || exit

least=95
if [ "${1:-}" = --min ]; then
  least=${2:?--min needs a number}
  shift 2
fi
[ $# -gt 0 ] || set -- tests/
machine_prepare_tests

# Every process writes a file for each module that it has loaded, a process of another user too.
DENO_COVERAGE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/coverage.XXXXXX") || exit
export DENO_COVERAGE_DIR
trap 'rm -rf "$DENO_COVERAGE_DIR"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 1777 "$DENO_COVERAGE_DIR"

failed=0
run_tests() {
  # shellcheck disable=SC2086 # no word where there is no import map
  "$deno" test --quiet --no-check --coverage="$DENO_COVERAGE_DIR" --coverage-raw-data-only $DENO_IMPORTS "$@" \
    </dev/null || failed=1
}
run_tests --doc src/
export DENO_JOBS="${DENO_JOBS:-4}"
run_tests --parallel -A "$@"

mkdir -p coverage
report() {
  "$deno" coverage --include="^file://$root/src/" --exclude='_test\.ts$' "$@" "$DENO_COVERAGE_DIR"
}
report --lcov --output=coverage/lcov.info >/dev/null && report >coverage/table.txt || exit
cat coverage/table.txt
[ "$failed" = 0 ] || echo "A test has failed" >&2
# A file that nothing loads is in no report; one of types alone has nothing to run.
for file in $(find src -name '*.ts' ! -name '*_test.ts' | sort); do
  grep -q "^SF:.*/$file$" coverage/lcov.info && continue
  grep -Eq '^(export )?(default |abstract |async )?(const|let|function|class) ' "$file" || continue
  [ $# -gt 1 ] || [ "$1" != tests/ ] || failed=1
  echo "No test has loaded $file" >&2
done
awk -F '[:,]' -v least="$least" -v failed="$failed" '
  /^LF:/ { lines += $2 }
  /^LH:/ { run += $2 }
  END {
    if (lines == 0) exit 1
    share = 100 * run / lines
    printf "%.1f %% of %d lines were run, at least %s %% must be\n", share, lines, least
    exit share < least || failed
  }' coverage/lcov.info
