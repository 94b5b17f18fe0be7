"""Changes of values: numbers with a date and a source, wherever a scheme reads them.

In: the values in use of two schemes. Out: `Noted` rows: kind, value, sentence. A value that stands in the
structure is told there, with its place; here come those that only expressions read, and what changed about
a value beside its amount (unit, origin, day, title, source).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from minping_engine.lab.changes.model import ChangeKind
from minping_engine.lab.changes.phrases import apart, changed_words
from minping_engine.lab.changes.shown import Speaker
from minping_engine.lab.changes.walk import Leg
from minping_engine.scheme import LoadedScheme, Unit, UsedValue
from minping_engine.scheme.describe import value_state
from minping_engine.scheme.values import exact_number

RawPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Noted:
    """One change of a value."""

    kind: ChangeKind
    value: str
    where: tuple[str, ...]
    sentence: str


def value_places(loaded: LoadedScheme) -> dict[RawPath, str]:
    """Where the scheme's file puts which value; nothing where the file cannot be read."""
    try:
        raw = yaml.safe_load((loaded.folder / "scheme.yaml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return dict(_references(raw, ()))


def _references(data: Any, path: RawPath) -> Iterator[tuple[RawPath, str]]:
    if isinstance(data, dict):
        if set(data) == {"value"} and isinstance(data["value"], str):
            yield path, data["value"]
        for key, part in data.items():
            yield from _references(part, (*path, key))
    elif isinstance(data, list):
        for number, part in enumerate(data):
            yield from _references(part, (*path, number))


def raw_path(path: tuple[Leg, ...], side: int) -> RawPath:
    """The way as the file has it; `side` is 0 for before, 1 for after."""
    made: list[str | int] = []
    for leg in path:
        if not leg.inside and leg.owner is not None:
            made.append(leg.owner.model_fields[leg.field].alias or leg.field)
        place = leg.places[side]
        if place is not None:
            made.append(place)
        elif leg.key is not None and leg.places == (None, None):
            made.append(str(leg.key))
    return tuple(made)


def value_at(path: RawPath, places: Mapping[RawPath, str]) -> str | None:
    """The value that was put there, or around it."""
    return next((name for start, name in places.items() if path[: len(start)] == start), None)


def value_changes(
    before: LoadedScheme, after: LoadedScheme, told: frozenset[str], speaker: Speaker
) -> Iterator[Noted]:
    """By id; `told` are values whose amount was told where it stands."""
    for name in sorted({*before.values, *after.values}):
        was, now = before.values.get(name), after.values.get(name)
        if was is None or now is None:
            yield _one_sided(was, now, speaker)
        else:
            yield from _changed(was, now, told, speaker)


def _one_sided(was: UsedValue | None, now: UsedValue | None, speaker: Speaker) -> Noted:
    used = now or was
    assert used is not None
    if isinstance(used.value, dict | list):  # what it holds is told where it stands
        return _noted(ChangeKind.VALUE, used, "s_new" if was is None else "s_gone", speaker)
    key, said = ("s_added", "after") if was is None else ("s_removed", "before")
    return _noted(ChangeKind.VALUE, used, key, speaker, **{said: amount_text(used, speaker)})


def _changed(was: UsedValue, now: UsedValue, told: frozenset[str], speaker: Speaker) -> Iterator[Noted]:
    if now.value != was.value and now.id not in told:
        first, last = apart(amount_text(was, speaker), amount_text(now, speaker))
        sentence = changed_words(speaker=speaker, subject=_called(now, speaker), was=first, now=last)
        yield Noted(ChangeKind.VALUE, now.id, (_called(now, speaker),), sentence)
    # The day of a value that changed is told with the change itself.
    for part in ("unit", "origin", "since") if now.value == was.value else ("unit", "origin"):
        old, new = getattr(was, part), getattr(now, part)
        if old != new:
            said = _word(part, was, speaker), _word(part, now, speaker)
            yield _part(ChangeKind.VALUE, now, part, said, speaker)
    if (was.title_zh, was.title_en) != (now.title_zh, now.title_en):
        titles = f"{was.title_zh} / {was.title_en}", f"{now.title_zh} / {now.title_en}"
        yield _part(ChangeKind.TEXT, now, "title", titles, speaker)
    if was.source != now.source:
        first, last = apart(speaker.value(was.source), speaker.value(now.source))
        yield _part(ChangeKind.SOURCE, now, "source", (first, last), speaker)


def _part(kind: ChangeKind, used: UsedValue, part: str, said: tuple[str, str], speaker: Speaker) -> Noted:
    """Something about a value, as it was and as it is."""
    subject = _subject(used, speaker, part)
    sentence = changed_words(speaker=speaker, subject=subject, was=said[0], now=said[1])
    return Noted(kind, used.id, (_called(used, speaker), speaker.field_name("UsedValue", part)), sentence)


def _noted(kind: ChangeKind, used: UsedValue, key: str, speaker: Speaker, **said: str) -> Noted:
    called = _called(used, speaker)
    return Noted(kind, used.id, (called,), speaker.words[key].format(subject=called, **said))


def _subject(used: UsedValue, speaker: Speaker, part: str) -> str:
    return speaker.words["joint"].join((_called(used, speaker), speaker.field_name("UsedValue", part)))


def _called(used: UsedValue, speaker: Speaker) -> str:
    title = used.title_en if speaker.language == "en" else used.title_zh
    return speaker.words["titled"].format(noun=speaker.words["part_value"], title=title)


def _word(part: str, used: UsedValue, speaker: Speaker) -> str:
    """A unit, an origin or a day in words."""
    if part == "unit":
        return speaker.value(used.unit, "", "unit")
    if part == "origin":
        state = speaker.wording.say(f"origin_{value_state(used)}")
        return speaker.wording.say("quoted", text=state)
    text = used.since
    return speaker.words["unknown_day"] if text in {"unknown", "-"} else text


def amount_text(used: UsedValue, speaker: Speaker) -> str:
    """A value with its unit."""
    number = exact_number(used.value, used.unit)
    if number is not None:
        return speaker.wording.amount(number, Unit(used.unit))
    key = f"unit_{used.unit}"
    if isinstance(used.value, int | float) and speaker.wording.knows(key):
        return speaker.wording.say(key, n=used.value)
    return speaker.value(used.value)
