"""What was brought -> tables of the snapshot. Raters get new random numbers, which are kept nowhere else."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from minping_engine.snapshot import TABLES, Snapshot, arrow_schema, open_snapshot
from minping_engine.terms import year_of
from minping_web.appraisals.models import EvidenceValue, Finding, RaterCall
from minping_web.appraisals.rules.numbers import MILLI
from minping_web.appraisals.rules.words import ValueTable
from minping_web.appraisals.selectors.evidence import asked_of, counting_book, first_snapshot
from minping_web.appraisals.selectors.raters import handed_in
from minping_web.appraisals.services.books import tables_of
from minping_web.appraisals.services.reading import owners
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.selectors.register import folder_of

Rows = list[dict[str, Any]]
RATER_BITS = 62
SCHEMAS = {table.name: arrow_schema(table) for table in TABLES}


def evidence_tables(found: SurveyRound, opened: Snapshot) -> dict[str, pa.Table]:
    """All tables with rows; only about those whom the snapshot knows."""
    known = frozenset(opened.table("assessees")["assessee_id"].to_pylist())
    book = counting_book(found)
    brought = tables_of(book) if book else {}
    made: dict[str, Rows] = {
        "appraisals": [*_marks(found), *_renumbered(brought.get("appraisals"))],
        "facts": list(_facts(found)),
        "costs": list(_costs(found)),
        "visits": list(_visits(found, opened)),
        "cases": brought["cases"].to_pylist() if "cases" in brought else [],
    }
    of_known = {
        name: [row for row in rows if name == "visits" or row["assessee_id"] in known]
        for name, rows in made.items()
    }
    emptied = _brought_before(found, opened)
    return {
        name: pa.Table.from_pylist(rows, SCHEMAS[name])
        for name, rows in of_known.items()
        if rows or name in emptied
    }


def _brought_before(found: SurveyRound, opened: Snapshot) -> set[str]:
    """Tables of an earlier closing: without rows they are emptied, else what was taken back would stay."""
    base = first_snapshot(found.pk)
    if base is None or base.sha256 == opened.sha256:
        return set()
    first = open_snapshot(folder_of(base), verify=False)
    return {name for name in SCHEMAS if opened.has(name) and not first.has(name)}


class _Numbers:
    """A random number of 62 bits for everybody, none twice."""

    def __init__(self) -> None:
        self._given: dict[object, int] = {}
        self._used: set[int] = set()

    def of(self, who: object) -> int:
        """The number of this rater."""
        while who not in self._given:
            number = secrets.randbits(RATER_BITS)
            if number not in self._used:
                self._used.add(number)
                self._given[who] = number
        return self._given[who]


def _marks(found: SurveyRound) -> Iterator[dict[str, Any]]:
    numbers = _Numbers()
    for call in RaterCall.objects.filter(round=found).order_by("pk"):
        for rater, sheet in handed_in(call):
            for who, marks in sheet.items():
                for item, milli in marks.items():
                    yield {
                        "assessee_id": who, "rater_group": call.group, "rater": numbers.of(rater.pk),
                        "item": item, "rater_kind": rater.kind or None, "marks_milli": milli,
                    }  # fmt: skip


def _renumbered(table: pa.Table | None) -> Iterator[dict[str, Any]]:
    """Marks of a workbook: its numbers of raters are replaced as well."""
    numbers = _Numbers()
    for row in table.to_pylist() if table is not None else ():
        yield {**row, "rater": numbers.of((row["rater_group"], row["rater"]))}


def _facts(found: SurveyRound) -> Iterator[dict[str, Any]]:
    """Values as entered, with findings that count on top; a yes-or-no fact stays within yes."""
    truths = {fact.id for fact in asked_of(found).facts if fact.unit == "truth"}
    added: dict[tuple[str, str], int] = defaultdict(int)
    rows = Finding.objects.filter(round=found, counts=True)
    for who, fact, amount in rows.values_list("assessee_id", "fact", "amount_milli"):
        added[who, fact] += amount
    for row in EvidenceValue.objects.filter(round=found, table=ValueTable.FACTS):
        more = added.pop((row.assessee_id, row.name), 0)
        value = row.value_milli + more if row.value_milli is not None else None
        yield _fact(row.assessee_id, row.name, _capped(value, row.name in truths), row.text or None)
    for (who, fact), amount in added.items():
        yield _fact(who, fact, _capped(amount, fact in truths), None)


def _capped(value: int | None, is_truth: bool) -> int | None:
    return min(value, MILLI) if is_truth and value is not None else value


def _fact(who: str, fact: str, value: int | None, text: str | None) -> dict[str, Any]:
    return {"assessee_id": who, "fact": fact, "value_milli": value, "text": text}


def _costs(found: SurveyRound) -> Iterator[dict[str, Any]]:
    for row in EvidenceValue.objects.filter(round=found, table=ValueTable.COSTS):
        spread = None if row.spread_milli is None else row.spread_milli / MILLI
        yield {"assessee_id": row.assessee_id, "yuan": (row.value_milli or 0) / MILLI, "yuan_se": spread}


def _visits(found: SurveyRound, opened: Snapshot) -> Iterator[dict[str, Any]]:
    """Each assessee's first own target, as the workbook of evidence has it."""
    target_of = _first_own(owners(opened))
    windows = {"period": found.period, "year": year_of(found.period) or found.period}
    for row in EvidenceValue.objects.filter(round=found, table=ValueTable.VISITS):
        if row.assessee_id in target_of:
            yield {
                "target": target_of[row.assessee_id], "period": windows[row.name],
                "households": (row.value_milli or 0) // MILLI,
            }  # fmt: skip


def _first_own(own: Mapping[int, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for target in sorted(own):
        found.setdefault(own[target], target)
    return found


def counts_of(tables: Mapping[str, pa.Table], calls: Iterable[Any]) -> dict[str, Any]:
    """What the ledger says of a closing: rows by table, raters by group, never a mark."""
    return {
        "rows": {name: table.num_rows for name, table in sorted(tables.items())},
        "groups": [
            {"group": call.group, "called": call.called, "handed_in": call.handed, "by_link": call.by_link}
            for call in calls
        ],
    }
