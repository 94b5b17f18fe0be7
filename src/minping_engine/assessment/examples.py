"""Worked examples of a scheme: a situation, the expected score, the clause it shows.

An official writes them in YAML with the answers' labels (style.md 7); here they run through the
ordinary assessment on a snapshot made for the purpose. In: a scheme's `examples/*.yaml`. Out:
what was expected and what came out, line by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from minping_engine.assessment.run import assess
from minping_engine.errors import Place, Problem, SchemeError
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import Bilingual, Item, LoadedScheme
from minping_engine.snapshot import (
    TABLES,
    BallotPart,
    SnapshotHead,
    arrow_schema,
    open_snapshot,
    seal_snapshot,
)
from minping_engine.terms import Mode

_BY_NAME = {table.name: table for table in TABLES}
_DISTRICT = "000000"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Part):
    """`count` equal ballots: answers by item as labels; an item left out was not answered."""

    count: int = Field(ge=1)
    answers: dict[str, str]
    mode: str = "visit"


class Assessed(_Part):
    """One assessee of the example and what must come out (only what is written is compared)."""

    ballots: tuple[Group, ...] = ()
    eligible: int | None = None
    expect: dict[str, Any]


class Example(_Part):
    """A worked example."""

    title: Bilingual
    shows: tuple[str, ...]
    why: Bilingual
    assessees: dict[str, Assessed]


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
        if isinstance(self.expected, float) and isinstance(self.made, float):
            places = -int(Decimal(str(self.expected)).as_tuple().exponent)
            return abs(self.made - self.expected) <= 0.5 * 10.0**-places + 1e-12
        return bool(self.expected == self.made)


def run_examples(scheme: LoadedScheme) -> Iterator[Line]:
    """Run every example of the scheme. Raises `SchemeError` for a broken example file."""
    for path in sorted((scheme.folder / "examples").glob("*.yaml")):
        yield from _run(path, _read(path), scheme)


def _read(path: Path) -> Example:
    try:
        return Example.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        raise SchemeError(
            Problem(
                "scheme.invalid",
                Place(file=path.name, key=".".join(map(str, fault["loc"]))),
                {"reason": fault["msg"]},
            )
            for fault in error.errors(include_url=False)
        ) from error


def _run(path: Path, example: Example, scheme: LoadedScheme) -> Iterator[Line]:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        head = SnapshotHead(period="2020Q4", period_kind="quarter", source=path.name, synthetic=True)
        part = BallotPart(scheme.scheme.instrument.key, _DISTRICT, _ballots(path, example, scheme))
        seal_snapshot(home / "snapshot", head, _tables(example, scheme), [part])
        result = assess(open_snapshot(home / "snapshot"), scheme, home / "out", scheduler_named("serial"))
    made = {row["assessee_id"]: row for row in result["scores"].to_pylist()}
    for row in result["indicators"].to_pylist():
        made[row["assessee_id"]][row["indicator"]] = row["points"]
    for assessee, asked in example.assessees.items():
        for name, expected in asked.expect.items():
            yield Line(path.stem, assessee, name, expected, made[assessee].get(name, "no such value"))


def _code(item: Item, label: str, place: Place) -> int:
    for answer in item.answers:
        if label in (answer.label.zh, answer.label.en, str(answer.code)):
            return answer.code
    known = ", ".join(answer.label.zh for answer in item.answers)
    raise SchemeError.of("scheme.unknown_label", place, label=label, known=known)


def _ballots(path: Path, example: Example, scheme: LoadedScheme) -> pa.Table:
    items = {item.id: item for item in scheme.scheme.instrument.items}
    rows: list[dict[str, Any]] = []
    for target, (assessee, asked) in enumerate(example.assessees.items()):
        for group in asked.ballots:
            codes = {
                f"item_{item}": _code(items[item], label, Place(file=path.name, key=f"{assessee}.{item}"))
                for item, label in group.answers.items()
            }
            ballot = {"target": target, "stratum": 0, "mode": Mode[group.mode.upper()].value, "randomised": 0}
            rows += [{**ballot, **codes} for _ in range(group.count)]
    schema = arrow_schema(_BY_NAME["ballots"], [f"item_{item}" for item in items])
    return pa.Table.from_pylist(
        [{"ballot_id": number, **row} for number, row in enumerate(rows)], schema=schema
    )


def _tables(example: Example, scheme: LoadedScheme) -> dict[str, pa.Table]:
    people = list(enumerate(example.assessees.items()))
    kind = scheme.scheme.assessee_kind.value
    district = {"area_id": _DISTRICT, "parent_id": None, "level": "district", "name": "例"}
    rows: dict[str, list[dict[str, Any]]] = {
        "areas": [district]
        + [
            {"area_id": f"A{target}", "parent_id": _DISTRICT, "level": "responsibility_area", "name": name}
            for target, (name, _) in people
        ],
        "assessees": [
            {"assessee_id": name, "kind": kind, "name": name, "area_id": _DISTRICT} for _, (name, _) in people
        ],
        "targets": [{"target": target, "area_id": f"A{target}", "subject": kind} for target, _ in people],
        "postings": [
            {"target": target, "assessee_id": name, "from_day": date(2020, 10, 1), "share": 1000}
            for target, (name, _) in people
        ],
        "item_codes": [
            {
                "instrument": scheme.scheme.instrument.key,
                "item": item.id,
                "code": answer.code,
                "label": answer.label.zh,
                "wording": item.text.zh,
            }
            for item in scheme.scheme.instrument.items
            for answer in item.answers
        ],
        "sample": [
            {"target": target, "stratum": 0, "eligible": asked.eligible, "drawn": asked.eligible}
            for target, (_, asked) in people
            if asked.eligible is not None
        ],
    }
    return {
        name: pa.Table.from_pylist(lines, schema=arrow_schema(_BY_NAME[name])) for name, lines in rows.items()
    }
