"""Sheets of `outcomes.xlsx` as data: scores, points, measures, changes, uses, values."""

from __future__ import annotations

import json

from minping_engine.reporting.outcomes.view import View, change_text
from minping_engine.reporting.sheet_model import COUNT, ERROR, ITEM_POINTS, POINTS, TEXT, Cell, Field, Sheet
from minping_engine.scheme.describe import described_values
from minping_engine.terms import MeasureState, Status, label

SCORES = {0: COUNT, 1: ITEM_POINTS, 2: POINTS, 3: ERROR}
"""Kinds of columns by the decimals that they show."""


def outcome_sheets(view: View) -> list[Sheet]:
    """All sheets that have rows or headings worth reading."""
    sheets = [_scores(view)]
    if view.nodes:
        sheets.append(_points(view))
    if view.result["measures"].num_rows:
        sheets.append(_measures(view))
    if view.scheme.scheme.adjustments:
        sheets.append(_changes(view))
    return [*sheets, _proposals(view), _values(view)]


def _fields(view: View, *columns: tuple[str, str, float]) -> tuple[Field, ...]:
    return tuple(Field(view.words[key], kind, width) for key, kind, width in columns)


def _scores(view: View) -> Sheet:
    fields = _fields(
        view,
        ("id", TEXT, 16), ("name", TEXT, 18), ("group", TEXT, 12),
        ("score", SCORES.get(view.decimals, ERROR), 9), ("se", ERROR, 9), ("grade", TEXT, 10),
        ("why", TEXT, 32), ("change", TEXT, 8), ("places", TEXT, 10), ("of", COUNT, 7), ("status", TEXT, 12),
        ("reason", TEXT, 18), ("vetoes", TEXT, 18), ("cards", TEXT, 18),
        ("exact", TEXT, 18),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            row["assessee_id"],
            row["name"],
            row["group"],
            row["score"],
            row["score_se"],
            view.grade(row["grade"]),
            view.reasons.note(row),
            change_text(row["grade_change"]),
            view.places(row),
            row["ranked_of"],
            label(Status(row["status"]), view.language),
            view.reason(row["reason"]),
            view.named(row["vetoes"]),
            view.named(row["cards"]),
            row["score_exact"],
        )
        for row in view.outcomes
    ]
    return Sheet(view.words["scores"], fields, rows)


def _points(view: View) -> Sheet:
    titles = [
        Field(f"{node.title.of(view.language)} ({float(node.points):g})", ITEM_POINTS, 12)
        for node in view.nodes
    ]
    rows: list[tuple[Cell, ...]] = []
    for row in view.outcomes:
        cells = [view.points.get((row["assessee_id"], node.id)) for node in view.nodes]
        points: list[Cell] = [cell["points"] if cell else None for cell in cells]
        rows.append((row["assessee_id"], row["name"], *points))
    fields = (*_fields(view, ("id", TEXT, 16), ("name", TEXT, 18)), *titles)
    return Sheet(view.words["indicators"], fields, rows)


def _measures(view: View) -> Sheet:
    fields = _fields(
        view,
        ("id", TEXT, 16), ("measure", TEXT, 26), ("value", ERROR, 11), ("exact", TEXT, 16),
        ("unit", TEXT, 11), ("n", COUNT, 9), ("numerator", POINTS, 11), ("denominator", POINTS, 11),
        ("excluded", COUNT, 8), ("se", ERROR, 9), ("status", TEXT, 20),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            row["assessee_id"],
            view.titles.get(row["measure"], row["measure"]),
            row["value"],
            row["exact"],
            view.unit(row["unit"]),
            row["n"],
            row["numerator"],
            row["denominator"],
            row["excluded"],
            row["se"],
            label(MeasureState(row["state"]), view.language),
        )
        for row in view.result["measures"].to_pylist()
    ]
    return Sheet(view.words["measures"], fields, rows)


def _changes(view: View) -> Sheet:
    fields = _fields(view, ("id", TEXT, 16), ("what", TEXT, 40), ("points", POINTS, 9), ("exact", TEXT, 14))
    rows: list[tuple[Cell, ...]] = [
        (
            row["assessee_id"],
            view.titles.get(row["adjustment"], row["adjustment"]),
            row["points"],
            row["exact"],
        )
        for row in view.result["bonus_and_deductions"].to_pylist()
    ]
    return Sheet(view.words["changes"], fields, rows)


def _proposals(view: View) -> Sheet:
    fields = _fields(
        view,
        ("id", TEXT, 16), ("name", TEXT, 18), ("what", TEXT, 44), ("yuan", POINTS, 12),
        ("told_apart", TEXT, 12), ("signatures", COUNT, 8), ("rule", TEXT, 60), ("basis", TEXT, 60),
        ("rule_written", TEXT, 40),
    )  # fmt: skip
    names = {row["assessee_id"]: view.name(row) for row in view.outcomes}
    words = {None: "", True: view.words["yes"], False: view.words["no"]}
    rows: list[tuple[Cell, ...]] = [
        (
            row["assessee_id"],
            names[row["assessee_id"]],
            view.titles.get(row["use"], row["use"]),
            None if row["fen"] is None else row["fen"] / 100,
            words[row["told_apart"]],
            row["signatures"],
            view.rules[row["use"]],
            view.spoken.basis(json.loads(row["basis"])),
            row["rule"],
        )
        for row in view.result["proposals"].to_pylist()
    ]
    return Sheet(view.words["proposals"], fields, rows)


def _values(view: View) -> Sheet:
    fields = _fields(
        view, ("what", TEXT, 34), ("value", TEXT, 60), ("source", TEXT, 50), ("origin", TEXT, 14)
    )
    return Sheet(view.words["values"], fields, described_values(view.scheme, view.language))
