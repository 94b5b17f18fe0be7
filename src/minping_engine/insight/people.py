"""Names of people that no list knows: 王阿姨, 我叫…, 联系人…, 小张, 网格员李想.

Behind a name the title stays: 张书记 becomes 【姓名】书记, and a bare 书记 or 网格员 is not touched, or
nobody could tell whom praise and blame are about. Which words end in a surname (对方律师) is in `words.yaml`.
A name without any such sign is found only if the list of known names has it (`names.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from minping_engine.insight.folding import Folded
from minping_engine.insight.kinds import Found, Kind
from minping_engine.insight.words import characters, not_after, words

_HAN = "一-鿿㐀-䶿"
_NICKNAME_STOPS = "于孔赖康村庄家路桥营湾镇冲塘区时学高平金方白石路花车型店"


@dataclass(frozen=True, slots=True)
class _Patterns:
    titles: re.Pattern[str]
    short_titles: re.Pattern[str]
    introduced: re.Pattern[str]
    softly: re.Pattern[str]
    nickname: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    common, rare = characters("surnames"), characters("rare_surnames")
    compound = "|".join(words("compound_surnames"))
    given = f"(?:(?![{characters('not_given')}])[{_HAN}])"
    ends = rf"(?=[^{_HAN}]|$|[{characters('after_name')}])"
    anyone = f"(?:{compound}|[{common}{rare}{characters('introduced_surnames')}])"
    known = f"(?:{compound}|[{common}])"
    link = r"(?:名字)?(?:叫做?|是|为|:| )*"
    return _Patterns(
        re.compile(rf"(?:{_any('titles')})(?!员|处长|会|资格|职称)"),
        re.compile(
            rf"[{characters('short_titles')}](?<=[{common}].)(?=[^{_HAN}]|$|[很说来非也人太您你真和对的帮给在把])(?!来水)"
        ),
        re.compile(
            rf"(?:{_any('introductions')}){link}"
            rf"(?P<hit>[{_HAN}]{{2,8}}·[{_HAN}]{{2,8}}|{anyone}[ ·]?(?:{given}{{1,2}}{ends}|{given}{{2}}))"
        ),
        re.compile(rf"(?:{_any('soft_introductions')})[: ]?(?P<hit>{known}{given}{{1,2}}?{ends})"),
        re.compile(
            rf"(?P<hit>[小老](?<![大从最太缩很变强弱短矮养敬助].)[{common}])(?=[^{_HAN}]|$|[{characters('after_name')}]|同志|师傅|书记)"
        ),
    )


def _any(name: str) -> str:
    return "|".join(sorted(words(name), key=len, reverse=True))


def people(copy: Folded) -> Iterator[Found]:
    """Everybody whom a title, an introduction or a 小 or 老 gives away."""
    yield from _titled(copy.plain)
    for pattern in (_patterns().introduced, _patterns().softly):
        for match in pattern.finditer(copy.plain):
            if not _is_word(match.group("hit")) and _begins(copy.plain, match.start("hit")):
                yield Found(Kind.PERSON, *match.span("hit"))
    for match in _patterns().nickname.finditer(copy.plain):
        if match.group("hit")[1] not in _NICKNAME_STOPS:
            yield Found(Kind.PERSON, *match.span("hit"))


def _titled(text: str) -> Iterator[Found]:
    for pattern in (_patterns().titles, _patterns().short_titles):
        for match in pattern.finditer(text):
            start = _name_before(text, match.start())
            if start is not None:
                yield Found(Kind.PERSON, start, match.end(), kept=match.end() - match.start())


def _name_before(text: str, end: int) -> int | None:
    """Where the name before a title begins: a common surname, a whole name, a rare surname, in this order."""
    if text[max(0, end - 2) : end] in words("compound_surnames"):
        return end - 2
    common, rare = characters("surnames"), characters("rare_surnames")
    if _is_surname(text, end - 1, common):
        return end - 1
    for length in (2, 3):
        if _is_whole_name(text, end - length, end):
            return end - length
    return end - 1 if _is_surname(text, end - 1, rare) else None


def _begins(text: str, at: int) -> bool:
    """Whether the surname is not the end of an ordinary word."""
    return at == 0 or text[at - 1] not in not_after(text[at])


def _is_surname(text: str, at: int, surnames: str) -> bool:
    if at < 0 or text[at] not in surnames:
        return False
    return _begins(text, at)


def _is_whole_name(text: str, start: int, end: int) -> bool:
    if not _is_surname(text, start, characters("surnames")) or _is_word(text[start:end]):
        return False
    return not set(text[start + 1 : end]) & set(characters("not_given")) and text[start + 1 : end].isalpha()


def _is_word(name: str) -> bool:
    plain_words = words("no_names")
    return name in plain_words or name[:2] in plain_words
