"""Fairness page: comparison groups with their pictures, drivers, borderline decisions.

In: `comparison_groups`, `drivers`, `scores`. Out: `Section`s: whether scores tell people apart (D7), what
goes with the overall answer, whose decision lies on a limit. A ranking that the data do not carry is refused
in words with its width.
"""

from __future__ import annotations

import numpy as np

from minping_engine.estimation.indices import Discrimination, Quadrant
from minping_engine.ranking import RankingState
from minping_engine.reporting.fair_words import FairWords, width_text
from minping_engine.reporting.fairness_scores import Reading, share_text
from minping_engine.reporting.figures.drivers import Cuts, Driver, drivers_picture
from minping_engine.reporting.figures.people import People, caterpillar_picture, funnel_picture
from minping_engine.reporting.importance import important_rows, improve_first_rows, shown_rows
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import DASH, count_text, interval_text, points_text
from minping_engine.reporting.section_page import Section, Table
from minping_engine.terms import AreaLevel

MOST_PICTURED = 8
"""Comparison groups with pictures: communities as groups would fill hundreds of pages."""


def groups_section(reading: Reading) -> Section:
    """Spread against error by comparison group, verdicts, funnel and caterpillar plots."""
    words = reading.names
    groups = reading.rows("comparison_groups")
    if not groups:
        return reading.section("groups", words["groups_none"])
    finding = words["groups_found"].format(
        all=len(groups),
        apart=sum(group["discrimination"] == Discrimination.SEPARATES for group in groups),
        ranked=sum(group["ranking"] == RankingState.CARRIED for group in groups),
    )
    pictures = tuple(picture for group in groups[:MOST_PICTURED] for picture in _pictures(reading, group))
    return reading.section(
        "groups",
        finding,
        tables=_group_tables(reading, groups),
        pictures=pictures,
        notes=_notes(reading, groups),
    )


def _notes(reading: Reading, groups: list[Row]) -> tuple[str, ...]:
    words = reading.names
    notes = [
        words["ceiling"].format(group=words.group(row["comparison_group"]))
        for row in groups
        if row["ceiling"]
    ]
    if len(groups) > MOST_PICTURED:
        notes.append(words["many_groups"].format(most=MOST_PICTURED))
    return tuple(notes)


def _group_tables(reading: Reading, groups: list[Row]) -> tuple[Table, ...]:
    words = reading.names
    heads = (
        "group",
        "scored",
        "compared",
        "spread",
        "error",
        "reliability",
        "full_share",
        "median_width",
    )
    figures = tuple(
        (
            words.group(row["comparison_group"]),
            count_text(row["scored"]),
            count_text(row["compared"]),
            points_text(row["spread"]),
            points_text(row["error"]),
            points_text(row["reliability"]),
            share_text(row["full_share"]),
            width_text(row["median_width"]),
        )
        for row in groups
    )
    said = tuple(
        (
            words.group(row["comparison_group"]),
            words.discrimination(row),
            words.ranking(row),
        )
        for row in groups
    )
    return (
        Table(words["c_groups"], tuple(words[head] for head in heads), figures),
        Table(words["verdict"], (words["group"], words["verdict"], words["ranking"]), said, names=3),
        *_sample_tables(reading),
        *_level_tables(reading),
    )


def _sample_tables(reading: Reading) -> tuple[Table, ...]:
    """Ballots that each reliability takes."""
    words = reading.names
    rows = tuple(
        (
            f"{row['reliability_percent']}%",
            words["out_of_reach"] if row["ballots"] is None else count_text(row["ballots"]),
        )
        for row in reading.rows("minimum_samples")
    )
    return (Table(words["c_samples"], (words["reliability"], words["ballots_needed"]), rows),) if rows else ()


def _level_tables(reading: Reading) -> tuple[Table, ...]:
    """How far streets, areas of a street and ballots of an area lie apart."""
    words = reading.names
    rows = tuple(
        (words[f"level_{row['subject']}"], count_text(row["n"]), points_text(row["value"]))
        for row in reading.findings.get("spread", ())
    )
    heads = (words["level"], words["how_many"], words["spread"])
    return (Table(words["c_levels"], heads, rows),) if rows else ()


def _pictures(reading: Reading, group: Row) -> tuple[str, ...]:
    people = _people(reading, group)
    mean = group["mean"]
    if mean is None:
        return (funnel_picture(people, reading.names.words),)
    return (
        funnel_picture(_people(reading, group, "typical_se"), reading.names.words),
        caterpillar_picture(people, mean, reading.z, reading.names.words),
    )


