"""Chapters on the survey and on the overall result of a place.

In: `PlaceDesk`. Out: blocks. Places below stand in order of their codes with intervals, the response rate
beside each mean (D13).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from minping_engine.reporting.card_parts import axis_for
from minping_engine.reporting.grade_words import grade_labels
from minping_engine.reporting.numbers import (
    count_text,
    interval_text,
    percent_text,
    period_text,
    plain_text,
    points_text,
)
from minping_engine.reporting.place_report.desk import PlaceDesk, count_cell, mean_cells, told_apart
from minping_engine.reporting.place_report.model import Bar, Block, Chart, Grid, Text
from minping_engine.reporting.published import released_counts
from minping_engine.terms import AreaLevel, MeasureState, Mode, NotAssessed, Status, label


def figures(desk: PlaceDesk) -> Iterator[tuple[str, str, str]]:
    """(label, value, note) at the top of the page."""
    place, row = desk.place.area_id, desk.row()
    percent = desk.scheme.scheme.scoring.interval_percent
    if row is not None:
        text = interval_text(row["low"], row["high"])
        known = row["low"] is not None
        note = desk.say("figure_mean_note", percent=percent, interval=text) if known else ""
        yield desk.words["figure_mean"], points_text(row["mean"]), note
    if ballots := desk.ballots(place):
        yield desk.words["figure_answered"], count_text(ballots), ""
    if drawn := desk.drawn(place):
        note = desk.say("figure_rate_note", drawn=count_text(drawn))
        yield desk.words["figure_rate"], desk.rate(place), note
    note = desk.say("figure_assessed_note", n=count_text(len(desk.members)))
    yield desk.words["figure_assessed"], count_text(len(desk.assessed)), note


def survey_chapter(desk: PlaceDesk) -> Iterator[Block]:
    """Who asked, who was drawn, who answered and how, who is assessed."""
    scheme, survey = desk.scheme.scheme, desk.survey
    by = scheme.means.collected_by.of(desk.language)
    lead = desk.say(
        "survey_lead" if scheme.instruments else "survey_lead_plain",
        by=by,
        period=period_text(desk.result.period, desk.language),
        kind=survey.kind,
    )
    yield Text(desk.joined([lead, _counts(desk), *_assessed(desk)]))
    yield from _modes(desk)


def _counts(desk: PlaceDesk) -> str:
    place, unit = desk.place.area_id, f"unit_{desk.scheme.scheme.sampling.unit}"
    ballots, drawn = desk.ballots(place), desk.drawn(place)
    if not ballots and not drawn:
        return ""
    return desk.say(
        "survey_counts" if drawn else "survey_counts_plain",
        place=desk.name(desk.place),
        drawn=count_text(drawn),
        unit=desk.words.get(unit, desk.words["unit_other"]),
        ballots=count_text(ballots),
        rate=desk.rate(place),
    )


def _assessed(desk: PlaceDesk) -> Iterator[str]:
    left = len(desk.members) - len(desk.assessed)
    yield desk.say(
        "survey_assessed",
        kind=desk.survey.kind,
        all=count_text(len(desk.members)),
        assessed=count_text(len(desk.assessed)),
        left=count_text(left),
    )
    reasons = Counter(row["reason"] for row in desk.members if row["status"] != Status.ASSESSED)
    if reasons:
        said = [
            desk.say("reason_count", reason=_reason(desk, name), n=n) for name, n in sorted(reasons.items())
        ]
        asked = bool(desk.scheme.scheme.instruments)
        yield desk.say("survey_reasons" if asked else "survey_reasons_plain", reasons=desk.listed(said))


def _reason(desk: PlaceDesk, name: str) -> str:
    word = NotAssessed(name) if name in set(NotAssessed) else MeasureState(name)
    return label(word, desk.language)


def _modes(desk: PlaceDesk) -> Iterator[Block]:
    """Ballots by mode, small cells put together."""
    pairs, others = released_counts(desk.by_mode(), desk.scheme.disclosure.released_cell_from)
    if not pairs:
        return
    named = [(label(Mode(mode), desk.language), n) for mode, n in pairs]
    named += [(desk.words["other_modes"], others)] if others else []
    total = sum(n for _, n in named)
    rows = tuple((name, count_text(n), percent_text(n, total)) for name, n in named)
    head = (desk.words["h_mode"], desk.words["h_ballots"], desk.words["h_share"])
    yield Grid(desk.words["modes_title"], head, rows, (3, 1, 1))


def overall_chapter(desk: PlaceDesk) -> Iterator[Block]:
    """The mean with its interval, beside the larger place, and what lies below."""
    yield Text(desk.joined(_overall(desk)))
    yield from _below(desk)


def _overall(desk: PlaceDesk) -> Iterator[str]:
    row = desk.row()
    if row is None:
        yield desk.words["overall_hidden"]
        return
    scoring = desk.scheme.scheme.scoring
    yield desk.say(
        "overall_lead" if row["low"] is not None else "overall_lead_plain",
        place=desk.name(desk.place),
        mean=points_text(row["mean"]),
        full=plain_text(desk.full),
        percent=scoring.interval_percent,
        interval=interval_text(row["low"], row["high"]),
    )
    parent = desk.parent
    above = desk.row(place=parent) if parent else None
    sign = told_apart(row, above)
    if parent and above and sign is not None:
        key = ("overall_below", "overall_tied", "overall_above")[sign + 1]
        yield desk.say(key, parent=desk.name(parent), mean=points_text(above["mean"]))
    if row["year_mean"] is not None and row["year_periods"] > 1:
        yield desk.say("year_mean", n=row["year_periods"], mean=points_text(row["year_mean"]))
    yield _grades(desk)


def _grades(desk: PlaceDesk) -> str:
    """How many have which grade; counts only from the number on from which a mean is shown."""
    counted = Counter(row["grade"] for row in desk.assessed if row["grade"])
    if sum(counted.values()) < desk.scheme.disclosure.mean_from:
        return ""
    names = grade_labels(desk.scheme, desk.language)
    order = [*(name for name in names if name in counted), *sorted(set(counted) - set(names))]
    said = (desk.say("grade_count", grade=names.get(name, name), n=counted[name]) for name in order)
    return desk.say("grades_lead", grades=desk.listed(said))


def _below(desk: PlaceDesk) -> Iterator[Block]:
    if not desk.children:
        return
    level = label(AreaLevel(desk.children[0].level), desk.language)
    own, words = desk.row(), desk.words
    rows, bars = [], []
    for place in desk.children:
        row = desk.row(place=place)
        mean, interval = mean_cells(row)
        people = sum(place.area_id in _chain(desk, each["area_id"]) for each in desk.assessed)
        rows.append(
            (place.name, count_cell(people), count_cell(desk.ballots(place.area_id)),
             desk.rate(place.area_id), mean, interval, desk.beside(row, own))
        )  # fmt: skip
        low, high = (row["low"], row["high"]) if row else (None, None)
        bars.append(Bar(place.name, mean, row["mean"] if row else None, low, high))
    yield from _chart(desk, bars, level)
    head = tuple(words[f"h_{key}"] for key in ("place", "assessed", "ballots", "rate", "mean", "interval"))
    title = desk.say("below_title", place=desk.name(desk.place), level=level)
    beside = desk.say("h_beside", place=desk.name(desk.place))
    yield Grid(title, (*head, beside), tuple(rows), (9, 7, 6, 7, 6, 10, 7)).without_empty()


def _chain(desk: PlaceDesk, area_id: str) -> set[str]:
    return {place.area_id for place in desk.survey.found.places.chain(area_id)}


def _chart(desk: PlaceDesk, bars: list[Bar], level: str) -> Iterator[Block]:
    own = desk.row()
    values = [value for bar in bars for value in (bar.value, bar.low, bar.high) if value is not None]
    if not values:
        return
    mark = own["mean"] if own else None
    axis = axis_for([*values, mark], desk.full)
    mark_label = "" if mark is None else f"{desk.name(desk.place)} {points_text(mark)}"
    yield Chart(desk.say("below_chart", level=level), tuple(bars), axis, mark, mark_label)
