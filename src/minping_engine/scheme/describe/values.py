"""The chapter on values: each number with its source, its date, how sure it is, who filled it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from minping_engine.scheme.describe.context import Context, context_of
from minping_engine.scheme.describe.document import Block, Chapter, Line, table
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.load import LoadedScheme
from minping_engine.scheme.model import Source
from minping_engine.scheme.values import UsedValue, exact_number

BY_GRADE = {"document_copy": "copied", "inference": "inferred", "recommendation": "recommended"}
"""Grades of sources that are not the published text itself."""
OWN_TITLE = "本项目建议"
"""What values of the library name as their source when it is the library itself."""


@dataclass(frozen=True)
class DescribedValue:
    """One value in words; `state` as `value_state` tells it, `since` empty where no day is known."""

    id: str
    title: str
    content: str
    source: str
    clause: str
    day: str
    grade: str
    state: str
    state_words: str
    since: str


def values_chapter(context: Context) -> Chapter:
    """A table of all values in use."""
    return Chapter(context.w.say("ch_values"), tuple(_values(context)))


def described_values(loaded: LoadedScheme, language: str) -> list[tuple[str, str, str, str]]:
    """Title, content, source and kind of every value in use, in words."""
    context = context_of(loaded, language)
    rows = (_row(context, loaded.values[name]) for name in sorted(loaded.values))
    return [(title.text, content.text, source.text, origin.text) for title, content, source, origin in rows]


def values_in_words(loaded: LoadedScheme, language: str) -> tuple[DescribedValue, ...]:
    """Every value in use by its title: content, source, clause, date, how sure, who filled it in."""
    context = context_of(loaded, language)
    found = (_described(context, used) for used in loaded.values.values())
    return tuple(sorted(found, key=lambda value: value.id))


def _described(context: Context, used: UsedValue) -> DescribedValue:
    state, source = value_state(used), used.source
    return DescribedValue(
        id=used.id,
        title=used.title_en if context.w.language == "en" else used.title_zh,
        content=_content(context, used),
        source=_source_title(context, source),
        clause=str(source.clause),
        day=_source_day(context, source),
        grade=context.w.say(f"grade_{source.grade}"),
        state=state,
        state_words=context.w.say(f"origin_{state}"),
        since=used.since if _is_dated(used) else "",
    )


def _values(context: Context) -> Iterator[Block]:
    w, values = context.w, context.loaded.values
    if not values:
        yield Line(w.say("no_values"))
        return
    head = [w.say(key) for key in ("value", "value_is", "source", "origin")]
    yield table(head, (_row(context, values[name]) for name in sorted(values)), (26, 27, 32, 15))


def _row(context: Context, used: UsedValue) -> tuple[Line, ...]:
    w = context.w
    title = used.title_en if w.language == "en" else used.title_zh
    return (
        Line(title, used.id),
        Line(_content(context, used)),
        Line(source_words(context, used.source)),
        Line(_origin(context, used)),
    )


def _origin(context: Context, used: UsedValue) -> str:
    w = context.w
    since = w.say("since", day=used.since) if _is_dated(used) else ""
    return w.sentences((w.say(f"origin_{value_state(used)}"), since))


def _is_dated(used: UsedValue) -> bool:
    """Whether the source itself says from when the value holds."""
    return value_state(used) in {"published", "copied"} and used.since != "unknown"


def value_state(used: UsedValue) -> str:
    """What a value rests on: published, copied, inferred, recommended, district, demo or unfilled.

    Only what a source itself says is called published. Words: `origin_...` in `words.yaml`.
    """
    return BY_GRADE.get(used.source.grade, "published") if used.origin == "published" else used.origin


def source_words(context: Context, source: Source) -> str:
    """Title, clause, date and how sure."""
    grade = context.w.say(f"grade_{source.grade}")
    title = _source_title(context, source)
    return context.w.sentences((title, str(source.clause), _source_day(context, source), grade))


def _source_title(context: Context, source: Source) -> str:
    """As the source calls itself; what the library itself proposes is said in the language of the page."""
    return context.w.say("own_title") if source.title == OWN_TITLE else source.title


def _source_day(context: Context, source: Source) -> str:
    return context.w.say("unknown_day") if str(source.date) == "unknown" else str(source.date)


def _content(context: Context, used: UsedValue) -> str:
    """The amount; a demo value that only holds a place is not shown as one."""
    if used.origin == "unfilled":
        return context.w.blank()
    if used.value is None:
        return context.w.say("not_used")
    if _is_part(used.value):
        return context.w.say("see_text")
    return _plain(context, used.value, used.unit)


def _is_part(value: Any) -> bool:
    """A whole part of a scheme, e.g. a tree of indicators: its place in the manual tells it better."""
    if isinstance(value, list | tuple):
        return any(_is_part(one) for one in value)
    return isinstance(value, Mapping) and ("id" in value or "kind" in value)


def _plain(context: Context, value: Any, unit: str) -> str:
    """A value of any shape: number, band, list, mapping."""
    w = context.w
    if unit == "ballots" and isinstance(value, int):
        return w.counted("unit_ballots", Fraction(value))
    number = exact_number(value, unit) if unit not in {"text", "truth"} else None
    if number is not None:
        known = Unit(unit) if unit in set(Unit) else None
        return w.amount(number, known)
    if isinstance(value, Mapping):
        return _mapping(context, value, unit)
    if isinstance(value, list | tuple):
        return w.sentences(_plain(context, part, unit) for part in value)
    if isinstance(value, bool):
        return w.say("truth_yes" if value else "truth_no")
    return str(value)


def _mapping(context: Context, value: Mapping[str, Any], unit: str) -> str:
    """A band by its label, a quota by its window, otherwise name and value."""
    w = context.w
    if {"grade", "label", "from_points"} <= value.keys():
        label = value["label"][w.language]
        return f"{label} ≥ {w.points(Fraction(str(value['from_points'])))}"
    if {"count", "window"} == value.keys():
        return w.say(f"visit_quota_{value['window']}", n=value["count"])
    if {"from", "points"} == value.keys():
        points = w.points(Fraction(str(value["points"])))
        return f"{value['from']}{w.say('colon')}{points}"
    if set(value) <= {"by_grade", "by_rank", "amount", "budget", "weights"} and len(value) == 1:
        return _plain(context, next(iter(value.values())), unit)
    parts = [
        f"{context.grade(str(key))}{w.say('colon')}{_plain(context, part, unit)}"
        for key, part in value.items()
    ]
    return w.sentences(parts)


def _key(context: Context, key: str) -> str:
    """A class or a grade by its word."""
    return context.w.say(f"class_{key}") if context.w.knows(f"class_{key}") else context.grade(key)
