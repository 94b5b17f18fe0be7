"""Every difference between two validated models, part by part.

In: two models of one class. Out: `Difference`s in the order of the file. Lists whose parts have an id (or a
grade, a code, a title) are matched by it: added, removed, changed, moved; other lists are compared as
wholes. Nothing is passed over: whatever is not matched is a leaf, and unequal leaves are a difference.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from minping_engine.scheme import Bilingual
from minping_engine.scheme.model import Part, Step

CHANGED, ADDED, REMOVED, MOVED = "changed", "added", "removed", "moved"
KEYS = ("id", "title", "grade", "code", "variable", "kind")
"""What names a part of a list, first come first served; only where no two parts share it."""
WHOLE = (Bilingual, Step)
"""Read as one thing: a text, a step of a band table."""


@dataclass(frozen=True)
class Leg:
    """One step down: the class, its field, and in a list the part itself with its places before and after.

    `inside` marks a part of a list that itself stands under a key: bands of one class.
    """

    owner: type[Part] | None
    field: str
    key: Hashable = None
    part: Any = None
    places: tuple[int | None, int | None] = (None, None)
    inside: bool = False


@dataclass(frozen=True)
class Difference:
    """Where, what was and what is; `how` is changed, added, removed or moved."""

    path: tuple[Leg, ...]
    before: Any
    after: Any
    how: str = CHANGED

    @property
    def last(self) -> Leg:
        """The leg that leads to the difference itself."""
        return self.path[-1]


def differences(before: Any, after: Any, path: tuple[Leg, ...] = ()) -> Iterator[Difference]:
    """All of them."""
    if isinstance(before, Part) and type(before) is type(after) and not isinstance(before, WHOLE):
        for name in type(before).model_fields:
            leg = Leg(type(before), name, part=getattr(after, name) or getattr(before, name))
            yield from differences(getattr(before, name), getattr(after, name), (*path, leg))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _mappings(before, after, path)
    elif (key := _key(before, after)) is not None:
        yield from _lists(before, after, path, key)
    elif _plain(before) != _plain(after) or isinstance(before, bool) is not isinstance(after, bool):
        yield Difference(path, before, after)


def _plain(value: Any) -> Any:
    """What is compared: a day is the same with or without quotes, a default whether written or not."""
    if isinstance(value, Part):
        return value.model_dump()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _mappings(
    before: Mapping[Any, Any], after: Mapping[Any, Any], path: tuple[Leg, ...]
) -> Iterator[Difference]:
    """By key, in the order of the new one."""
    head = path[-1]
    for key in [*after, *(key for key in before if key not in after)]:
        inner = (*path[:-1], Leg(head.owner, head.field, key))
        if key not in before:
            yield Difference(inner, None, after[key], ADDED)
        elif key not in after:
            yield Difference(inner, before[key], None, REMOVED)
        else:
            yield from differences(before[key], after[key], inner)
    if list(before) != list(after) and set(before) == set(after):
        yield Difference(path, tuple(before), tuple(after), MOVED)


def _key(before: Any, after: Any) -> str | None:
    """The field that names the parts of both lists; None where there is no such field."""
    if not isinstance(before, tuple) or not isinstance(after, tuple) or not (before or after):
        return None
    parts = [*before, *after]
    if not all(isinstance(part, Part) and not isinstance(part, WHOLE) for part in parts):
        return None
    for name in KEYS:
        if all(name in type(part).model_fields for part in parts) and all(
            _distinct(one, name) for one in (before, after)
        ):
            return name
    return None


def _distinct(parts: Sequence[Part], name: str) -> bool:
    keys = [_named(part, name) for part in parts]
    return len(set(keys)) == len(keys)


def _named(part: Part, name: str) -> Hashable:
    """A title in two languages is known by the Chinese one."""
    value = getattr(part, name)
    key: Hashable = value.zh if isinstance(value, Bilingual) else value
    return key


def _lists(before: Any, after: Any, path: tuple[Leg, ...], key: str) -> Iterator[Difference]:
    was = {_named(part, key): (place, part) for place, part in enumerate(before)}
    now = {_named(part, key): (place, part) for place, part in enumerate(after)}
    head = path[-1]
    moved = _moved(list(was), list(now))
    for name in [*now, *(name for name in was if name not in now)]:
        (first, old), (then, new) = was.get(name, (None, None)), now.get(name, (None, None))
        inside = head.key is not None
        leg = Leg(head.owner, head.field, name, new or old, (first, then), inside)
        inner = (*path, leg) if inside else (*path[:-1], leg)
        if old is None or new is None:
            yield Difference(inner, old, new, ADDED if old is None else REMOVED)
            continue
        yield from differences(old, new, inner) if type(old) is type(new) else [Difference(inner, old, new)]
        if name in moved:
            yield Difference(inner, first, then, MOVED)


def _moved(was: list[Hashable], now: list[Hashable]) -> set[Hashable]:
    """Names in both lists that do not stand in their old order: as few as the matcher finds."""
    old, new = [name for name in was if name in now], [name for name in now if name in was]
    kept: set[Hashable] = set()
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        kept |= set(old[block.a : block.a + block.size])
    return set(old) - kept
