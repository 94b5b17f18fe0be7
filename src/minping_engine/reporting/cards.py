"""Report cards as data: result, scheme and snapshot -> `CardFrame` and one `CardData` each.

What a card says, and what it keeps back: nothing below the thresholds, a rank only as a range,
a grade only where the scheme gives grades. The number that counts is `score`, with its interval.
Parts are made by `card_parts` and `card_comparison`, drawn by `templates/card.typ`, printed by `press`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from minping_engine.assessment.result import Result
from minping_engine.reporting.card_comparison import Peers, comparison, look_up_peers
from minping_engine.reporting.card_model import Advice, Axis, CardData, CardFrame, ItemRow, Mark, TrendPoint
from minping_engine.reporting.card_parts import (
    ItemFigures,
    Round,
    answered,
    axis_for,
    chosen_items,
    item_figures,
    item_row,
    marks,
    trend,
    verdict,
    year_so_far,
)
from minping_engine.reporting.lookups import Row, look_up
from minping_engine.reporting.numbers import count_text, period_text, plain_text, points_text
from minping_engine.reporting.statements import statement
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot
from minping_engine.terms import PERSON_KINDS, AreaLevel, AssesseeKind, NotAssessed, Status, label

ADVICE_SHOWN = 2
AREAS_SHOWN = 3
SCORE_INTERVALS = {
    "direct": "score_interval",
    "adjusted": "adjusted_interval",
    "shrunken": "shrunken_interval",
}
"""Sentence of the score's interval by the estimate that counts."""


def card_words(scheme: LoadedScheme, language: str) -> dict[str, str]:
    """The texts of a card. Who is assessed may be a place, who answers may be persons."""
    words = texts("card", language)
    if scheme.scheme.assessee_kind not in PERSON_KINDS:
        words |= {key.removesuffix("_area"): text for key, text in words.items() if key.endswith("_area")}
    return words


def build_frame(result: Result, scheme: LoadedScheme, snapshot: Snapshot, language: str) -> CardFrame:
    """What all cards of the round share."""
    words = card_words(scheme, language)
    is_synthetic = bool(snapshot.manifest.get("synthetic"))
    notes = [words["demo_note"]] if is_synthetic else []
    notes += [words["demo_values"]] if scheme.uses_demo_values else []
    percent = scheme.scheme.scoring.interval_percent
    footer = (
        words["footer_scheme"].format(key=scheme.key),
        words["footer_snapshot"].format(hash=snapshot.sha256[:16]),
        words["footer_check"],
    )
    return CardFrame(
        language=language,
        words={key: text.replace("{percent}", str(percent)) for key, text in words.items()},
        scheme=scheme.scheme.title.of(language),
        period=period_text(result.period, language),
        unit=scheme.scheme.sampling.unit,
        full_points=plain_text(scheme.scheme.scoring.total.points / 1000),
        is_demo=is_synthetic or scheme.uses_demo_values,
        demo_note=("；" if language == "zh" else "; ").join(notes),
        footer=footer,
    )


def build_cards(
    result: Result,
    scheme: LoadedScheme,
    snapshot: Snapshot,
    language: str = "zh",
    only: Collection[str] | None = None,
) -> list[CardData]:
    """One card per assessee, in the order of the scores."""
    found = look_up(result, snapshot)
    card_round = Round(found, scheme, card_words(scheme, language), language, result.period)
    peers = look_up_peers(result, found)
    rows = (row for row in found.scores if only is None or row["assessee_id"] in only)
    return [build_card(card_round, peers, row) for row in rows]


@dataclass(frozen=True)
class CardDesk:
    """A round opened once, from which single cards are made: a page shows one of a thousand."""

    card_round: Round
    peers: Peers
    rows: Mapping[str, Row]

    def card(self, assessee_id: str) -> CardData | None:
        """The card of one assessee; None where ballots say nothing about them."""
        row = self.rows.get(assessee_id)
        return None if row is None else build_card(self.card_round, self.peers, row)


def open_card_desk(
    result: Result, scheme: LoadedScheme, snapshot: Snapshot, *, language: str = "zh"
) -> CardDesk:
    """Read what cards need; may be kept as long as the result is."""
    found = look_up(result, snapshot)
    card_round = Round(found, scheme, card_words(scheme, language), language, result.period)
    rows = {row["assessee_id"]: row for row in found.scores}
    return CardDesk(card_round, look_up_peers(result, found), rows)


