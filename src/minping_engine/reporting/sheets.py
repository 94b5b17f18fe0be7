"""Sheets of the workbook as data: title, columns, rows.

In: look-ups of a result, scheme, words. Out: `Sheet` for each, in reading order. Cells hold full
values; how many decimals show is the column's format. Written by `workbook`.
"""

from __future__ import annotations

from typing import Any

from minping_engine.errors import Problem, render
from minping_engine.reporting.fair_words import FairWords, fair_words
from minping_engine.reporting.grade_words import grade_labels
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import period_text, plain_text
from minping_engine.reporting.published import released_counts
from minping_engine.reporting.sheet_model import (
    COUNT,
    ERROR,
    ITEM_POINTS,
    POINTS,
    TEXT,
    Cell,
    Desk,
    Field,
    Sheet,
)
from minping_engine.reporting.sheets_fair import FAIR_COLUMNS, fair_cells, fair_sheets, refusals
from minping_engine.reporting.statements import statement
from minping_engine.snapshot import TOTAL
from minping_engine.terms import AreaLevel, AssesseeKind, Mode, NotAssessed, Status, label

PLAIN_COLUMNS = (("plain", POINTS, 9), ("plain_low", POINTS, 9), ("plain_high", POINTS, 9))
"""The plain mean of ballots, where the scheme lets another estimate count."""


def all_sheets(desk: Desk) -> list[Sheet]:
    """Every sheet but the reading guide."""
    return [
        scores_sheet(desk),
        indicators_sheet(desk),
        groups_sheet(desk),
        modes_sheet(desk),
        *(fair_sheets(desk, _names(desk)) if desk.is_fair else []),
        not_assessed_sheet(desk),
        warnings_sheet(desk),
    ]


def _fair_lines(desk: Desk) -> list[tuple[str, str]]:
    """Which estimate counts, and for each comparison group whether it may be ranked."""
    fairness = desk.scheme.scheme.fairness
    if fairness is None:
        return []
    said = refusals(desk, _names(desk))
    lines = [(desk.words["g_ranking"].format(group=group), sentence) for group, sentence in said]
    return [(desk.words["g_fair"], desk.words[f"g_fair_{fairness.counts}"]), *lines]


def _names(desk: Desk) -> FairWords:
    return fair_words(desk.snapshot, desk.language)


def guide_lines(desk: Desk) -> list[tuple[str, str]]:
    """(heading, text) of the reading guide."""
    words, scheme = desk.words, desk.scheme
    statuses = desk.result["scores"]["status"].to_pylist()
    assessed = statuses.count(Status.ASSESSED)
    limits = scheme.disclosure
    lines = [
        (words["g_scheme"], f"{scheme.scheme.title.of(desk.language)}　{scheme.key}"),
        (words["g_period"], period_text(desk.result.period, desk.language)),
        (words["g_snapshot"], desk.snapshot.sha256),
        (
            words["g_counts"],
            words["g_counts_text"].format(
                all=len(statuses), assessed=assessed, rest=len(statuses) - assessed
            ),
        ),
        (
            words["g_points"],
            words[f"g_points_{'plain' if desk.counts_plain else 'other'}"].format(
                full=plain_text(scheme.scheme.scoring.total.points / 1000)
            ),
        ),
        (
            words["g_interval"],
            words["g_interval_text"].format(percent=scheme.scheme.scoring.interval_percent),
        ),
        (words["g_se"], words["g_se_text"]),
        (
            words["g_threshold"],
            words["g_threshold_text"].format(shown=limits.shown_from, scored=limits.scored_from),
        ),
        (words["g_order"], words["g_order_text"]),
    ]
    lines += [(words["g_use"], use.text.of(desk.language)) for use in scheme.scheme.use]
    return [*lines, *_fair_lines(desk), (words["g_privacy"], words["g_privacy_text"])]


