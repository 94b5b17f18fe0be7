"""Signs and words of other keyboards and languages, each with what stands for it in expressions.

In: the text. Out: which of them stand outside of quoted texts, and the text with what was meant, so
that the rest of it can be looked at. The text itself is refused all the same: a rule about people
says in the file what it says in the engine.
"""

from __future__ import annotations

import re
from fractions import Fraction

from minping_engine.errors import Place, Problem

# fmt: off
INSTEAD = {
    "！=": "<>", "！＝": "<>", "≠": "<>", "==": "=", "＝＝": "=", "＝": "=",
    "≥": ">=", "≧": ">=", "＞=": ">=", "＞＝": ">=", ">＝": ">=", "=>": ">=", "＞": ">",
    "≤": "<=", "≦": "<=", "＜=": "<=", "＜＝": "<=", "<＝": "<=", "=<": "<=", "＜": "<",
    "（": "(", "）": ")", "，": ",", "、": ",",
    "＋": "+", "－": "-", "×": "*", "＊": "*", "÷": "/", "／": "/",
    "＂": "'", "＇": "'", "‘": "'", "’": "'", "“": "'", "”": "'", "．": ".", "\u3000": " ",
    "&&": "AND", "||": "OR", "!": "NOT", "！": "NOT",
}
WORDS = {
    "且": "AND", "并且": "AND", "而且": "AND", "和": "AND", "与": "AND", "或": "OR", "或者": "OR",
    "非": "NOT", "不": "NOT", "是": "=", "等于": "=", "不是": "<>", "不等于": "<>", "为": "=", "大于": ">",
    "小于": "<", "不小于": ">=", "不少于": ">=", "至少": ">=", "不大于": "<=", "不超过": "<=", "至多": "<=",
    "大于等于": ">=", "小于等于": "<=", "除以": "/", "乘以": "*", "加": "+", "减": "-",
}
# fmt: on
_SIGNS = "|".join(re.escape(sign) for sign in sorted(INSTEAD, key=len, reverse=True) if sign != "!")
SIGN = re.compile(
    r"(?P<own>'(?:[^']|'')*'|<=>|/\*.*?\*/|--[^\n]*)"
    r"|(?P<quoted>[‘“＂＇][^‘’“”＂＇]*[’”＂＇]|\"[^\"]*\")"
    r"|(?P<percent>(?<![A-Za-z0-9_.])[0-9]+(?:\.[0-9]+)?\s*[%％](?!\s*[0-9A-Za-z_(]))"
    r"|(?P<wide>[０-９Ａ-Ｚａ-ｚ＿]+)"
    rf"|(?P<sign>{_SIGNS}|!(?!=))"
    r"|(?P<word>[\u4e00-\u9fff]+)",
    re.DOTALL,
)


def other_signs(text: str, place: Place) -> tuple[str, list[Problem]]:
    """The text as it was meant, and one problem for each sign or word that stands for another."""
    found: dict[str, Problem] = {}
    meant: list[str] = []
    end = 0
    for match in SIGN.finditer(text):
        instead, problems = _read(match, place)
        meant += [text[end : match.start()], instead]
        end = match.end()
        for problem in problems:
            found.setdefault(str(problem.params), problem)
    return "".join([*meant, text[end:]]), list(found.values())


def _read(match: re.Match[str], place: Place) -> tuple[str, list[Problem]]:
    """What was meant, and the problems of this one."""
    written, kind = match[0], match.lastgroup
    if kind == "quoted":
        meant = "'" + written[1:-1].replace("'", "''") + "'"
        signs = dict.fromkeys((written[0], written[-1]))
        return meant, [_other(sign, "'", place) for sign in signs]
    if kind == "percent":
        number = written.rstrip("%％ \t\n")
        share = format(float(Fraction(number) / 100), "g")
        return share, [Problem("expression.percent_sign", place, {"number": number, "share": share})]
    if kind == "wide":
        meant = "".join(chr(ord(sign) - 0xFEE0) for sign in written)
        return meant, [_other(written, meant, place)]
    known = (INSTEAD if kind == "sign" else WORDS).get(written)
    if kind == "own" or known is None:
        return written, []
    return f" {known} " if kind == "word" or known.isalpha() else known, [_other(written, known, place)]


def _other(sign: str, instead: str, place: Place) -> Problem:
    shown = sign if sign.isprintable() else ascii(sign)[1:-1]
    return Problem("expression.other_sign", place, {"sign": shown, "instead": instead})
