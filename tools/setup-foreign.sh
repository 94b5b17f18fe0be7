#!/usr/bin/env bash
# Verifiers that others wrote (tests/deep/foreign): the npm package into .venv-foreign, by version and hash. Done once
# per lock. Go's packages come from Debian: tools/system-packages.sh foreign.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=tests/deep/foreign/package-lock.json
wanted=$(sha256sum "$lock" | cut -d' ' -f1)
made=.venv-foreign
if [ -f "$made/.made-from" ] && [ "$(cat "$made/.made-from")" = "$wanted" ]; then exit 0; fi
echo "setting up $made from $lock ..."
rm -rf "$made" && mkdir -p "$made"
cp tests/deep/foreign/package.json "$lock" "$made/"
timeout 300 npm --prefix "$made" ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-timeout=30000
echo "$wanted" > "$made/.made-from"