def demo_lines(desk: Desk) -> list[str]:
    """What says that this is a demonstration; empty for real data."""
    lines = [desk.words["demo"]] if desk.snapshot.manifest.get("synthetic") else []
    return lines + ([desk.words["demo_values"]] if desk.scheme.uses_demo_values else [])


def scores_sheet(desk: Desk) -> Sheet:
    """One row per assessee, in order of area and id."""
    fields = desk.fields(
        ("assessee_id", TEXT, 13),
        ("name", TEXT, 12),
        ("street", TEXT, 14),
        ("community", TEXT, 16),
        ("score", POINTS, 9),
        ("low", POINTS, 9),
        ("high", POINTS, 9),
        ("difference", POINTS, 10),
        ("grade", TEXT, 9),
        *(() if desk.counts_plain else PLAIN_COLUMNS),
        ("n_ballots", COUNT, 9),
        ("below_target", TEXT, 11),
        ("drawn", COUNT, 8),
        ("eligible", COUNT, 9),
        ("n_rejected", COUNT, 8),
        ("direct_se", ERROR, 9),
        ("direct_se_fpc", ERROR, 11),
        ("shared_target", TEXT, 9),
        ("visited", COUNT, 9),
        ("year_mean", POINTS, 10),
        *(FAIR_COLUMNS if desk.is_fair else ()),
    )
    grades = grade_labels(desk.scheme, desk.language)
    rows = [_score_cells(desk, row, grades) for row in desk.ordered_scores]
    return Sheet(desk.words["scores"], fields, rows)


def _score_cells(desk: Desk, row: Row, grades: dict[str, str]) -> tuple[Cell, ...]:
    yes = desk.words["is_so"]
    places = desk.found.places
    street = places.at(row["area_id"], AreaLevel.STREET)
    return (
        row["assessee_id"],
        row["name"],
        street.name if street else None,
        places.name(row["area_id"]),
        row["score"],
        row["score_low"],
        row["score_high"],
        row["difference"],
        grades.get(row["grade"], row["grade"]),
        *(() if desk.counts_plain else (row["direct"], row["low"], row["high"])),
        row["n_ballots"],
        yes if row["below_target"] else None,
        row["drawn"],
        row["eligible"],
        row["n_rejected"],
        row["direct_se"],
        row["direct_se_fpc"],
        yes if row["shared_target"] else None,
        row["visited"],
        row["year_mean"],
        *(fair_cells(desk, row) if desk.is_fair else ()),
    )


def indicators_sheet(desk: Desk) -> Sheet:
    """One row per assessee, one column per item: what a person can read at a glance."""
    items = desk.scheme.scheme.instrument.items
    fields = (
        *desk.fields(("assessee_id", TEXT, 13), ("name", TEXT, 12), ("community", TEXT, 16)),
        *(Field(item.short.of(desk.language), ITEM_POINTS, 13) for item in items),
    )
    rows = []
    for row in desk.ordered_scores:
        own = desk.found.indicators.get(row["assessee_id"], {})
        points = [own[item.id]["points"] if item.id in own else None for item in items]
        rows.append((row["assessee_id"], row["name"], desk.found.places.name(row["area_id"]), *points))
    return Sheet(desk.words["indicators"], fields, rows)


def groups_sheet(desk: Desk) -> Sheet:
    """District, streets, communities: totals and items, in order of code."""
    fields = desk.fields(
        ("level", TEXT, 9),
        ("area_id", TEXT, 15),
        ("area", TEXT, 18),
        ("variable", TEXT, 16),
        ("mean", POINTS, 9),
        ("low", POINTS, 9),
        ("high", POINTS, 9),
        ("n_assessees", COUNT, 11),
        ("n_ballots", COUNT, 10),
        ("se", ERROR, 9),
        ("se_fpc", ERROR, 11),
    )
    names = {item.id: item.short.of(desk.language) for item in desk.scheme.scheme.instrument.items}
    names[TOTAL] = desk.words["total"]
    levels = {level.value: label(level, desk.language) for level in AreaLevel}
    rows = [
        (
            levels.get(row["level"], row["level"]),
            row["area_id"],
            desk.found.places.name(row["area_id"]),
            names.get(row["variable"], row["variable"]),
            *(row[key] for key in ("mean", "low", "high", "n_assessees", "n_ballots", "se", "se_fpc")),
        )
        for row in desk.result["groups"].to_pylist()
    ]
    return Sheet(desk.words["groups"], fields, rows)


