"""Why a YAML file cannot be read: the likely cause in words of ours, instead of the parser's.

In: the text and the parser's error. Out: one `Problem` with the row at fault, the line itself and what
to change. The parser stops where it can go no further, which is often a line after the fault: so the
lines from where it started its part to where it stopped are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from minping_engine.errors import Place, Problem

LONGEST_LINE = 60
KEY = r"[A-Za-z_][A-Za-z0-9_-]*"
FULL_WIDTH = {
    "：": ":", "，": ",", "｛": "{", "｝": "}", "［": "[", "］": "]", "“": '"', "”": '"', "‘": "'", "’": "'",
}  # fmt: skip
FULL_WIDTH_PLACES = (
    rf"^\s*(?:- +)*{KEY}\s*(：)",
    rf"[{{,，]\s*{KEY}\s*(：)",
    rf"(，)\s*{KEY}\s*[:：]",
    r"[:：]\s*([｛［])",
    r"([｝］])\s*$",
    r"[:：,，]\s*([“‘])",
)
"""Where such a sign stands for YAML's own; elsewhere it is part of a Chinese text."""
QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\"""")
PAIR = re.compile(rf"^\s*(?:- +)*{KEY}:\s+\S")
NO_BLANK = re.compile(rf"^\s*(?:- +)*{KEY}(?::\S.*)?$")


@dataclass(frozen=True)
class _Error:
    """What the parser says, with lines counted from 0; `start` is where the part began."""

    lines: list[str]
    said: str
    context: str
    start: int
    line: int
    column: int

    @property
    def in_brackets(self) -> bool:
        """Whether it was inside { } or [ ]."""
        return "flow" in self.context

    def at(self, number: int) -> str:
        """A line with its quoted texts blanked out; empty past the end."""
        line = self.lines[number] if 0 <= number < len(self.lines) else ""
        return QUOTED.sub(lambda match: "'" + "_" * (len(match[0]) - 2) + "'", line)

    @property
    def suspects(self) -> range:
        """Lines that may be at fault, first the earliest."""
        first = self.start if self.in_brackets or "simple key" in self.context else self.before
        return range(min(first, self.line), self.line + 1)

    @property
    def before(self) -> int:
        """The last line with content before the one where the parser stopped."""
        filled = [
            number
            for number, line in enumerate(self.lines[: self.line])
            if line.strip() and not line.lstrip().startswith("#")
        ]
        return filled[-1] if filled else self.line


def yaml_problem(text: str, error: yaml.YAMLError, file: str) -> Problem:
    """The parser's error as a problem with row, line and likely cause."""
    found = _error(text, error)
    code, number, params = next(_causes(found))
    line = found.lines[number] if 0 <= number < len(found.lines) else ""
    place = Place(file=file, row=number + 1)
    return Problem(code, place, {"line": number + 1, "text": _short(line), **params})


def _error(text: str, error: yaml.YAMLError) -> _Error:
    lines = text.splitlines() or [""]
    mark = getattr(error, "problem_mark", None)
    if mark is None:  # a sign that YAML does not take at all: the reader counts signs, not lines
        position = int(getattr(error, "position", 0))
        bad = next(
            (at for at, sign in enumerate(text) if not sign.isprintable() and sign not in "\n\r\t"), position
        )
        line = text.count("\n", 0, bad)
        return _Error(lines, "sign", "", line, line, bad - (text.rfind("\n", 0, bad) + 1))
    start = getattr(error, "context_mark", None) or mark
    said, context = str(getattr(error, "problem", "")), str(getattr(error, "context", "") or "")
    last = min(mark.line, len(lines) - 1)
    return _Error(lines, said, context, min(start.line, last), last, mark.column if last == mark.line else 0)


Cause = tuple[str, int, dict[str, object]]
"""Code, line counted from 0, parameters."""


def _causes(error: _Error) -> Iterator[Cause]:
    """Likely causes, the surest first; there is always one."""
    yield from _full_width(error)
    yield from _tabs(error)
    yield from _said(error)
    yield from _brackets(error) if error.in_brackets else _block(error)
    yield "scheme.yaml_unclear", error.line, {}


