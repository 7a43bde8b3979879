#!/bin/sh
# Makes dist/: the executable standard-supervisor for this machine (generate-supervisor-config is a link to it),
# standard-supervisor-linux-amd64 and -arm64, their checksums and sbom.cdx.json. An architecture that cannot be built
# here is named in one line; exit code 77 where this machine's own cannot be, 1 where anything else fails.
# DENO_COMPILE and DENORT_BIN name another deno and its runtime for this machine's architecture.
set -eu
case $0 in
  */*) here=${0%/*} ;;
  *) here=. ;;
esac
if [ -h "$0" ]; then here=$(dirname "$(readlink -f "$0")"); fi
root=$(cd -P -- "$here/.." && pwd -P)
# shellcheck source=scripts/machine.sh
. "$root/scripts/machine.sh"
machine_prepare
cd "$root"
say() { echo "${0##*/}: $*" >&2; }

export NO_COLOR=1 DENO_NO_UPDATE_CHECK=1 DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-mozilla,system}"
imports=
[ "$modules" = open ] || imports=--import-map=.ci/closed_network.json
# Where Deno's own runtime cannot be downloaded, this may know another one.
if [ "$modules" = closed ] && [ -z "${DENO_COMPILE:-}" ] && [ -x ../shared/tools/denort ]; then
  assignments=$(../shared/tools/denort) && eval "$assignments" && export DENORT_BIN
fi
compiler=${DENO_COMPILE:-$deno}

case $(uname -m) in
  x86_64) own=amd64 ;;
  aarch64) own=arm64 ;;
  *)
    say "cannot compile for $(uname -m): Deno's runtime is there for x86-64 and arm64 only"
    exit 77
    ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
part=$scratch/program
mkdir -p "$part" dist

# --- the program: bundled, what is loaded later in files of its own ------------------------------------------------

# shellcheck disable=SC2086 # no word where there is no import map
if ! "$deno" bundle --quiet $imports --platform deno --code-splitting --outdir "$part" cli.ts >"$scratch/bundle" 2>&1
then
  say "cannot bundle: $(grep -m 1 ' url (' "$scratch/bundle" || head -n 1 "$scratch/bundle")"
  exit 77
fi
cp LICENSE "$part/"

# --- supervisord: the wheel as published, checked by its hash ------------------------------------------------------

# Downloads it with the pip of a Python.
download_wheel() {
  "$1" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    --dest "$scratch" --requirement scripts/supervisor_wheel.txt >"$scratch/pip" 2>&1
}
# Debian's python3 has no pip, but may make an environment that has one.
download_wheel python3 ||
  { python3 -m venv "$scratch/venv" >"$scratch/pip" 2>&1 && download_wheel "$scratch/venv/bin/python"; } || {
  say "cannot download supervisord's wheel with python3 -m pip: $(tail -n 1 "$scratch/pip")"
  exit 1
}
python3 -m zipfile -e "$scratch"/supervisor-*.whl "$scratch/wheel"
rm -rf "$scratch/wheel/supervisor/tests"
mkdir "$part/supervisord"
mv "$scratch/wheel/supervisor" "$part/supervisord/supervisor"
cp "$scratch"/wheel/supervisor-*.dist-info/LICENSES.txt "$part/supervisord/LICENSES.txt"

# Times of files get into the executable too: the same sources make the same bytes.
find "$part" -exec touch -d "@${SOURCE_DATE_EPOCH:-0}" {} +

# --- the executables -----------------------------------------------------------------------------------------------

# Compiles for an architecture of Docker's. No code cache: it would be a file in TMPDIR, which a new container lacks.
# V8 without the compilers that pay off in long calculations: 19 to 21 MiB of anonymous memory under load in place of
# 21 to 30. (--lite-mode saves as much, and then a log's explanation takes three times as long.) A young generation of
# 1 MiB: after two minutes of faults 21.4 in place of 22.6.
# From within, so that no path of this machine's gets into it.
compile_for() {
  case $1 in
    amd64) target=x86_64-unknown-linux-gnu ;;
    arm64) target=aarch64-unknown-linux-gnu ;;
  esac
  set -- "$1" compile --quiet --no-check --no-config --allow-all --no-code-cache \
    --v8-flags=--optimize-for-size,--no-opt,--no-maglev,--no-sparkplug,--max-semi-space-size=1 \
    --target "$target" --include . \
    --output "$root/dist/standard-supervisor-linux-$1" cli.js
  architecture=$1
  shift
  (
    cd "$part"
    # Another runtime that was named is this machine's.
    [ "$architecture" = "$own" ] || unset DENORT_BIN
    "$compiler" "$@"
  ) >"$scratch/compile" 2>&1
}

# The line that tells why compiling failed: what could not be downloaded, else the first.
find_cause() {
  grep -m 1 ' url (' "$scratch/compile" || head -n 1 "$scratch/compile"
}

rm -f dist/standard-supervisor* dist/generate-supervisor-config dist/sbom.cdx.json dist/SHA256SUMS
for architecture in amd64 arm64; do
  if ! compile_for "$architecture"; then
    say "cannot compile for $architecture: $(find_cause)"
    [ "$architecture" != "$own" ] || exit 77
  fi
done
ln dist/standard-supervisor-linux-$own dist/standard-supervisor
ln -s standard-supervisor dist/generate-supervisor-config

# --- what is in them -----------------------------------------------------------------------------------------------

# shellcheck disable=SC2086
"$deno" info --json $imports cli.ts |
  "$deno" run --quiet --no-check --allow-read=deno.json,scripts/supervisor_wheel.txt scripts/write_sbom.ts \
    "$(dist/standard-supervisor --version | sed 's/.*(Deno \(.*\))/\1/')" >dist/sbom.cdx.json
(cd dist && sha256sum standard-supervisor-linux-* sbom.cdx.json >SHA256SUMS)
(cd dist && set -- * && say "made $*")
