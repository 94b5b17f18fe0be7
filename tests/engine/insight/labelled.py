"""The labelled comments of `labelled.yaml`, and how well the rules do on them.

A labelled place is hidden if marks cover all of it, of whatever kind; a mark is right if it touches a
labelled place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from minping_engine.insight import Kind, Mark, redact

LABEL = re.compile(r"\{([a-z_]+):([^}]*)\}")
PARTS = ("looked_at", "kept_apart")


@dataclass(frozen=True)
class Example:
    """A comment and the places that must be hidden."""

    text: str
    places: tuple[tuple[Kind, int, int], ...]


@dataclass
class Counts:
    """Labelled places and those hidden; marks and those that touch a labelled place."""

    places: int = 0
    hidden: int = 0
    marks: int = 0
    right: int = 0


@cache
def examples(part: str) -> tuple[Example, ...]:
    """The comments of one part."""
    lists = yaml.safe_load(Path(__file__).with_name("labelled.yaml").read_text("utf-8"))
    return tuple(map(_example, lists[part]))


def _example(line: str) -> Example:
    text, places, last = "", list[tuple[Kind, int, int]](), 0
    for label in LABEL.finditer(line):
        text += line[last : label.start()]
        places.append((Kind(label.group(1)), len(text), len(text) + len(label.group(2))))
        text += label.group(2)
        last = label.end()
    return Example(text + line[last:], tuple(places))


def _is_hidden(start: int, end: int, marks: tuple[Mark, ...]) -> bool:
    covered = {at for mark in marks for at in range(mark.start, mark.end)}
    return set(range(start, end)) <= covered


def _is_right(mark: Mark, example: Example) -> bool:
    return any(mark.start < end and start < mark.end for _, start, end in example.places)


def measured(some: tuple[Example, ...]) -> dict[Kind, Counts]:
    """Counts by kind."""
    counts = {kind: Counts() for kind in Kind}
    for example in some:
        marks = redact(example.text).marks
        for kind, start, end in example.places:
            counts[kind].places += 1
            counts[kind].hidden += _is_hidden(start, end, marks)
        for mark in marks:
            counts[mark.kind].marks += 1
            counts[mark.kind].right += _is_right(mark, example)
    return counts


def faults(some: tuple[Example, ...]) -> Iterator[str]:
    """Every comment with a place that is not hidden or a mark that is wrong."""
    for example in some:
        result = redact(example.text)
        missed = [
            example.text[start:end]
            for _, start, end in example.places
            if not _is_hidden(start, end, result.marks)
        ]
        wrong = [example.text[mark.start : mark.end] for mark in result.marks if not _is_right(mark, example)]
        if missed or wrong:
            yield f"{example.text} -> {result.text} missed {missed} wrong {wrong}"
