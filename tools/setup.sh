#!/usr/bin/env bash
# Makes .venv from a hash-only lock: `tools/setup.sh engine`, `web` (engine and product) or `dev` (all of it, and
# the tests' tools); each adds to the same .venv and serves those before it. And .venv-bench,
# with the peers that are measured, from `tools/setup.sh bench`; and .venv-spark, the engine with pyspark,
# from `tools/setup.sh spark`. Done once per lock (stamp inside).
# Uses uv where it is there, else pip; both take the same file.
set -euo pipefail
cd "$(dirname "$0")/.."
lock="requirements/$1.lock"
wanted_of() { cat "requirements/$1.lock" pyproject.toml tools/setup.sh | sha256sum | cut -d' ' -f1; }
wanted=$(wanted_of "$1")
venv=.venv
case "$1" in bench | spark) venv=".venv-$1" ;; esac

# An environment that holds more serves as well.
case "$1" in
  engine) enough="engine web dev" ;;
  web) enough="web dev" ;;
  *) enough="$1" ;;
esac
for made in $enough; do
  stamp="$venv/.made-from-$made"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted_of "$made")" ]; then exit 0; fi
done
stamp="$venv/.made-from-$1"
python=${PYTHON:-python3}
"$python" - <<'PY' || { echo "Python 3.11 or newer is needed (set PYTHON=... to name it)" >&2; exit 1; }
import sys
sys.exit(sys.version_info < (3, 11))
PY
# Debian's python3 without python3-venv leaves half an environment behind: interpreter, but no pip.
if [ ! -f $venv/pyvenv.cfg ] || ! $venv/bin/python -m pip --version >/dev/null 2>&1; then
  rm -rf $venv
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  fi
  "$python" -m venv $venv || {
    rm -rf $venv; echo "python3 -m venv failed; on Debian: sudo apt-get install python3-venv" >&2; exit 1; }
fi
echo "setting up $venv from $lock ..."
if command -v uv >/dev/null 2>&1; then
  uv pip install --quiet --python $venv/bin/python --require-hashes -r "$lock"
else
  $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
fi
$venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
echo "$wanted" > "$stamp"
