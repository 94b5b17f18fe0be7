"""The snapshot of a worked example: small, made for the purpose, of the ordinary contract.

In: an example and its scheme. Out: tables and ballot parts. Each assessee has an area of its own; names
of assessees are their ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pyarrow as pa

from minping_engine.assessment.examples.written import Assessed, Example
from minping_engine.errors import Place, SchemeError
from minping_engine.scheme import Instrument, Item, LoadedScheme, band_lists
from minping_engine.snapshot import TABLES, BallotPart, arrow_schema
from minping_engine.terms import NAMED_LIKE, Mode, first_day

_BY_NAME = {table.name: table for table in TABLES}
DISTRICT = "000000"
Rows = list[dict[str, Any]]
RATERS_APART = 1_000_000
LEVEL_OF_KIND = {"grid": "grid", "community": "community", "street_office": "street"}
"""Level of an assessee's own area; that of all others is a responsibility area."""


def example_period(example: Example, scheme: LoadedScheme) -> str:
    """The period it names, or one of the scheme's kind."""
    return str(example.period or NAMED_LIKE.get(scheme.scheme.period.kind, "2020Q4"))


def example_tables(example: Example, scheme: LoadedScheme) -> dict[str, pa.Table]:
    """All tables but ballots."""
    people = list(enumerate(example.assessees.items()))
    kind = scheme.scheme.assessee_kind.value
    rows: dict[str, Rows] = {
        "areas": list(_areas(example, kind)),
        "assessees": [
            {"assessee_id": name, "kind": kind, "name": name, "area_id": name} for _, (name, _) in people
        ],
        "targets": [{"target": target, "area_id": name, "subject": kind} for target, (name, _) in people],
        "postings": [
            {
                "target": target,
                "assessee_id": name,
                "from_day": first_day(example_period(example, scheme)),
                "share": 1000,
            }
            for target, (name, _) in people
        ],
        "item_codes": [row for form in scheme.scheme.instruments for row in _codes(form)],
        "sample": [
            {"target": target, "stratum": 0, "eligible": asked.eligible, "drawn": asked.eligible}
            for target, (_, asked) in people
            if asked.eligible is not None
        ],
        "visits": [
            {"target": target, "period": period, "households": count}
            for target, (_, asked) in people
            for period, count in asked.visited.items()
        ],
        "facts": [row for name, asked in example.assessees.items() for row in _facts(name, asked)],
        "appraisals": [row for number, (name, asked) in people for row in _marks(number, name, asked)],
        "cases": _cases(example),
        "earlier_outcomes": [
            row for name, asked in example.assessees.items() for row in _earlier(name, asked, scheme)
        ],
    }
    needed = ("areas", "assessees", "targets", "postings", "item_codes")
    return {
        name: pa.Table.from_pylist(lines, schema=arrow_schema(_BY_NAME[name]))
        for name, lines in rows.items()
        if lines or name in needed
    }


def _areas(example: Example, kind: str) -> Iterator[dict[str, Any]]:
    yield {"area_id": DISTRICT, "parent_id": None, "level": "district", "name": "例"}
    own = {name: asked.area for name, asked in example.assessees.items()}
    for name, area in (example.areas | own).items():
        level = area.level or (LEVEL_OF_KIND.get(kind, "responsibility_area") if name in own else "community")
        yield {
            "area_id": name,
            "parent_id": area.within or DISTRICT,
            "level": level,
            "name": name,
            "area_kind": area.kind,
            "area_class": area.area_class,
            "urban_rural": area.urban_rural,
        }


def _codes(form: Instrument) -> Iterator[dict[str, Any]]:
    for item in form.items:
        for answer in item.answers:
            yield {
                "instrument": form.key,
                "item": item.id,
                "code": answer.code,
                "label": answer.label.zh,
                "wording": item.text.zh,
            }


def _facts(name: str, asked: Assessed) -> Iterator[dict[str, Any]]:
    for fact, value in asked.facts.items():
        words = isinstance(value, str)
        number = None if isinstance(value, str) else _whole(value, 1000, f"{name}.facts.{fact}")
        yield {
            "assessee_id": name,
            "fact": fact,
            "value_milli": number,
            "text": value if words else None,
        }


