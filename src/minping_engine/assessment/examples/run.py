"""Running a scheme's worked examples through the ordinary assessment.

In: a scheme's `examples/*.yaml`. Out: what was expected and what came out, line by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from minping_engine.assessment.examples.tables import example_ballots, example_period, example_tables
from minping_engine.assessment.examples.written import Example, read_example
from minping_engine.assessment.result import Result
from minping_engine.assessment.run import assess
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import SnapshotHead, open_snapshot, seal_snapshot

NOTHING = "no such value"


@dataclass(frozen=True)
class Line:
    """One expectation: who, what, expected and made."""

    example: str
    assessee: str
    name: str
    expected: Any
    made: Any

    @property
    def holds(self) -> bool:
        """Counts, states and grades exactly; points to as many decimals as were written."""
        if isinstance(self.expected, float) and isinstance(self.made, int | float):
            places = -int(Decimal(str(self.expected)).as_tuple().exponent)
            return abs(self.made - self.expected) <= 0.5 * 10.0**-places + 1e-12
        return bool(self.expected == self.made)


def run_examples(scheme: LoadedScheme, only: str | None = None) -> Iterator[Line]:
    """Run every example of the scheme, or one. Raises `SchemeError` for a broken example file."""
    for path in sorted((scheme.folder / "examples").glob("*.yaml")):
        if only is None or path.stem == only:
            yield from _run(path, read_example(path), scheme)


def example_result(example: Example, scheme: LoadedScheme, name: str) -> Result:
    """The ordinary result of an example's situation."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        period = example_period(example, scheme)
        head = SnapshotHead(period, scheme.scheme.period.kind.value, name, synthetic=True)
        parts = example_ballots(example, scheme, name)
        seal_snapshot(home / "snapshot", head, example_tables(example, scheme), parts)
        return assess(open_snapshot(home / "snapshot"), scheme, home / "out", scheduler_named("serial"))


def _run(path: Path, example: Example, scheme: LoadedScheme) -> Iterator[Line]:
    made = _made(example_result(example, scheme, path.name), scheme)
    for assessee, asked in example.assessees.items():
        for name, expected in asked.expect.items():
            yield Line(path.stem, assessee, name, expected, made.get(assessee, {}).get(name, NOTHING))


def _made(result: Result, scheme: LoadedScheme) -> dict[str, dict[str, Any]]:
    """All values by assessee and name: scores, indicators, measures, nodes, changes, outcome, uses."""
    made: dict[str, dict[str, Any]] = {}

    def put(table: str, name: str, value: str) -> None:
        for row in result[table].to_pylist():
            made.setdefault(row["assessee_id"], {})[row[name]] = row[value]

    for row in result["scores"].to_pylist():
        made.setdefault(row["assessee_id"], {}).update(row)
    put("indicators", "indicator", "points")
    for row in result["measures"].to_pylist():
        known = row["value"] if row["value"] is not None else row["exact"]
        made.setdefault(row["assessee_id"], {})[row["measure"]] = known if known is not None else row["state"]
    for row in result["nodes"].to_pylist():
        made.setdefault(row["assessee_id"], {})[row["node"]] = (
            row["points"] if row["points"] is not None else row["state"]
        )
    put("bonus_and_deductions", "adjustment", "points")
    for row in result["outcomes"].to_pylist():
        own = made.setdefault(row["assessee_id"], {})
        own.update({**row, **own} if not scheme.scheme.has_tree else row)
        own.update(json.loads(row["counts"]))
        own.update({use.id: "none" for use in scheme.scheme.use})
        own.update({change.id: own.get(change.id, 0) for change in scheme.scheme.adjustments})
    for row in result["proposals"].to_pylist():
        made[row["assessee_id"]][row["use"]] = "proposed" if row["fen"] is None else row["fen"]
    return made