def _full_width(error: _Error) -> Iterator[Cause]:
    for number in error.suspects:
        for pattern in FULL_WIDTH_PLACES:
            if match := re.search(pattern, error.at(number)):
                sign = match[1]
                yield "scheme.yaml_full_width", number, {"sign": sign, "instead": FULL_WIDTH[sign]}


def _tabs(error: _Error) -> Iterator[Cause]:
    for number in error.suspects:
        line = error.lines[number]
        if "\t" in line[: len(line) - len(line.lstrip())]:
            yield "scheme.yaml_tab", number, {}


def _said(error: _Error) -> Iterator[Cause]:
    """Causes that the parser itself knows."""
    if "quoted scalar" in error.context and "end of" in error.said:
        yield "scheme.yaml_quote_open", error.start, {}
    if "escape" in error.said:
        yield "scheme.yaml_escape", error.line, {}
    starts_oddly = any(word in error.said for word in ("start any token", "alias", "anchor", "tag", "sign"))
    if starts_oddly or "while parsing a tag" in error.context or "scanning an a" in error.context:
        line = error.lines[error.line]
        sign = line[error.column : error.column + 1].strip() or line[: error.column].rstrip()[-1:]
        shown = sign if sign.isprintable() else ascii(sign)[1:-1]
        yield "scheme.yaml_sign", error.line, {"sign": shown}


def _brackets(error: _Error) -> Iterator[Cause]:
    """Inside { } or [ ]: a # that cuts the line off, a missing bracket, comma or quotes."""
    opening = error.at(error.start)
    for number in error.suspects:
        if re.search(r"\s#", error.at(number)):
            yield "scheme.yaml_hash", number, {}
    before = error.at(error.line)[: error.column].rstrip()
    if error.line > error.start and not re.search(r"[,{\[]$", error.at(error.before).rstrip()):
        yield "scheme.yaml_bracket_open", error.start, {"sign": _unclosed(opening)}
    elif re.search(r"['\"}\]](?:\s+\S+)?$", before) or _ends_with_key(before):
        yield "scheme.yaml_comma", error.line, {}
    elif error.lines[error.line][error.column : error.column + 1] == ":":
        yield "scheme.yaml_colon_in_text", error.line, {}
    else:
        yield "scheme.yaml_bracket_open", error.start, {"sign": _unclosed(opening)}


def _ends_with_key(before: str) -> bool:
    """Whether the last word, after a blank, is a key that scheme files have."""
    from minping_engine.scheme.shape import known_keys

    words = before.split()
    return len(words) > 1 and words[-1] in known_keys()


def _unclosed(line: str) -> str:
    """The first bracket that the line opens and does not close."""
    return "[" if line.count("[") > line.count("]") and line.count("{") <= line.count("}") else "{"


def _block(error: _Error) -> Iterator[Cause]:
    """Outside brackets: a colon without blank, a text that needs quotes, indentation."""
    line, before = error.at(error.line), error.at(error.before)
    if "simple key" in error.context:
        yield "scheme.yaml_colon", error.start, {}
    if "mapping values" in error.said:
        if PAIR.search(line[: error.column + 1]) or re.search(r":\s", line[: error.column]):
            yield "scheme.yaml_colon_in_text", error.line, {}
        if NO_BLANK.search(before) and not before.rstrip().endswith(":"):
            yield "scheme.yaml_colon", error.before, {}
    if line[: error.column].rstrip().endswith(("'", '"')):
        yield "scheme.yaml_after_quote", error.line, {}
    if any(word in error.said for word in ("mapping values", "expected key", "block end", "indicator")):
        yield "scheme.yaml_indent", error.line, {}


def _short(line: str) -> str:
    """The line, shortened, without what does not show."""
    line = " ".join(line.split())
    line = line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
    return "".join(sign if sign.isprintable() else "�" for sign in line)
