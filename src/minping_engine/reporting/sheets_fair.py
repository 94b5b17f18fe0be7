"""Sheets of schemes with a part on fairness: comparison groups, adjustments, drivers, checks.

In: the desk of `sheets`, tables `comparison_groups`, `adjustments`, `drivers`, `fairness`. Out: `Sheet`s and
the columns that fairness adds to the sheet of scores. Rows stand in order of the result, never by score;
where a ranking is not carried the sheet says so with its width.
"""

from __future__ import annotations

from collections.abc import Iterator

from minping_engine.reporting.fair_words import FairWords, whole_width
from minping_engine.reporting.importance import important_rows, shown_rows
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import Z
from minping_engine.reporting.sheet_model import (
    COUNT,
    ERROR,
    POINTS,
    SHARE,
    TEXT,
    Cell,
    Desk,
    Field,
    Sheet,
)
from minping_engine.terms import Standing, label

FAIR_COLUMNS = (
    ("adjusted", POINTS, 10),
    ("plus_minus", POINTS, 9),
    ("reliability", POINTS, 9),
    ("group", TEXT, 10),
    ("rank_low", COUNT, 9),
    ("rank_high", COUNT, 9),
    ("tie_band", COUNT, 8),
    ("progress", POINTS, 10),
    ("plus_minus_progress", POINTS, 10),
    ("standing", TEXT, 11),
    ("grade_chance", SHARE, 10),
)
LAST_STEP = "shrinkage"


def fair_cells(desk: Desk, row: Row) -> tuple[Cell, ...]:
    """Cells of `FAIR_COLUMNS` for one assessee."""
    z = Z[desk.scheme.scheme.scoring.interval_percent]
    standing = row["standing"]
    return (
        row["adjusted"],
        _half(z, row["adjusted_se"]),
        row["reliability"],
        row["comparison_group"],
        row["rank_low"],
        row["rank_high"],
        row["tie_band"],
        row["progress"],
        _half(z, row["progress_se"]),
        label(Standing(standing), desk.language) if standing else None,
        row["grade_chance"],
    )


def _half(z: float, error: float | None) -> float | None:
    return None if error is None else z * error


def fair_sheets(desk: Desk, names: FairWords) -> list[Sheet]:
    """The four sheets of fairness."""
    return [
        comparison_sheet(desk, names),
        adjustments_sheet(desk, names),
        drivers_sheet(desk, names),
        checks_sheet(desk, names),
    ]


def refusals(desk: Desk, names: FairWords) -> Iterator[tuple[str, str]]:
    """(group, sentence) for every comparison group: may it be ranked, and how wide its ranks are."""
    for row in desk.result["comparison_groups"].to_pylist():
        yield names.group(row["comparison_group"]), names.ranking(row)


def comparison_sheet(desk: Desk, names: FairWords) -> Sheet:
    """Differences against error by comparison group, and whether they carry a ranking."""
    fields = desk.fields(
        ("district", TEXT, 12),
        ("group", TEXT, 16),
        ("scored", COUNT, 9),
        ("compared", COUNT, 9),
        ("mean", POINTS, 9),
        ("spread", POINTS, 10),
        ("error", POINTS, 9),
        ("reliability", POINTS, 9),
        ("full_share", SHARE, 10),
        ("median_width", COUNT, 10),
        ("discrimination", TEXT, 26),
        ("ranking", TEXT, 60),
    )
    rows = [
        (
            desk.found.places.name(row["district"]),
            names.group(row["comparison_group"]),
            *(row[key] for key in ("scored", "compared", "mean", "spread", "error", "reliability")),
            row["full_share"],
            whole_width(row["median_width"]),
            names.discrimination(row),
            names.ranking(row),
        )
        for row in desk.result["comparison_groups"].to_pylist()
    ]
    return _sheet(desk, "comparison_groups", fields, rows)