def _marks(number: int, name: str, asked: Assessed) -> Iterator[dict[str, Any]]:
    """Raters of each assessee are others: one rater of a group is of one kind everywhere."""
    for group, lots in asked.marks.items():
        rater = number * RATERS_APART
        for lot in lots:
            for _ in range(lot.raters):
                rater += 1
                for item, points in lot.items.items():
                    yield {
                        "assessee_id": name,
                        "rater_group": group,
                        "rater": rater,
                        "item": item,
                        "rater_kind": lot.kind,
                        "marks_milli": _whole(points, 1000, f"{name}.marks.{group}.{item}"),
                    }


def _whole(value: float, unit: int, key: str) -> int:
    """A number in whole units of the snapshot; what it cannot hold is refused, never cut."""
    scaled = Fraction(str(value)) * unit
    if scaled.denominator != 1:
        reason = f"{value} has more than {len(str(unit)) - 1} decimal places"
        raise SchemeError.of("scheme.invalid", Place(key=key), reason=reason)
    return scaled.numerator


def _cases(example: Example) -> Rows:
    rows: Rows = []
    for name, asked in example.assessees.items():
        for lot in asked.cases:
            columns = {key: _case_value(value) for key, value in lot.items() if key != "count"}
            for _ in range(int(lot.get("count", 1))):
                rows.append({"case_id": len(rows), "assessee_id": name, **columns})
    return rows


def _case_value(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _earlier(name: str, asked: Assessed, scheme: LoadedScheme) -> Iterator[dict[str, Any]]:
    grades = [band.grade for bands in list(band_lists(scheme.scheme).values())[:1] for band in _best(bands)]
    for row in asked.earlier:
        own = row.scheme is None
        yield {
            "period": str(row.period),
            "scheme": scheme.key if own else f"{row.scheme}@1",
            "assessee_id": row.of or name,
            "score_micro": None if row.score is None else _whole(row.score, 10**6, f"{name}.earlier"),
            "grade": row.grade,
            "grade_step": grades.index(row.grade) + 1 if own and row.grade in grades else row.step,
            "status": "not_assessed" if row.score is None else "assessed",
            "events": None,
        }


def _best(bands: Any) -> Any:
    return sorted(bands, key=lambda band: -band.from_points)


def example_ballots(example: Example, scheme: LoadedScheme, file: str) -> list[BallotPart]:
    """One part per questionnaire."""
    parts: list[BallotPart] = []
    for form in scheme.scheme.instruments:
        first = sum(part.ballots.num_rows for part in parts)
        parts.append(BallotPart(form.key, DISTRICT, _ballots(example, form, scheme, (file, first))))
    return parts


def _ballots(example: Example, form: Instrument, scheme: LoadedScheme, origin: tuple[str, int]) -> pa.Table:
    """`origin`: the example's file for messages, and the first ballot's number."""
    file, first = origin
    items = {item.id: item for item in form.items}
    only = len(scheme.scheme.instruments) == 1
    rows: Rows = []
    for target, (assessee, asked) in enumerate(example.assessees.items()):
        for group in asked.ballots:
            if not only and group.instrument != form.id:
                continue
            codes = {
                f"item_{item}": _code(items[item], label, Place(file=file, key=f"{assessee}.{item}"))
                for item, label in group.answers.items()
            }
            ballot = {"target": target, "stratum": 0, "mode": Mode[group.mode.upper()].value, "randomised": 0}
            rows += [{**ballot, **codes} for _ in range(group.count)]
    schema = arrow_schema(_BY_NAME["ballots"], [f"item_{item}" for item in items])
    return pa.Table.from_pylist(
        [{"ballot_id": number, **row} for number, row in enumerate(rows, first)], schema=schema
    )


def _code(item: Item, label: str, place: Place) -> int:
    for answer in item.answers:
        if label in (answer.label.zh, answer.label.en, str(answer.code)):
            return answer.code
    known = ", ".join(answer.label.zh for answer in item.answers)
    raise SchemeError.of("scheme.unknown_label", place, label=label, known=known)
