"""One database, in a process of its own: `python -m bench.product.job DATABASE OUT UNITS PAGE_RUNS`.

Makes a deployment, seeds it, measures, writes the figures as JSON and removes the deployment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.product.entries import measure_ledger
from bench.product.imports import measure_import
from bench.product.meter import Figure, figure
from bench.product.pages import crowd, measure_pages, measure_scope
from bench.product.world import deployment, seed

IMPORT_RUNS, LEDGER_RUNS, ENTRIES = 1, 3, 100_000
ROWS_A_PAGE, OFFERED = 50, 10_000
"""Lists of units offer that many rows; the page behind the last of them is the deepest."""

Parts = dict[str, list[dict[str, Any]]]


def measure(folder: Path, units: int, runs: int) -> Parts:
    """All parts, in the order in which a deployment lives."""
    seeding = [figure("seed the demonstration", lambda: seed(units))]
    crowd()
    imported, frame = measure_import(folder, units, IMPORT_RUNS)
    _tidy_up()
    deep = min(units, OFFERED) // ROWS_A_PAGE
    pages = _said("pages", lambda: [*measure_pages(frame, deep, runs), *measure_scope(runs)])
    ledger = _said("ledger", lambda: measure_ledger(folder, ENTRIES, LEDGER_RUNS))
    made = {"import": [*seeding, *imported], "pages": pages, "ledger": ledger}
    return {part: [asdict(one) for one in figures] for part, figures in made.items()}


def _said(what: str, measured: Callable[[], list[Figure]]) -> list[Figure]:
    print(f"measuring {what} ...", flush=True)
    return measured()


def _tidy_up() -> None:
    """Bring the planner's statistics up to date, as a database does by itself within minutes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> None:
    """Measure as the command line asks."""
    database, out, units, runs = sys.argv[1:5]
    with deployment(database) as folder:
        made = measure(folder, int(units), int(runs))
    Path(out).write_text(json.dumps(made), "utf-8")


if __name__ == "__main__":
    main()
