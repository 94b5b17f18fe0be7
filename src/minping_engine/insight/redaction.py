"""A comment with everything hidden that leads to a person (docs/method/redaction.md).

In: the text as it was written, names that are known. Out: the text with 【电话】 and the like in place of
what was found, and a mark for each. Rules read a comparable copy, one after another, on what earlier ones
left, until none finds anything; so redacting twice changes nothing. What was found once is hidden wherever
it stands again. Rules do not replace the person who reads comments before anybody else does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from minping_engine.insight.accounts import accounts, emails, plates, urls
from minping_engine.insight.cleaning import Cleaned, clean_text
from minping_engine.insight.folding import Folded, occurrences
from minping_engine.insight.homes import homes
from minping_engine.insight.kinds import REPLACEMENTS, Found, Kind, Mark, Redacted
from minping_engine.insight.names import NameList
from minping_engine.insight.numbers import bank_cards, id_numbers, landlines, other_numbers, phones
from minping_engine.insight.people import people

Rule = Callable[[Folded], Iterable[Found]]
COMMENT_LIMIT = 2000
"""Characters of a comment that are kept; something hidden counts as one."""
_RULES_FOR_NET: tuple[Rule, ...] = (emails, urls)
_RULES_FOR_DIGITS: tuple[Rule, ...] = (id_numbers, bank_cards, phones, landlines, plates)
_RULES_BEHIND: tuple[Rule, ...] = (homes, other_numbers)
_PLACES = (Kind.HOME, Kind.BUILDING)
"""Not looked for again: 一楼 is somebody's floor once and an entrance elsewhere."""
_NET = re.compile(r"[a-z@]")
_DIGIT = re.compile(r"[0-9十百]")
_TOKEN = re.compile("|".join(map(re.escape, REPLACEMENTS)))
_UNBROKEN = re.compile(r"[0-9A-Za-z@._\-]")
_HOLDS_TOGETHER = "\u200d\ufe0f"


def redact(text: str, *, names: NameList | Iterable[str] = (), limit: int = COMMENT_LIMIT) -> Redacted:
    """`text` without what leads to a person; make a `NameList` once when many comments follow.

    >>> redact("王阿姨的电话是１３８-1234-5678，来过三次").text
    '【姓名】阿姨的电话是【电话】，来过三次'
    """
    known = names if isinstance(names, NameList) else NameList(names)
    cleaned = clean_text(text)
    short = _within(cleaned, limit)
    copy = Folded(short.text)
    finds = _all_finds(copy, known)
    marks = tuple(_marks(short, copy, finds))
    return Redacted(_put_together(short, copy, finds), marks, len(short.text) < len(cleaned.text))


def _within(cleaned: Cleaned, limit: int) -> Cleaned:
    """The beginning that fits, something hidden counting as one character."""
    end = limit
    for token in _TOKEN.finditer(cleaned.text):
        if token.start() >= end:
            break
        end += len(token.group()) - 1
    return cleaned if end >= len(cleaned.text) else cleaned.head(_soft_edge(cleaned.text, end))


def _soft_edge(text: str, end: int) -> int:
    """A place to cut before `end`: half a number would not be known as one, nor half an emoji."""
    edge = end
    while edge and end - edge < 64 and _UNBROKEN.match(text[edge]) and _UNBROKEN.match(text[edge - 1]):
        edge -= 1
    while edge and text[edge - 1] in _HOLDS_TOGETHER:
        edge -= 1
    return edge


def _all_finds(copy: Folded, known: NameList) -> list[Found]:
    finds: list[Found] = []
    while new := _one_pass(copy, known):
        finds += new
    return _joined(sorted(finds, key=lambda found: found.start))


def _joined(finds: list[Found]) -> list[Found]:
    """Finds in order; one that reaches into a title that was to stay takes the title with it."""
    joined: list[Found] = []
    for found in finds:
        if joined and found.start < joined[-1].end:
            last = joined.pop()
            found = Found(last.kind, last.start, max(last.end, found.end))
        joined.append(found)
    return joined


def _one_pass(copy: Folded, known: NameList) -> list[Found]:
    """What all rules find, each on what those before it left, and what stands again elsewhere."""
    read = copy.plain
    finds: list[Found] = []
    for rule in _rules_for(copy, known):
        new = _apart(copy.whole(found) for found in rule(copy))
        copy.blank(new)
        finds += new
    return finds + _again(copy, read, finds)


def _rules_for(copy: Folded, known: NameList) -> Iterator[Rule]:
    has_digits, has_net = _DIGIT.search(copy.digits), _NET.search(copy.plain)
    yield from _RULES_FOR_NET if has_net else ()
    yield from _RULES_FOR_DIGITS if has_digits else ()
    if has_net or has_digits:
        yield accounts
        yield from _RULES_BEHIND
    yield known.finds
    yield people


def _apart(finds: Iterable[Found]) -> list[Found]:
    """Finds that do not overlap: the first, of those that begin together the longest."""
    kept: list[Found] = []
    for found in sorted(finds, key=lambda found: (found.start, -found.end)):
        if not kept or found.start >= kept[-1].end:
            kept.append(found)
    return kept


def _again(copy: Folded, read: str, finds: list[Found]) -> list[Found]:
    new: list[Found] = []
    for found in (one for one in finds if one.kind not in _PLACES):
        part = read[found.start : found.end]
        for at in occurrences(copy.plain, part):
            again = copy.whole(Found(found.kind, at, at + len(part), found.kept))
            new.append(again)
            copy.blank([again])
    return new


def _marks(cleaned: Cleaned, copy: Folded, finds: list[Found]) -> Iterator[Mark]:
    for found in finds:
        start, end = copy.place(found.start, found.end)
        title = _title(cleaned, copy, found)
        yield Mark(found.kind, *cleaned.place(start, end), found.kind.replacement + title)


def _title(cleaned: Cleaned, copy: Folded, found: Found) -> str:
    if not found.kept:
        return ""
    start, end = copy.place(found.end - found.kept, found.end)
    return cleaned.text[start:end]


def _put_together(cleaned: Cleaned, copy: Folded, finds: list[Found]) -> str:
    parts, last = list[str](), 0
    for found in finds:
        start, end = copy.place(found.start, found.end)
        parts += cleaned.text[last:start], found.kind.replacement, _title(cleaned, copy, found)
        last = end
    return "".join([*parts, cleaned.text[last:]])