def build_card(card_round: Round, peers: Peers, row: Row) -> CardData:
    """The card of one assessee."""
    figures = item_figures(card_round, row)
    weakest = sorted(figures, key=lambda item: item.gap)[:ADVICE_SHOWN]
    is_shown = row["score"] is not None
    shown_marks = marks(card_round, row) if is_shown else ()
    history = trend(card_round, row)
    return CardData(
        assessee_id=row["assessee_id"],
        area_id=row["area_id"],
        name=row["name"],
        kind=label(AssesseeKind(row["kind"]), card_round.language),
        place=_place(card_round, row),
        areas=_own_areas(card_round, row),
        score=points_text(row["score"]) if is_shown else "",
        is_assessed=row["status"] == Status.ASSESSED,
        grade=_grade(card_round, row),
        grade_note=_grade_note(card_round, row),
        flag=_flag(card_round, row),
        reason=_reason(card_round, row),
        statement=_statement(card_round, row),
        verdict=_verdict(card_round, row),
        comparison=comparison(card_round, peers, row),
        marks=shown_marks,
        axis=_marks_axis(card_round, shown_marks) if is_shown else None,
        items=_items(card_round, figures, weakest),
        items_note=_items_note(card_round, figures),
        benchmark_words=_with_place(card_round, row, "share_bar"),
        trend=history,
        trend_axis=_trend_axis(card_round, history),
        trend_words=_trend_words(card_round, row),
        answered=answered(card_round, row),
        advice=_advice(card_round, row, weakest),
        advice_lead=_advice_lead(card_round, weakest),
    )


def _verdict(card_round: Round, row: Row) -> str:
    """Against the benchmark, then the year; nothing for who is not assessed."""
    if row["status"] != Status.ASSESSED:
        return ""
    return _joined(card_round, verdict(card_round, row), year_so_far(card_round, row))


def _place(card_round: Round, row: Row) -> str:
    """Street and community, or whatever the snapshot knows below the district."""
    chain = card_round.found.places.chain(row["area_id"])
    names = [place.name for place in reversed(chain) if place.level != AreaLevel.DISTRICT]
    return " · ".join(names) or card_round.found.places.name(row["area_id"])


def _own_areas(card_round: Round, row: Row) -> str:
    ids = [area for area in card_round.found.own_areas.get(row["assessee_id"], ()) if area != row["area_id"]]
    words = card_round.words
    names = words["separator"].join(card_round.found.places.name(area) for area in ids[:AREAS_SHOWN])
    return names if len(ids) <= AREAS_SHOWN else words["more_areas"].format(areas=names, count=len(ids))


def _grade(card_round: Round, row: Row) -> str:
    """The grade's label, empty if there is none."""
    if row["status"] != Status.ASSESSED or row["grade"] is None:
        return ""
    return card_round.grade_label(row["grade"])


def _grade_note(card_round: Round, row: Row) -> str:
    if row["status"] != Status.ASSESSED:
        return card_round.words["for_information"] if row["score"] is not None else ""
    if row["grade"] is None:
        return card_round.words["no_grade" if _has_grades(card_round.scheme) else "no_bands"]
    return ""


def _has_grades(scheme: LoadedScheme) -> bool:
    """Whether anybody can get a grade: by published bands, by chance or by quota."""
    rule = scheme.scheme.grading
    return bool(scheme.bands or rule.chances or rule.quota)


def _flag(card_round: Round, row: Row) -> str:
    target = card_round.scheme.target_ballots
    if not row["below_target"] or not target or row["status"] != Status.ASSESSED:
        return ""
    return card_round.words["below_target"].format(n=count_text(row["n_ballots"]), target=count_text(target))


def _reason(card_round: Round, row: Row) -> str:
    """Why somebody is not assessed."""
    if row["status"] == Status.ASSESSED:
        return ""
    limits = card_round.scheme.disclosure
    text = statement(
        NotAssessed(row["reason"]),
        card_round.language,
        n=count_text(row["n_ballots"]),
        needed=limits.scored_from,
        share=limits.one_building_percent,
    )
    if row["reason"] == NotAssessed.NO_SAMPLE or row["n_ballots"] >= limits.shown_from:
        return text
    hidden = card_round.words["reason_hidden"].format(shown=limits.shown_from)
    return _joined(card_round, text, hidden)


