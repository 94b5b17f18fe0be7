"""Grades, counts over periods, vetoes and cards in words."""

from __future__ import annotations

from collections.abc import Iterator

from minping_engine.scheme.checks.grading import band_lists
from minping_engine.scheme.describe.context import Context
from minping_engine.scheme.describe.document import Block, Heading, Line, Lines, Table, table
from minping_engine.scheme.load import best_first
from minping_engine.scheme.model import Band, PeriodCount, Veto


def grade_blocks(context: Context) -> Iterator[Block]:
    """All that follows from points before anything is used."""
    scheme, w = context.scheme, context.w
    yield Heading(w.say("h_grades"))
    yield from context.placeholders("grading", "over_periods", "vetoes", "cards")
    yield from _grades(context)
    if scheme.over_periods:
        yield Heading(w.say("h_periods"))
        rows = [
            (w.of(one.title), _window(context, one), context.spoken.line(one.when))
            for one in scheme.over_periods
        ]
        yield table((w.say("counted"), w.say("window"), w.say("when")), rows, (35, 22, 43))
    if scheme.vetoes:
        yield Heading(w.say("h_vetoes"))
        vetoes = [
            (w.of(veto.title), context.spoken.line(veto.when), _effect(context, veto))
            for veto in scheme.vetoes
        ]
        yield table((w.say("veto"), w.say("when"), w.say("effect")), vetoes, (27, 38, 35))
    if scheme.cards:
        yield Heading(w.say("h_cards"))
        cards = [
            (w.of(card.title), w.say(f"colour_{card.colour}"), context.spoken.line(card.when))
            for card in scheme.cards
        ]
        yield table((w.say("card"), w.say("kind"), w.say("when")), cards, (35, 15, 50))


def _grades(context: Context) -> Iterator[Block]:
    lists = band_lists(context.scheme)
    if lists:
        yield _one_list(context, lists["grading.bands"]) if "grading.bands" in lists else _by_class(context)
    rules = tuple(Line(rule) for rule in _rules(context))
    if rules:
        yield Lines(rules)
    if not lists and not rules:
        yield Line(context.w.say("no_grades"))


def _one_list(context: Context, bands: tuple[Band, ...]) -> Table:
    w = context.w
    rows = [(w.of(band.label), context.milli(band.from_points)) for band in best_first(bands)]
    return table((w.say("grade"), w.say("grade_from")), rows, (50, 50))


def _by_class(context: Context) -> Table:
    """A column for each grade, a row for each class."""
    w = context.w
    lists = {
        key.removeprefix("grading.bands."): best_first(rows)
        for key, rows in band_lists(context.scheme).items()
    }
    grades = list(dict.fromkeys(band.grade for rows in lists.values() for band in rows))
    rows = []
    for name, bands in lists.items():
        starts = {band.grade: context.milli(band.from_points) for band in bands}
        title = w.say(f"class_{name}") if w.knows(f"class_{name}") else name
        rows.append((title, *(starts.get(grade, "") for grade in grades)))
    head = (w.say("class_head"), *(context.grade(grade) for grade in grades))
    return table(head, rows, (1,) * len(head))


def _rules(context: Context) -> Iterator[str]:
    grading, w = context.scheme.grading, context.w
    if chances := grading.chances:
        high, low = context.milli(chances.excellent_from), context.milli(chances.support_below)
        yield w.say("by_chance", high=high, low=low, p=chances.excellent_percent, q=chances.support_percent)
    if quota := grading.quota:
        limit = w.say("quota_false", percent=quota.most_false_percent) if quota.most_false_percent else ""
        yield w.say("by_quota", percent=quota.percent) + limit
    if group := grading.within:
        yield w.say("within", level=w.say(f"level_{group.level}"), attribute=w.say(f"attr_{group.attribute}"))
    for one in grading.limits:
        percent, ties = w.amount(one.at_most_percent), w.say(f"ties_{one.ties}")
        yield w.say("limit", grade=context.grade(one.grade), percent=percent, ties=ties)
    if grading.transitions and grading.transitions.up_at_most:
        yield w.say("up_at_most", n=grading.transitions.up_at_most)
    if grading.transitions and grading.transitions.down_at_most:
        yield w.say("down_at_most", n=grading.transitions.down_at_most)


def _window(context: Context, count: PeriodCount) -> str:
    w = context.w
    window = w.say("window_periods", n=count.periods) if count.periods else w.say(f"window_{count.window}")
    return w.say("in_a_row", window=window) if count.count == "in_a_row" else window


def _effect(context: Context, veto: Veto) -> str:
    w, uses = context.w, {use.id: use for use in context.scheme.use}
    parts = []
    if veto.grade_at_most:
        parts.append(w.say("veto_grade", grade=context.grade(veto.grade_at_most)))
    if veto.score_at_most is not None:
        parts.append(w.say("veto_score", points=w.points(veto.score_at_most)))
    if veto.bars:
        parts.append(w.say("veto_bars", uses=w.listed(w.say(f"use_{uses[name].kind}") for name in veto.bars)))
    return w.sentences(parts)
