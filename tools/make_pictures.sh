#!/usr/bin/env bash
# Makes docs/pictures from the demonstration district: run `make demo` first. Needs pdftoppm.
set -euo pipefail
cd "$(dirname "$0")/.."
pdftoppm -r 100 -png -singlefile demo/results/2020Q4/cards/W1021.pdf docs/pictures/report-card