def _joined(card_round: Round, *sentences: str) -> str:
    """Sentences in a row; Chinese needs no blank between them."""
    return ("" if card_round.language == "zh" else " ").join(part for part in sentences if part)


def _statement(card_round: Round, row: Row) -> str:
    """From how many ballots, and between which points the score lies."""
    low, high = row["score_low"], row["score_high"]
    if row["score"] is None:
        return ""
    ballots = card_round.words["statement"].format(n=count_text(row["n_ballots"]))
    if low is None:
        return ballots
    sentence = statement(
        SCORE_INTERVALS[card_round.counts],
        card_round.language,
        score=points_text(row["score"]),
        percent=card_round.scheme.scheme.scoring.interval_percent,
        low=points_text(low),
        high=points_text(high),
    )
    return _joined(card_round, ballots, sentence)


def _marks_axis(card_round: Round, shown: tuple[Mark, ...]) -> Axis:
    values: list[float | None] = []
    for mark in shown:
        values += [mark.point, mark.low, mark.high, mark.wide_low, mark.wide_high]
    return axis_for(values, card_round.full)


def _trend_axis(card_round: Round, points: tuple[TrendPoint, ...]) -> Axis | None:
    if not points:
        return None
    values: list[float | None] = []
    for point in points:
        values += [point.point, point.low, point.high, point.benchmark]
    return axis_for(values, card_round.full)


def _trend_words(card_round: Round, row: Row) -> str:
    """Earlier rounds are kept as direct scores: a trend never mixes them with a modelled one."""
    note = _with_place(card_round, row, "trend_note")
    return note if card_round.counts == "direct" else f"{card_round.words['trend_direct']}{note}"


def _with_place(card_round: Round, row: Row, key: str) -> str:
    place = card_round.benchmark(row)
    percent = card_round.scheme.scheme.scoring.interval_percent
    name = card_round.place_name(place) if place else ""
    return card_round.words[key if place else f"{key}_plain"].format(place=name, percent=percent)


def _items(card_round: Round, figures: list[ItemFigures], weakest: list[ItemFigures]) -> tuple[ItemRow, ...]:
    names = {
        item.id: item.short.of(card_round.language) for item in card_round.scheme.scheme.instrument.items
    }
    return tuple(
        item_row(card_round, item, names[item.row["indicator"]], has_advice=item in weakest)
        for item in chosen_items(figures)
    )


def _items_note(card_round: Round, figures: list[ItemFigures]) -> str:
    if not figures:
        return card_round.words["items_hidden"]
    if len(chosen_items(figures)) < len(figures):
        return card_round.words["items_note"].format(count=len(figures))
    return ""


def _advice_lead(card_round: Round, weakest: list[ItemFigures]) -> str:
    """Why advice is given for these two: only what lies below the mean is said to need work."""
    if len(weakest) < ADVICE_SHOWN:
        return ""
    if any(item.benchmark is None for item in weakest):
        return card_round.words["advice_lead_plain"]
    below = sum(item.is_below for item in weakest)
    return card_round.words[("advice_lead_none", "advice_lead_one", "advice_lead_two")[below]]


def _advice(card_round: Round, row: Row, weakest: list[ItemFigures]) -> tuple[Advice, ...]:
    """Advice of the scheme for the weakest items; without any, how to get answers."""
    words = card_round.words
    if not weakest:
        key = "advice_no_sample" if row["reason"] == NotAssessed.NO_SAMPLE else "advice_too_few"
        return (Advice("", "", words[key]),)
    items = {item.id: item for item in card_round.scheme.scheme.instrument.items}
    advice = []
    for figures in weakest:
        item = items[figures.row["indicator"]]
        text = item.advice.of(card_round.language) if item.advice else words["advice_none"]
        points = f"{points_text(figures.row['points'], 1)} / {plain_text(figures.row['max_points'])}"
        advice.append(Advice(item.short.of(card_round.language), points, text))
    return tuple(advice)
