"""How questions go with the overall answer, and whether people differ by more than chance: bulletin parts.

In: `Survey`, tables `drivers` and `comparison_groups`. Out: a picture of items, two plain sentences. Items
may be told apart, people not: one sentence speaks of all (G1). Shown only where the district's result is.
"""

from __future__ import annotations

from minping_engine.assessment.result import Result
from minping_engine.estimation.indices import Discrimination
from minping_engine.ranking import RankingState
from minping_engine.reporting.bulletin_model import Picture, Strip
from minping_engine.reporting.bulletin_places import Survey
from minping_engine.reporting.card_model import Axis
from minping_engine.reporting.card_parts import axis_for
from minping_engine.reporting.importance import important_rows, improve_first_rows, shown_rows
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import interval_text, points_text
from minping_engine.snapshot import TOTAL

FEWEST_ITEMS = 2
MOST_ITEMS = 15
HUNDRED = 100.0


def drivers_picture(survey: Survey, result: Result) -> Picture | None:
    """Share of differences in the overall answer that goes with each item, largest first."""
    rows = _shown(survey, result)
    if len(rows) < FEWEST_ITEMS:
        return None
    rows = sorted(rows, key=lambda row: -row["share"])[:MOST_ITEMS]
    values = [HUNDRED * (row["high"] if row["high"] is not None else row["share"]) for row in rows]
    axis = axis_for([0.0, *values], HUNDRED)
    ticks = tuple((_percent(axis, value), f"{text}%") for value, text in axis.ticks)
    return Picture(survey.words["cared"], tuple(_strip(survey, row, axis) for row in rows), None, ticks)


def _shown(survey: Survey, result: Result) -> list[Row]:
    """Drivers of the only district, if its result may be shown and the ballots are enough."""
    if survey.district_row(TOTAL) is None:
        return []
    fewest = survey.scheme.disclosure.scored_from
    return [row for row in shown_rows(result["drivers"].to_pylist()) if row["n_ballots"] >= fewest]


def _percent(axis: Axis, value: float) -> float:
    return round(HUNDRED * (value - axis.low) / (axis.high - axis.low), 2)


def _strip(survey: Survey, row: Row, axis: Axis) -> Strip:
    share, ends = HUNDRED * row["share"], [row["low"], row["high"]]
    low, high = (None if end is None else HUNDRED * end for end in ends)
    return Strip(
        survey.item_names.get(row["item"]) or str(row["item"]),
        f"{points_text(share, 1)}%",
        "" if low is None else f"{interval_text(low, high, 1)}%",
        _percent(axis, share),
        None if low is None else _percent(axis, low),
        None if high is None else _percent(axis, high),
    )


def drivers_sentence(survey: Survey, result: Result) -> str:
    """Which items go most with the overall answer, and which of these are answered less well than others."""
    rows = _shown(survey, result)
    if len(rows) < FEWEST_ITEMS:
        return ""
    important, first, words = important_rows(rows), improve_first_rows(rows), survey.words
    items = _joined(survey, important)
    said = [words["cared_most"].format(items=items) if important else words["cared_alike"]]
    if first and len(first) == len(important):
        said.append(words["cared_all_first"])
    elif first:
        said.append(words["cared_first"].format(items=_joined(survey, first)))
    said.append(words["cared_caution"].format(r2=f"{points_text(HUNDRED * rows[0]['r2'], 0)}%"))
    return ("" if survey.language == "zh" else " ").join(said)


def _joined(survey: Survey, rows: list[Row]) -> str:
    return survey.words["separator"].join(
        survey.item_names.get(row["item"]) or str(row["item"]) for row in rows
    )


def people_sentence(survey: Survey, result: Result) -> str:
    """Whether people differ by more than chance, all of them together; empty where nobody was compared."""
    groups = [
        row
        for row in result["comparison_groups"].to_pylist()
        if row["discrimination"] != Discrimination.TOO_FEW
    ]
    if not groups:
        return ""
    apart = sum(row["discrimination"] == Discrimination.SEPARATES for row in groups)
    key = "people_differ" if apart == len(groups) else "people_some" if apart else "people_same"
    said = [survey.words[key].format(kind=survey.kind)]
    if apart:
        said.append(survey.words[_order_key(groups)])
    return ("" if survey.language == "zh" else " ").join(said)


def _order_key(groups: list[Row]) -> str:
    """How many comparison groups carry an order; no order is ever published."""
    carried = sum(row["ranking"] == RankingState.CARRIED for row in groups)
    return (
        "people_all_order"
        if carried == len(groups)
        else "people_some_order"
        if carried
        else "people_no_order"
    )