def _people(reading: Reading, group: Row, error: str = "adjusted_se") -> People:
    """Adjusted scores of a group's members with enough ballots; `error` names the column of errors."""
    scores = reading.result["scores"]
    label = np.asarray(scores["comparison_group"].to_pylist(), dtype=object)
    value, se, n = (scores[name].to_numpy() for name in ("adjusted", error, "n_ballots"))
    inside = (label == group["comparison_group"]) & (n >= reading.scheme.disclosure.scored_from)
    inside &= np.isfinite(value) & (np.nan_to_num(se) > 0)
    if not reading.is_only:
        inside &= [_is_in(reading, area) for area in scores["area_id"].to_pylist()]
    full = reading.scheme.scheme.scoring.total.points / 1000
    return People(reading.names.group(group["comparison_group"]), value[inside], se[inside], full)


def _is_in(reading: Reading, area_id: str) -> bool:
    """Whether an area lies in the district; groups of two districts may bear one name."""
    district = reading.places.at(area_id, AreaLevel.DISTRICT)
    return district is not None and district.area_id == reading.district


def shown_drivers(rows: list[Row], names: dict[str, str], *, is_told: bool) -> tuple[list[Driver], Cuts]:
    """Drivers that can be shown in per cent, and where their four fields meet (drivers.md, rule 7).

    None is marked as the first to improve unless the data tell items apart.
    """
    drivers = [
        Driver(
            names.get(row["item"]) or str(row["item"]),
            100 * row["share"],
            None if row["low"] is None else 100 * row["low"],
            None if row["high"] is None else 100 * row["high"],
            100 * row["performance"],
            is_told and row["quadrant"] == Quadrant.IMPROVE_FIRST,
        )
        for row in shown_rows(rows)
    ]
    count = max(len(drivers), 1)
    return drivers, Cuts(
        sum(driver.importance for driver in drivers) / count,
        sum(driver.performance for driver in drivers) / count,
    )


def item_names(reading: Reading) -> dict[str, str]:
    """Short names of items by id."""
    items = reading.scheme.scheme.instrument.items
    return {item.id: item.short.of(reading.names.language) for item in items}


def drivers_section(reading: Reading) -> Section:
    """Items by importance and performance."""
    words, items = reading.names, item_names(reading)
    rows = reading.rows("drivers")
    is_told = bool(important_rows(shown_rows(rows)))
    drivers, cuts = shown_drivers(rows, items, is_told=is_told)
    outcome = items.get(rows[0]["outcome"], rows[0]["outcome"]) if rows else DASH
    lead = words["s_drivers_lead"].format(outcome=outcome)
    if not drivers:
        return reading.section("drivers", words["drivers_none"], lead=lead, action=words["nothing_to_do"])
    finding = _drivers_finding(reading, shown_rows(rows), items)
    return reading.section(
        "drivers",
        finding,
        lead=lead,
        action=words["drivers_to_do" if is_told else "drivers_untold_to_do"],
        tables=(_driver_table(reading, rows, items, is_told=is_told),),
        pictures=(drivers_picture(drivers, cuts, _field_words(words, is_told=is_told)),),
    )


def _field_words(words: FairWords, *, is_told: bool) -> dict[str, str]:
    """Words of the picture; its fields bear no names where the data put no item into one."""
    return words.words if is_told else words.words | {f"quadrant_{field}": "" for field in Quadrant}


def _drivers_finding(reading: Reading, rows: list[Row], items: dict[str, str]) -> str:
    """What to improve first, as far as the intervals tell."""
    first = [items.get(row["item"]) or str(row["item"]) for row in improve_first_rows(rows)]
    key = "drivers_found" if first else "drivers_no_first" if important_rows(rows) else "drivers_alike"
    return reading.names[key].format(items=reading.joined(first), r2=share_text(rows[0]["r2"]))


def _driver_table(reading: Reading, rows: list[Row], items: dict[str, str], *, is_told: bool) -> Table:
    words = reading.names
    heads = (
        words["item"],
        words["quadrant"],
        words["importance"],
        words["interval"].format(percent=95),
        words["performance"],
    )
    cells = tuple(
        (
            items.get(row["item"]) or str(row["item"]),
            words.quadrant(row, is_told=is_told),
            share_text(row["share"], 1),
            _percents(row["low"], row["high"]),
            share_text(row["performance"], 1),
        )
        for row in shown_rows(rows)
    )
    return Table(words["c_drivers"], heads, cells, names=2)


def _percents(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return DASH
    return f"{interval_text(100 * low, 100 * high, 1)}%"


def borderline_section(reading: Reading) -> Section:
    """Whose decision could turn out otherwise by rounding alone."""
    words, ids = reading.names, list(reading.result.head.get("borderline", ()))
    if not ids:
        return reading.section("borderline", words["borderline_none"], action=words["nothing_to_do"])
    return reading.section("borderline", words["borderline_some"].format(n=len(ids), ids=reading.joined(ids)))
