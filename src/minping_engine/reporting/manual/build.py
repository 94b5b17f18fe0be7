"""A scheme's manual with what only this layer knows: its fingerprint and its worked examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from minping_engine.assessment.examples.written import Example, read_example
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme
from minping_engine.scheme.describe import Block, Chapter, Heading, Line, Lines, Manual, describe_scheme
from minping_engine.scheme.describe.context import Context, context_of
from minping_engine.scheme.describe.document import table
from minping_engine.scheme.expressions import Unit
from minping_engine.snapshot import json_sha256
from minping_engine.terms import MeasureState, NotAssessed, Status, label

STATES: dict[str, type[Status] | type[NotAssessed]] = {"status": Status, "reason": NotAssessed}
"""Columns with a closed list of their own; all others may hold the state of a measure."""
LISTS = frozenset({"vetoes", "cards"})
HALF = 32
"""A fingerprint is printed in two halves, so that it fits a line."""


def scheme_manual(loaded: LoadedScheme, language: str = "zh") -> Manual:
    """The whole manual. Raises `SchemeError` for a broken example."""
    words, told = texts("manual", language), describe_scheme(loaded, language)
    sha256 = json_sha256(loaded.content)
    return replace(
        told,
        head=(*told.head, (words["fingerprint"], f"{sha256[:HALF]} {sha256[HALF:]}")),
        chapters=(*told.chapters, Chapter(words["examples"], tuple(_examples(loaded, language)))),
        footer=f"{told.footer}　{sha256[:16]}",
    )


def _examples(loaded: LoadedScheme, language: str) -> Iterator[Block]:
    words, context = texts("manual", language), context_of(loaded, language)
    paths = sorted((loaded.folder / "examples").glob("*.yaml"))
    examples = [read_example(path) for path in paths]
    if examples and loaded.unfilled:  # what comes out rests on numbers that this manual leaves blank
        yield Line(words["examples_wait"])
        yield Lines(tuple(Line(_heading(example, context, words)) for example in examples))
        return
    yield Line(words["examples_lead" if paths else "no_examples"])
    for example in examples:
        yield from _example(example, context, words)


def _example(example: Example, context: Context, words: dict[str, str]) -> Iterator[Block]:
    yield Heading(_heading(example, context, words))
    yield Line(context.w.of(example.why))
    rows = [(name, _expected(asked.expect, context)) for name, asked in example.assessees.items()]
    yield table((words["who"], words["expected"]), rows, (25, 75))


def _heading(example: Example, context: Context, words: dict[str, str]) -> str:
    """The title of an example, and which requirements it shows."""
    title = context.w.of(example.title)
    numbers = words["shows"].format(numbers=context.w.listed(example.shows))
    return context.w.noted(title, numbers) if example.shows else title


def _expected(expect: dict[str, Any], context: Context) -> str:
    w = context.w
    return w.sentences(
        f"{_title(name, context)}{w.say('colon')}{_value(name, value, context)}"
        for name, value in expect.items()
    )


def _title(name: str, context: Context) -> str:
    """What is expected, by its title; a column of the result by the words for it."""
    words = texts("manual", context.w.language)
    uses = {use.id: use for use in context.scheme.use}
    if name in uses:
        kinds = [use.kind for use in uses.values()]
        title = context.w.say(f"use_{uses[name].kind}")
        alone = kinds.count(uses[name].kind) == 1
        return title if alone else context.w.noted(title, context.w.of(uses[name].text))
    for change in context.scheme.adjustments:
        if change.id == name:
            return context.w.of(change.title)
    items = (item for form in context.scheme.instruments for item in form.items)
    for item in items:
        if item.id == name:
            return context.w.of(item.short)
    return words.get(f"column_{name}") or context.titles.title(name)


def _value(name: str, value: Any, context: Context) -> str:
    w, uses = context.w, {use.id for use in context.scheme.use}
    if value is None or value in ("", "none"):
        return w.say("nothing")
    if isinstance(value, bool):
        return w.say("truth_yes" if value else "truth_no")
    if isinstance(value, int | float):
        return w.amount(Fraction(str(value)), Unit.FEN if name in uses else None)
    if name in uses:
        return texts("manual", w.language)["proposed"]
    if name in LISTS:
        return w.listed(context.titles.title(part) for part in str(value).split())
    for states in (STATES.get(name, MeasureState), MeasureState):
        if value in set(states):
            return label(states(value), w.language)
    return context.grade(str(value))
