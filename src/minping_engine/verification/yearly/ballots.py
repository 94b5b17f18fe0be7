"""Ballots of a count: the root of each area made again from the sealed ballots, as the log promised it.

In: the snapshot that the record of a count names. Its manifest holds the key of the leaves' salts, so whoever
has the snapshot makes every leaf; a year without snapshots cannot be asked (docs/method/ledger.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.errors import MinpingError
from minping_engine.snapshot import Snapshot, open_snapshot, read_parquet
from minping_engine.terms import Mode
from minping_engine.verification.roots import ballot_roots
from minping_engine.verification.yearly.found import Found
from minping_engine.verification.yearly.layout import SNAPSHOTS
from minping_engine.verification.yearly.records import Opened

Parts = list[tuple[str, pa.Table]]


def check_ballots(folder: Path, opened: Opened) -> Found:
    """Roots and numbers of every area; what is wrong with the files themselves is told elsewhere."""
    found, name = Found(), f"{SNAPSHOTS}/{opened.record['snapshot_sha256']}"
    areas = {str(area["area"]): area for area in opened.record["areas"]}
    try:
        snapshot = open_snapshot(folder / name, verify=False)
        salt = bytes.fromhex(snapshot.manifest["import_rule"]["ballot_salt"])
        parts = [(part.instrument, read_parquet(part.path)) for part in snapshot.parts]
    except MinpingError:
        return found
    except (KeyError, TypeError, ValueError):
        found.add("year.ballots_unsalted", f"{name}/snapshot.json", key="import_rule.ballot_salt")
        return found
    found.count("ballot roots", len(areas))
    for code in _differing(snapshot, parts, salt, areas):
        found.add("year.ballots_differ", name, key=code, area=code)
    return found


def _differing(
    snapshot: Snapshot, parts: Parts, salt: bytes, areas: Mapping[str, Mapping[str, Any]]
) -> Iterable[str]:
    """Areas whose ballots give another root or another number, those that the record does not name too."""
    codes = {row["target"]: row["area_id"] for row in snapshot.table("targets").to_pylist()}
    roots = {codes.get(target, str(target)): one.hex() for target, one in ballot_roots(parts, salt).items()}
    asked = _asked(parts, codes)
    for code in sorted(areas.keys() | roots.keys()):
        area = areas.get(code, {"ballots_root": "", "ballots": 0, "withheld": 0})
        is_as_stated = roots.get(code, "") == area["ballots_root"]
        if not is_as_stated or asked[code] != area["ballots"] - area["withheld"]:
            yield code


def _asked(parts: Parts, codes: Mapping[int, str]) -> Counter[str]:
    """Ballots of invited households by area: answers to the open link have roots and are not of the count."""
    found: Counter[str] = Counter()
    for _instrument, table in parts:
        mine = table["target"].filter(pc.not_equal(table["mode"], Mode.OPEN_ONLINE.value))
        for row in pc.value_counts(mine).to_pylist():
            found[codes.get(row["values"], str(row["values"]))] += row["counts"]
    return found
