#!/usr/bin/env bash
# Refreshes requirements/*.lock: hashes only, no address of any package host, for pip or uv.
set -euo pipefail
cd "$(dirname "$0")/.."
for pair in "engine:--group build" "web:--group build --extra web --extra postgres --extra anchors" "dev:--group dev --extra web --extra postgres --extra anchors" "bench:--group bench" "spark:--group build --extra spark"; do
  # shellcheck disable=SC2086  # the options are words
  uv pip compile pyproject.toml ${pair#*:} --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o "requirements/${pair%%:*}.lock" "$@"
done
