"""Chapters of the questionnaire's side: instrument, sampling and raters, means (S18)."""

from __future__ import annotations

from collections.abc import Iterator

from minping_engine.scheme.describe.context import Context
from minping_engine.scheme.describe.document import Block, Chapter, Heading, Line, Table, table
from minping_engine.scheme.model import Instrument, Item, RaterGroup
from minping_engine.terms import Mode, label


def instrument_chapter(context: Context) -> Chapter:
    """Questions with their answers and points."""
    return Chapter(context.w.say("ch_instrument"), tuple(_instruments(context)))


def _instruments(context: Context) -> Iterator[Block]:
    scheme, w = context.scheme, context.w
    if not scheme.instruments:
        yield Line(w.say("no_instrument"))
        return
    for form in scheme.instruments:
        yield Heading(w.say("version_of", title=w.of(form.title), version=form.version))
        yield _questions(context, form)
    total = scheme.scoring.total
    yield Line(w.say("ballot_total", points=context.milli(total.points), n=total.minimum_answered))


def _questions(context: Context, form: Instrument) -> Table:
    w = context.w
    rows = [
        (str(number), w.noted(w.of(item.text), w.say(f"kind_{item.kind}")),
         _answers(context, item), w.of(item.advice) if item.advice else "")
        for number, item in enumerate(form.items, start=1)
    ]  # fmt: skip
    return table(("", w.say("question"), w.say("answers"), w.say("advice")), rows, (5, 35, 25, 35))


def _answers(context: Context, item: Item) -> str:
    w = context.w
    return w.sentences(
        w.say("answer", label=w.of(answer.label), points=context.milli(answer.points))
        for answer in item.answers
    )


def sampling_chapter(context: Context) -> Chapter:
    """Who is drawn, how many ballots are wanted, who else rates."""
    w = context.w
    return Chapter(
        w.say("ch_sampling"),
        (*context.placeholders("sampling", "raters"), *_drawn(context), *_raters(context)),
    )


def _drawn(context: Context) -> Iterator[Line]:
    scheme, w = context.scheme, context.w
    plan = scheme.sampling
    if not scheme.instruments:
        yield Line(w.say("no_sampling"))
    else:
        yield Line(w.say("sampled", unit=w.say(f"unit_of_{plan.unit}")) + w.say("stop").rstrip())
        if plan.target_ballots:
            yield Line(w.say("target_ballots", n=plan.target_ballots) + w.say("stop").rstrip())
        limits = context.loaded.disclosure
        yield Line(w.say("thresholds", scored=limits.scored_from, shown=limits.shown_from))
    if plan.visit_quota:
        yield Line(w.say(f"visit_quota_{plan.visit_quota.window}", n=plan.visit_quota.count))


def _raters(context: Context) -> Iterator[Block]:
    scheme, w = context.scheme, context.w
    yield Heading(w.say("h_raters"))
    if not scheme.raters:
        yield Line(w.say("no_raters"))
        return
    rows = [(w.of(group.title), _number(context, group), _mix(context, group)) for group in scheme.raters]
    yield table((w.say("raters"), w.say("number"), w.say("mix")), rows, (35, 25, 40))
    yield Line(w.say("raters_missing"))


def _number(context: Context, group: RaterGroup) -> str:
    w = context.w
    least = w.say("raters_least", n=group.minimum)
    return least + (w.say("raters_most", n=group.maximum) if group.maximum else "")


def _mix(context: Context, group: RaterGroup) -> str:
    w = context.w
    parts = []
    for share in group.shares:
        if share.at_least_percent:
            parts.append(w.say("share_least", kind=share.kind, percent=share.at_least_percent))
        if share.at_most_percent < 100:
            parts.append(w.say("share_most", kind=share.kind, percent=share.at_most_percent))
    return w.sentences(parts) or w.say("nothing")


def means_chapter(context: Context) -> Chapter:
    """Who collects, by which modes."""
    scheme, w = context.scheme, context.w
    if not scheme.instruments:
        return Chapter(w.say("ch_means"), (Line(w.say("no_means")),))
    lines = [Line(w.say("collected_by", who=w.of(scheme.means.collected_by)))]
    if scheme.means.modes:
        lines.append(
            Line(w.say("modes", modes=w.listed(_mode(name, w.language) for name in scheme.means.modes)))
        )
    if scheme.fairness and scheme.fairness.modes:
        lines.append(Line(w.say("mode_reference", mode=_mode(scheme.fairness.modes.reference, w.language))))
    return Chapter(w.say("ch_means"), tuple(lines))


def _mode(name: str, language: str) -> str:
    """A mode by its label; one that the list lacks stays as it is."""
    return label(Mode[name.upper()], language) if name.upper() in Mode.__members__ else name
