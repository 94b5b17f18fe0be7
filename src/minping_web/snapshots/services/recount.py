"""The second process: read a sealed folder from its files alone, check it, count it again.

Run as `python -m minping_web.snapshots.services.recount FOLDER`; no database, no keys, no Django. It prints
JSON: the hash, problems of the contract, ballots and sums of answer codes by target, roots by target. The
closing job compares that with what it counted when the ballots were opened.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.errors import Severity
from minping_engine.snapshot import check_snapshot, open_snapshot, read_parquet
from minping_engine.terms import Mode
from minping_engine.verification import ballot_roots


def recount(folder: Path) -> dict[str, Any]:
    """What is in the folder, as plain JSON."""
    problems = [problem.code for problem in check_snapshot(folder) if problem.severity == Severity.ERROR]
    snapshot = open_snapshot(folder)
    parts = [(part.instrument, read_parquet(part.path)) for part in snapshot.parts]
    salt = bytes.fromhex(snapshot.manifest["import_rule"]["ballot_salt"])
    return {"sha256": snapshot.sha256, "problems": sorted(set(problems)),
            "comments": snapshot.table("comments").num_rows, **tally(parts, salt)}  # fmt: skip


def tally(parts: list[tuple[str, pa.Table]], salt: bytes) -> dict[str, Any]:
    """Counts, sums and roots of ballot tables; keys are texts, as JSON has them."""
    asked: Counter[str] = Counter()
    online: Counter[str] = Counter()
    sums: dict[str, dict[str, int]] = {}
    for instrument, table in parts:
        is_open = pc.equal(table["mode"], Mode.OPEN_ONLINE.value)
        asked.update(_counts(table["target"].filter(pc.invert(is_open))))
        online.update(_counts(table["target"].filter(is_open)))
        items = [name for name in table.column_names if name.startswith("item_")]
        sums[instrument] = {name: pc.sum(table[name]).as_py() or 0 for name in items}
    roots = {str(target): root.hex() for target, root in ballot_roots(parts, salt).items()}
    return {"ballots": dict(asked), "open": dict(online), "sums": sums, "roots": roots}


def _counts(targets: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(targets)
    return {str(one["values"]): one["counts"] for one in counted.to_pylist()}


if __name__ == "__main__":
    json.dump(recount(Path(sys.argv[1])), sys.stdout)
