"""Chapters on progress, level conditions, spread and costs, and the appendix on method.

In: `PlaceDesk`. Out: blocks. A change counts as one only past its error (S33); where scores do not tell
people apart no order is made (D7); difficulty stands beside the score (D1), costs where they were
registered (S35).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from minping_engine.reporting.bulletin_fair import people_sentence
from minping_engine.reporting.card_parts import axis_for, ends
from minping_engine.reporting.fair_words import fair_words
from minping_engine.reporting.numbers import (
    DASH,
    Z,
    count_text,
    interval_text,
    period_text,
    points_text,
    signed_text,
)
from minping_engine.reporting.place_report.desk import PlaceDesk, told_apart
from minping_engine.reporting.place_report.model import Bar, Block, Chart, Grid, Heading, Text

PERIODS_SHOWN = 8
Point = tuple[str, Mapping[str, Any]]


def change_chapter(desk: PlaceDesk) -> Iterator[Block]:
    """The place over time, its people against their last period, conditions, spread, costs."""
    yield from _trend(desk)
    yield from _progress(desk)
    yield from _difficulty(desk)
    yield from _spread(desk)
    yield from _costs(desk)


def _points(desk: PlaceDesk) -> list[Point]:
    """(period, mean with interval), oldest first, this period last."""
    z = Z[desk.scheme.scheme.scoring.interval_percent]
    found: list[Point] = []
    for old in desk.survey.found.earlier(desk.place.level, desk.place.area_id)[-(PERIODS_SHOWN - 1) :]:
        if old["estimate"] is not None:
            low, high = ends(old["estimate"], old["se_fpc"] if old["se_fpc"] is not None else old["se"], z)
            found.append((old["period"], {"mean": old["estimate"], "low": low, "high": high}))
    row = desk.row()
    return [*found, (desk.result.period, row)] if row else []


def _trend(desk: PlaceDesk) -> Iterator[Block]:
    points = _points(desk)
    if len(points) < 2:
        yield Text(desk.words["trend_none"])
        return
    (_, last), (_, before) = points[-1], points[-2]
    sign, change = told_apart(last, before), last["mean"] - before["mean"]
    if sign is not None:
        key = ("trend_down", "trend_same", "trend_up")[sign + 1]
        size = signed_text(change, 2) if sign == 0 else points_text(abs(change))
        yield Text(desk.say(key, change=size))
    bars = tuple(
        Bar(
            period_text(period, desk.language), points_text(row["mean"]), row["mean"], row["low"], row["high"]
        )
        for period, row in points
    )
    axis = axis_for(
        [value for bar in bars for value in (bar.value, bar.low, bar.high)],
        desk.full,
    )
    yield Chart(desk.words["trend_title"], bars, axis, None, "")
    head = tuple(desk.words[f"h_{key}"] for key in ("period", "mean", "interval"))
    rows = tuple((bar.name, bar.text, interval_text(bar.low, bar.high)) for bar in bars)
    yield Grid(desk.words["trend_table"], head, rows, (3, 2, 3))


def _progress(desk: PlaceDesk) -> Iterator[Block]:
    """How many are clearly better or worse than in their own last period; no names."""
    z = Z[desk.scheme.scheme.scoring.interval_percent]
    known = [row for row in desk.assessed if row.get("progress") is not None and row.get("progress_se")]
    if len(known) < desk.scheme.disclosure.mean_from:
        return
    gain = sum(row["progress"] > z * row["progress_se"] for row in known)
    loss = sum(row["progress"] < -z * row["progress_se"] for row in known)
    yield Text(desk.say("progress_lead", gain=gain, loss=loss, same=len(known) - gain - loss))


def _difficulty(desk: PlaceDesk) -> Iterator[Block]:
    rows = [row for row in desk.assessed if row.get("adjusted") is not None and row.get("direct") is not None]
    if len(rows) < desk.scheme.disclosure.mean_from or desk.row() is None:
        return
    plain, adjusted = (math.fsum(row[name] for row in rows) / len(rows) for name in ("direct", "adjusted"))
    yield Heading(desk.words["difficulty_title"])
    yield Text(
        desk.say(
            "difficulty",
            plain=points_text(plain),
            adjusted=points_text(adjusted),
            moved=signed_text(adjusted - plain, 2),
        )
    )


def _spread(desk: PlaceDesk) -> Iterator[Block]:
    groups = desk.result["comparison_groups"].to_pylist()
    here = {row.get("comparison_group") or "" for row in desk.assessed}
    groups = [row for row in groups if row["comparison_group"] in here]
    if not groups:
        return
    names, fairness = fair_words(desk.snapshot, desk.language), desk.scheme.scheme.fairness
    rule = fairness.comparison_group if fairness else None
    yield Heading(desk.words["spread_title"])
    if told := people_sentence(desk.survey, desk.result):
        yield Text(told)
    rows = tuple(
        (
            names.group(row["comparison_group"], rule),
            desk.joined([names.discrimination(row), names.ranking(row)]),
            count_text(row["compared"]),
            DASH if row["reliability"] is None else points_text(row["reliability"]),
        )
        for row in groups
    )
    head = tuple(desk.words[f"h_{key}"] for key in ("group", "said", "compared", "reliability"))
    yield Grid("", head, rows, (2, 8, 2, 2), 2)


def _costs(desk: PlaceDesk) -> Iterator[Block]:
    who = {row["assessee_id"] for row in desk.members}
    rows = [row for row in desk.result["costs"].to_pylist() if row["assessee_id"] in who]
    spent = [row["yuan"] for row in rows if row["yuan"] is not None]
    if not spent:
        return
    yield Heading(desk.words["costs_title"])
    yield Text(desk.joined(_cost_sentences(desk, rows, spent)))


def _cost_sentences(desk: PlaceDesk, rows: list[dict[str, Any]], spent: list[float]) -> Iterator[str]:
    """Money, households gained with the interval; a ratio only where the gain is beyond its error."""
    yield desk.say("costs", yuan=f"{math.fsum(spent):,.0f}", n=len(spent))
    known = [row for row in rows if row["gain"] is not None and row["gain_se"] is not None]
    if len(known) < len(rows):
        return
    gain = math.fsum(row["gain"] for row in known)
    half = Z[desk.scheme.scheme.scoring.interval_percent] * math.hypot(*(row["gain_se"] for row in known))
    yield desk.say(
        "costs_gain",
        gain=points_text(gain, 1),
        low=points_text(gain - half, 1),
        high=points_text(gain + half, 1),
    )
    if gain - half > 0:
        yield desk.say("costs_ratio", ratio=f"{math.fsum(spent) / gain:,.0f}")
    else:
        yield desk.words["costs_unclear"]


def method_chapter(desk: PlaceDesk) -> Iterator[Block]:
    """What intervals and thresholds mean, and what the report was made from."""
    limits, head = desk.scheme.disclosure, desk.result.head
    if desk.scheme.scheme.instruments:
        yield Text(desk.say("method_interval", percent=desk.scheme.scheme.scoring.interval_percent))
    yield Text(
        desk.say(
            "method_thresholds" if desk.scheme.scheme.instruments else "method_people",
            shown=limits.shown_from,
            scored=limits.scored_from,
            people=limits.mean_from,
        )
    )
    rate = [desk.words["method_rate"]] if desk.scheme.scheme.instruments else []
    yield Text(desk.joined([*rate, desk.words["method_order"]]))
    if desk.survey.hidden_note:
        yield Text(desk.survey.hidden_note)
    yield Text(
        desk.say(
            "method_basis",
            key=desk.scheme.key,
            snapshot=desk.snapshot.sha256[:16],
            result=str(head["fingerprints"]["exact"])[:16],
        )
    )