def modes_sheet(desk: Desk) -> Sheet:
    """Ballots by mode, one row per assessee; counts below the threshold stay out."""
    modes = sorted({mode for pairs in desk.found.modes.values() for mode, _ in pairs})
    fields = (
        *desk.fields(
            ("assessee_id", TEXT, 13), ("name", TEXT, 12), ("community", TEXT, 16), ("n_ballots", COUNT, 10)
        ),
        *(Field(label(Mode(mode), desk.language), COUNT, 10) for mode in modes),
        *desk.fields(("other_modes", COUNT, 10)),
    )
    rows = []
    for row in desk.ordered_scores:
        is_shown = row["n_ballots"] >= desk.scheme.disclosure.shown_from
        pairs = desk.found.modes.get(row["assessee_id"], ()) if is_shown else ()
        kept, others = released_counts(pairs, desk.scheme.disclosure.released_cell_from)
        counts = dict(kept)
        place = desk.found.places.name(row["area_id"])
        rows.append(
            (
                row["assessee_id"],
                row["name"],
                place,
                row["n_ballots"],
                *(counts.get(mode) for mode in modes),
                others or None,
            )
        )
    return Sheet(desk.words["modes"], fields, rows)


def not_assessed_sheet(desk: Desk) -> Sheet:
    """Who is not assessed, and why."""
    fields = desk.fields(
        ("assessee_id", TEXT, 13),
        ("name", TEXT, 12),
        ("kind", TEXT, 14),
        ("community", TEXT, 16),
        ("n_ballots", COUNT, 10),
        ("reason", TEXT, 14),
        ("explanation", TEXT, 48),
    )
    limits = desk.scheme.disclosure
    rows = []
    for row in desk.found.scores:
        if row["status"] == Status.ASSESSED:
            continue
        reason = NotAssessed(row["reason"])
        text = statement(
            reason,
            desk.language,
            n=row["n_ballots"],
            needed=limits.scored_from,
            share=limits.one_building_percent,
        )
        kind = label(AssesseeKind(row["kind"]), desk.language)
        place = desk.found.places.name(row["area_id"])
        rows.append(
            (
                row["assessee_id"],
                row["name"],
                kind,
                place,
                row["n_ballots"],
                label(reason, desk.language),
                text,
            )
        )
    return Sheet(desk.words["not_assessed"], fields, rows)


def warnings_sheet(desk: Desk) -> Sheet:
    """Warnings of the run in words. The result stores them as code, params, count."""
    fields = desk.fields(("code", TEXT, 28), ("what", TEXT, 60), ("mend", TEXT, 60), ("count", COUNT, 9))
    rows: list[tuple[Cell, ...]] = [
        _warning_cells(desk, warning) for warning in desk.result.head.get("warnings", ())
    ]
    return Sheet(desk.words["warnings"], fields, rows or [(desk.words["none"], None, None, None)])


def _warning_cells(desk: Desk, warning: Any) -> tuple[Cell, ...]:
    """A warning as stored: a mapping with `code` and perhaps `params`, `count`; or a bare code."""
    stored = {"code": warning} if isinstance(warning, str) else dict(warning)
    params = stored.get("params")
    problem = Problem(str(stored.get("code", "")), params=params if isinstance(params, dict) else {})
    text = render(problem, "en" if desk.language == "en" else "zh")
    return problem.code, text.what, text.mend, int(stored.get("count", 1))
