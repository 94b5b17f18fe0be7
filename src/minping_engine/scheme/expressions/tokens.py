"""The first pass over an expression: every word and sign is allowed, a name, or refused.

In: the text. Out: `Words`: the parser's tokens, the names used and the problems found. Nothing reaches
the parser that is not on the list of `words`, and no nesting deeper than it can bear. Names and functions
get a prefix, so that the parser can never take them for words of SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import Token, Tokenizer, TokenType
from sqlglot.errors import TokenError

from minping_engine.errors import Place, Problem
from minping_engine.scheme.expressions.order import (
    EDGE,
    FUNCTION,
    VALUE,
    ends_value,
    first_misplaced,
    unary_plus,
)
from minping_engine.scheme.expressions.signs import other_signs
from minping_engine.scheme.expressions.words import (
    FUNCTIONS,
    KEYWORDS,
    MOST_BRACKETS,
    MOST_CHARACTERS,
    MOST_DIGITS,
    REFUSED_WORDS,
    SIGNS,
)

NAME_PREFIX, FUNCTION_PREFIX = "n_", "f_"
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
OPENING, CLOSING = {"(", "CASE"}, {")", "END"}
LONGEST_QUOTED = 30


@dataclass(frozen=True)
class Words:
    """Tokens for the parser (none where something is refused), names, problems."""

    tokens: list[Token]
    names: frozenset[str]
    problems: tuple[Problem, ...]


def words_of(text: str, place: Place) -> Words:
    """The words of a text with everything that is refused among them."""
    if len(text) > MOST_CHARACTERS:
        length = len(text)
        return _refused(Problem("expression.too_long", place, {"length": length, "most": MOST_CHARACTERS}))
    meant, others = other_signs(text, place)
    try:
        tokens = Tokenizer().tokenize(meant)
    except TokenError:
        return _refused(*(others or [unreadable(text, place)]))
    names = frozenset(name for name, _ in _names(meant, tokens))
    if others:
        refused = dict.fromkeys([*_comments(meant, tokens), *_strangers(meant, tokens)])
        return Words([], names, (*others, *(forbidden(what, place) for what in refused)))
    problems = tuple(_problems(text, tokens, place))
    return Words([] if problems else _marked(text, tokens), names, problems)


def unreadable(near: str, place: Place) -> Problem:
    """The text makes no sense near its last characters given."""
    return Problem("expression.unreadable", place, {"near": quoted(near[-LONGEST_QUOTED:]) or "-"})


def forbidden(what: str, place: Place) -> Problem:
    """Something that is not on the list."""
    return Problem("expression.forbidden", place, {"what": quoted(what)})


def quoted(text: str) -> str:
    """Short and printable: signs that do not show are spelled out."""
    text = " ".join(text.split())[:LONGEST_QUOTED]
    return text if text.isprintable() else ascii(text)[1:-1]


def _refused(*problems: Problem) -> Words:
    return Words([], frozenset(), problems)


def _problems(text: str, tokens: list[Token], place: Place) -> Iterator[Problem]:
    """Each thing refused once, in the order of the text."""
    if not tokens and not text.strip():
        yield unreadable(text, place)
    kinds = [_kind(text, token) for token in tokens]
    refused = [*_comments(text, tokens), *_strangers(text, tokens), *(["+ …"] if unary_plus(kinds) else [])]
    yield from (forbidden(what, place) for what in dict.fromkeys(refused))
    misplaced = first_misplaced(kinds)
    if not refused and tokens and misplaced is not None:
        yield unreadable(text[: tokens[misplaced].end + 1] if misplaced < len(tokens) else text, place)
    for number in _bad_numbers(text, tokens):
        yield Problem("expression.bad_number", place, {"number": quoted(number), "most": MOST_DIGITS})
    if _deepest(kinds) > MOST_BRACKETS:
        yield Problem("expression.too_deep", place)


def _source(text: str, token: Token) -> str:
    """What stands in the text, in capitals: SQL does not tell cases apart.

    Letters of other alphabets stay, for some of them have an English letter as their capital.
    """
    source = text[token.start : token.end + 1]
    return source.upper() if source.isascii() else source


def _comments(text: str, tokens: list[Token]) -> Iterator[str]:
    """Whatever stands between words and is not empty is a comment."""
    ends = [0, *(token.end + 1 for token in tokens)]
    starts = [*(token.start for token in tokens), len(text)]
    for end, start in zip(ends, starts, strict=True):
        if text[end:start].strip():
            yield text[end:start].strip()


def _strangers(text: str, tokens: list[Token]) -> Iterator[str]:
    """Words and signs that are not on the list; functions that are not."""
    sources = [*(_source(text, token) for token in tokens), ""]
    for number, token in enumerate(tokens):
        source = sources[number]
        if token.token_type in {TokenType.STRING, TokenType.NUMBER} or source in KEYWORDS | SIGNS:
            continue
        if not WORD.fullmatch(source) or source in REFUSED_WORDS:
            yield text[token.start : token.end + 1]
        elif sources[number + 1] == "(" and source not in FUNCTIONS:
            yield f"{source}()"


def _kind(text: str, token: Token) -> str:
    """What the word is to its neighbours."""
    source = _source(text, token)
    if source in SIGNS or source in KEYWORDS - {"NULL", "TRUE", "FALSE"}:
        return source
    return FUNCTION if source in FUNCTIONS and text[token.end + 1 :].lstrip()[:1] == "(" else VALUE


def _bad_numbers(text: str, tokens: list[Token]) -> Iterator[str]:
    """An exponent would let ten signs ask for a million digits."""
    for token in tokens:
        source = _source(text, token)
        fits = NUMBER.fullmatch(source) and len(source) <= MOST_DIGITS
        if token.token_type is TokenType.NUMBER and not fits:
            yield source


def _deepest(kinds: list[str]) -> int:
    """Most brackets, CASEs, signs and NOTs that are open at once."""
    opened: list[int] = []
    pending = deepest = 0
    for before, kind in pairwise([EDGE, *kinds]):
        is_prefix = kind == "NOT" or (kind == "-" and not ends_value(before))
        pending = pending + 1 if is_prefix or kind in OPENING else 0
        if kind in OPENING:
            opened.append(pending)
            pending = 0
        elif kind in CLOSING and opened:
            opened.pop()
        deepest = max(deepest, sum(opened) + pending)
    return deepest


def _names(text: str, tokens: list[Token]) -> Iterator[tuple[str, Token]]:
    """Names in lower case with their tokens."""
    sources = [*(_source(text, token) for token in tokens), ""]
    for number, token in enumerate(tokens):
        source = sources[number]
        if token.token_type in {TokenType.STRING, TokenType.NUMBER} or sources[number + 1] == "(":
            continue
        if WORD.fullmatch(source) and source not in KEYWORDS | REFUSED_WORDS:
            yield source.lower(), token


def _marked(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens with names as quoted identifiers and functions as unknown ones."""
    names = {token.start: name for name, token in _names(text, tokens)}
    marked = []
    for token in tokens:
        source = _source(text, token)
        if token.start in names:
            token = _changed(token, TokenType.IDENTIFIER, NAME_PREFIX + names[token.start])
        elif token.token_type is not TokenType.STRING and source in FUNCTIONS:
            token = _changed(token, TokenType.VAR, FUNCTION_PREFIX + source)
        marked.append(token)
    return marked


def _changed(token: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, token.line, token.col, token.start, token.end)
