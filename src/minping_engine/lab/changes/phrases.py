"""A difference as a sentence: what it is called, what it was, what it is.

In: a `Difference` and a speaker for each scheme. Out: where it stands (by titles) and the sentence without
its effect. Nothing is called by its key unless it has no other name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minping_engine.lab.changes.shown import Speaker, named
from minping_engine.lab.changes.walk import ADDED, CHANGED, MOVED, REMOVED, Difference, Leg
from minping_engine.scheme import Bilingual, Indicator, Unit
from minping_engine.scheme.model import Part

LONGEST, LEAD = 160, 24
"""Long texts are shown from a little before the first place where they differ."""


def where_of(difference: Difference, speaker: Speaker) -> tuple[str, ...]:
    """The way there, by titles."""
    legs = _telling(difference.path)
    return tuple(_token(leg, speaker) for leg in legs)


def sentence_of(difference: Difference, before: Speaker, after: Speaker) -> str:
    """The change in words."""
    words, where = after.words, where_of(difference, after)
    subject = words["joint"].join(where)
    if difference.how == MOVED:
        return _order(difference, subject, after)
    was, now = _pair(difference, before, after)
    if difference.how == ADDED:
        return words["s_added"].format(subject=subject, after=now)
    if difference.how == REMOVED:
        return words["s_removed"].format(subject=subject, before=was)
    return changed_words(speaker=after, subject=subject, was=was, now=now)


def changed_words(*, speaker: Speaker, subject: str, was: str, now: str) -> str:
    """Something was, something is; in Chinese a blank stands before digits and letters only."""
    sentence = speaker.words["s_changed"].format(subject=subject, before=was, after=now)
    for word, said in (("从", was), ("改为", now)):
        if said[:1] and not said[0].isascii():
            sentence = sentence.replace(f"{word} {said}", f"{word}{said}")
    return sentence


def _order(difference: Difference, subject: str, speaker: Speaker) -> str:
    if isinstance(difference.before, int) and isinstance(difference.after, int):
        places = {"before": difference.before + 1, "after": difference.after + 1}
        return speaker.words["s_moved"].format(subject=subject, **places)
    owner, name = _place(difference.last)
    return speaker.words["s_order"].format(
        subject=subject, after=speaker.value(difference.after, owner, name)
    )


def _pair(difference: Difference, before: Speaker, after: Speaker) -> tuple[str, str]:
    """Both values as text, long ones cut where they differ."""
    first, last = difference.before, difference.after
    if isinstance(first, Bilingual) and isinstance(last, Bilingual):
        language = after.language
        if first.of(language) == last.of(language):
            language = "zh" if language == "en" else "en"
        return apart(*(after.wording.say("quoted", text=text.of(language)) for text in (first, last)))
    owner, name = _place(difference.last)
    unit = unit_of_measure(difference.path, after)
    say = (before.value, after.value) if difference.how == CHANGED else (before.contents, after.contents)
    was, now = say[0](first, owner, name, unit), say[1](last, owner, name, unit)
    if was == now and type(first) is type(last):  # a difference that words hide, e.g. past the last decimal
        was, now = str(first), str(last)
    return apart(was, now)


def apart(was: str, now: str) -> tuple[str, str]:
    """Two texts, shortened so that their difference is still to be seen."""
    if max(len(was), len(now)) <= LONGEST:
        return was, now
    same = next(
        (place for place, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now))
    )
    start = max(0, same - LEAD) if same > LONGEST - LEAD else 0
    return _cut(was, start), _cut(now, start)


def _cut(text: str, start: int) -> str:
    end = start + LONGEST
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"


def unit_of_measure(path: Sequence[Leg], speaker: Speaker) -> Unit | None:
    """The unit in which the criterion's numbers are meant."""
    nodes = [leg.part for leg in path if isinstance(leg.part, Indicator)]
    if not nodes or nodes[-1].measure is None:
        return None
    return speaker.titles[nodes[-1].measure].unit


def _place(leg: Leg) -> tuple[str, str]:
    return leg.owner.__name__ if leg.owner else "", leg.field


def _telling(path: Sequence[Leg]) -> list[Leg]:
    """Legs that say something: of nested indicators the last, no section before a part of its list."""
    kept: list[Leg] = []
    for number, leg in enumerate(path):
        following = path[number + 1] if number + 1 < len(path) else None
        if (
            following is not None
            and leg.key is None
            and (following.key is not None or leg.field == "grading")
        ):
            continue
        if isinstance(leg.part, Indicator) and following and isinstance(following.part, Indicator):
            continue
        kept.append(leg)
    return kept


def _token(leg: Leg, speaker: Speaker) -> str:
    """What a leg is called."""
    owner, name = _place(leg)
    if leg.key is None:
        return speaker.field_name(owner, name)
    if isinstance(leg.part, Part):
        title = named(leg.part, speaker.language) or _key_words(leg.key, owner, name, speaker)
        noun = speaker.noun(leg.part) or speaker.field_name(owner, name)
    else:
        title = _key_words(leg.key, owner, name, speaker)
        noun = speaker.words.get(f"key_{name}") or speaker.field_name(owner, name)
    return speaker.words["titled"].format(noun=noun, title=title)


def _key_words(key: Any, owner: str, name: str, speaker: Speaker) -> str:
    """A key by its label where it has one."""
    text = str(key)
    if text in speaker.titles.grades:
        return speaker.titles.grades[text]
    found = speaker.value(text, owner, "id" if name == "features" else name)
    return found.strip('“”"')
