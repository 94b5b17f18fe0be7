"""Pages that differ between residents in a few words only: rendered once, filled in for each.

The template is rendered with a mark where each of those words will stand and cut at the marks. The pieces
hold nothing of anybody, so they may stay in memory; what is filled in is escaped as the template would do it.
Opening a link and sending its form are the two requests that a hundred thousand households make in one
evening: this is more than half of their processor time.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Hashable, Iterator, Mapping
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import conditional_escape

Own = Mapping[str, str | tuple[str, ...]]
"""What belongs to one resident, by its name in the template; a tuple is a list there."""
KEPT = 128
_MARK = f"mark{secrets.token_hex(16)}"
"""New with each process: no text that somebody wrote can hold it."""
_CUT = re.compile(rf"{_MARK}_(\w+)_")


def filled_in(template: str, shared: Mapping[str, Hashable], own: Own) -> str:
    """The page as the template would say it in the active language.

    The template may print what is in `own` and ask whether it is there, and nothing else: filters are the
    caller's work. Empty values are taken as shared, so that such a question gets its true answer.
    """
    empty = {name: value for name, value in own.items() if not value}
    named = {name: value for name, value in own.items() if value}
    shape = tuple((name, len(value) if isinstance(value, tuple) else 0) for name, value in named.items())
    pieces = _pieces(template, translation.get_language(), (*shared.items(), *empty.items()), shape)
    words = dict(_words(named))
    # Pieces and names in turn, as `re.split` gives them.
    return "".join(words[piece] if at % 2 else piece for at, piece in enumerate(pieces))


def _words(named: Own) -> Iterator[tuple[str, str]]:
    for name, value in named.items():
        if isinstance(value, tuple):
            yield from ((f"{name}_{at}", conditional_escape(one)) for at, one in enumerate(value))
        else:
            yield name, conditional_escape(value)


@lru_cache(maxsize=KEPT)
def _pieces(
    template: str,
    language: str | None,  # part of the key
    shared: tuple[tuple[str, Hashable], ...],
    shape: tuple[tuple[str, int], ...],
) -> tuple[str, ...]:
    marks: dict[str, object] = {
        name: [f"{_MARK}_{name}_{at}_" for at in range(length)] if length else f"{_MARK}_{name}_"
        for name, length in shape
    }
    return tuple(_CUT.split(render_to_string(template, {**dict(shared), **marks})))
