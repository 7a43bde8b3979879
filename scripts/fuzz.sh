#!/bin/sh
# Random cases against every supervisord of TEST_SUPERVISORDS: scripts/fuzz.sh [CASES], 10,000 by default.
# FUZZ_SEED repeats a run that failed.
set -eu
cd "$(dirname "$0")/.."
FUZZ_CASES="${1:-10000}"
export FUZZ_CASES
# shellcheck disable=SC2086 # DENO_IMPORTS is an option or nothing
exec deno test ${DENO_IMPORTS:-} -A tests/configuration/command_real_parser_test.ts \
  tests/configuration/environment_real_parser_test.ts tests/configuration/options_real_parser_test.ts \
  tests/configuration/variables_real_parser_test.ts