def adjustments_sheet(desk: Desk, names: FairWords) -> Sheet:
    """One row per assessee, one column per step: from the weighted score to the shrunken one."""
    table = desk.result["adjustments"]
    moved: dict[str, dict[str, float]] = {}
    columns = (table[name].to_pylist() for name in ("assessee_id", "step", "points"))
    for assessee_id, step, points in zip(*columns, strict=True):
        moved.setdefault(assessee_id, {})[step] = points
    steps = [step for step in table["step"].unique().to_pylist() if step != LAST_STEP]
    fields = (
        *desk.fields(("assessee_id", TEXT, 13), ("name", TEXT, 12), ("community", TEXT, 16)),
        *desk.fields(("weighted", POINTS, 10)),
        *(Field(names.step(step), POINTS, 12) for step in steps),
        *desk.fields(("adjusted", POINTS, 10), ("drawn_in", POINTS, 12), ("shrunken", POINTS, 10)),
    )
    rows = []
    for row in desk.ordered_scores:
        own = moved.get(row["assessee_id"], {})
        rows.append(
            (
                row["assessee_id"],
                row["name"],
                desk.found.places.name(row["area_id"]),
                row["weighted"],
                *map(own.get, steps),
                row["adjusted"],
                own.get(LAST_STEP),
                row["shrunken"],
            )
        )
    return _sheet(desk, "adjustments", fields, rows if moved else [])


def drivers_sheet(desk: Desk, names: FairWords) -> Sheet:
    """What goes with the overall answer, by item: association, not cause."""
    fields = desk.fields(
        ("district", TEXT, 12),
        ("item", TEXT, 18),
        ("importance", SHARE, 12),
        ("low", SHARE, 10),
        ("high", SHARE, 10),
        ("explained", SHARE, 12),
        ("performance", SHARE, 10),
        ("quadrant", TEXT, 14),
        ("n_ballots", COUNT, 10),
        ("outcome", TEXT, 18),
    )
    items = {item.id: item.short.of(desk.language) for item in desk.scheme.scheme.instrument.items}
    found = desk.result["drivers"].to_pylist()
    of_district: dict[str, list[Row]] = {}
    for row in found:
        of_district.setdefault(row["district"], []).append(row)
    told = {district for district, rows in of_district.items() if important_rows(shown_rows(rows))}
    rows = [
        (
            desk.found.places.name(row["district"]),
            items.get(row["item"], row["item"]),
            *(row[key] for key in ("share", "low", "high", "r2", "performance")),
            names.quadrant(row, is_told=row["district"] in told),
            row["n_ballots"],
            items.get(row["outcome"], row["outcome"]),
        )
        for row in found
    ]
    return _sheet(desk, "drivers", fields, rows)


def checks_sheet(desk: Desk, names: FairWords) -> Sheet:
    """All findings of the fairness report, as the result has them."""
    fields = desk.fields(
        ("district", TEXT, 12),
        ("check", TEXT, 24),
        ("subject", TEXT, 22),
        ("statistic", TEXT, 18),
        ("value", ERROR, 10),
        ("low", ERROR, 10),
        ("high", ERROR, 10),
        ("based_on", COUNT, 10),
        ("verdict", TEXT, 18),
    )
    rows = [
        (
            desk.found.places.name(row["district"]),
            desk.words.get(f"check_{row['check']}", row["check"]),
            desk.words.get(f"subject_{row['subject']}", names.condition(row["subject"])),
            desk.words.get(f"statistic_{row['level']}", names.level(row["subject"], row["level"])),
            *(row[key] for key in ("value", "low", "high", "n")),
            names.state("verdict", row["verdict"]) or None,
        )
        for row in desk.result["fairness"].to_pylist()
    ]
    return _sheet(desk, "fairness", fields, rows)


def _sheet(desk: Desk, title: str, fields: tuple[Field, ...], rows: list[tuple[Cell, ...]]) -> Sheet:
    """A sheet; without rows it says that there is nothing."""
    empty = (desk.words["nothing"], *[None] * (len(fields) - 1))
    return Sheet(desk.words[title], fields, rows or [empty])
