"""The chapter on the use of results: proposals, money, publication, objections, exclusions."""

from __future__ import annotations

from collections.abc import Iterator

from minping_engine.scheme.describe.context import Context, joined
from minping_engine.scheme.describe.document import Block, Chapter, Heading, Line, Lines, table
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model import Money, Use


def use_chapter(context: Context) -> Chapter:
    """What follows from a result, and how somebody may object."""
    notes = context.placeholders("use", "publication", "objection", "exclusions")
    blocks = (*notes, *_uses(context), *_around(context), *_exclusions(context))
    return Chapter(context.w.say("ch_use"), blocks)


def _uses(context: Context) -> Iterator[Block]:
    uses, w = context.scheme.use, context.w
    if not uses:
        yield Line(w.say("no_use"))
        return
    yield Line(w.say("proposals"))
    head = [w.say(key) for key in ("kind", "use", "for_whom", "money", "signatures")]
    yield table(head, (_use(context, use) for use in uses), (11, 29, 26, 25, 9))


def _use(context: Context, use: Use) -> tuple[str | Line, ...]:
    w = context.w
    return (
        w.say(f"use_{use.kind}"),
        w.of(use.text),
        context.spoken.line(use.when) if use.when else w.say("everybody"),
        money_words(context, use.money) if use.money else "",
        w.amount(use.signatures, Unit.PERSONS),
    )


def money_words(context: Context, money: Money) -> Line:
    """All ways in which an amount can be given; a scheme uses one of them."""
    return joined(context, (Line(text, small) for text, small in _amounts(context, money)))


def _amounts(context: Context, money: Money) -> Iterator[tuple[str, str]]:
    w = context.w
    if money.amount:
        line = context.spoken.line(money.amount)
        yield line.text, line.small
    for grade, fen in (money.by_grade or {}).items():
        yield w.say("by_grade", grade=context.grade(grade), money=_yuan(context, fen)), ""
    if money.by_rank:
        for number, fen in enumerate(money.by_rank, start=1):
            yield w.say("by_rank", n=number, money=_yuan(context, fen)), ""
        told_apart = money.by_rank_ties == "told_apart"
        yield w.say("ranks_share_told_apart" if told_apart else "ranks_share"), ""
    if money.budget is not None and money.weights:
        line = context.spoken.line(money.weights)
        yield w.say("budget", budget=_yuan(context, money.budget), weights=line.text), line.small
    elif money.budget is not None:
        yield w.say("budget_even", budget=_yuan(context, money.budget)), ""


def _yuan(context: Context, fen: int) -> str:
    return context.w.amount(fen, Unit.FEN)


def _around(context: Context) -> Iterator[Block]:
    scheme, w = context.scheme, context.w
    if scheme.publication or scheme.objection:
        yield Heading(w.say("h_publication"))
    if shown := scheme.publication:
        what, to = context.labels("what", shown.what), context.labels("to", shown.to)
        text = w.say("publication", what=what, to=to, days=w.amount(shown.days, Unit.DAYS))
        yield Line(text + ("" if shown.ranks_persons else w.say("no_ranks_persons")))
    if scheme.objection:
        days = w.amount(scheme.objection.days, Unit.DAYS)
        yield Line(w.say("objection", days=days, effect=w.say(f"effect_{scheme.objection.effect}")))
        yield Lines(
            tuple(
                Line(w.say("node", title=w.of(node.title), days=w.amount(node.days, Unit.DAYS)))
                for node in scheme.objection.nodes
            )
        )


def _exclusions(context: Context) -> Iterator[Block]:
    scheme, w = context.scheme, context.w
    if not scheme.exclusions:
        return
    yield Heading(w.say("h_exclusions"))
    yield Line(w.say("excluded_note"))
    yield Lines(
        tuple(
            Line(w.say("excluded", title=w.of(one.title), n=w.amount(one.decided_by, Unit.PERSONS)))
            for one in scheme.exclusions
        )
    )
