"""Where codes of letters and links are known: the apps above bring it, since they make the tokens.

Without a source every code is unknown here. A source limits attempts per code and round itself, and its
answers tell no more than whether a code was given out.
"""

from __future__ import annotations

from typing import Protocol


class CodeSource(Protocol):
    """Answers about one code, typed with or without spaces."""

    def was_given_out(self, code: str) -> bool | None:
        """Whether this site gave the code out; None = ask again later, too many attempts."""

    def belongs_to(self, code: str, phone: str) -> bool:
        """Whether a message with this code went to this number."""


class _Source:
    current: CodeSource | None = None


def provide_codes(source: CodeSource | None) -> None:
    """Called once, by the site's wiring."""
    _Source.current = source


def code_source() -> CodeSource | None:
    """The source of this process."""
    return _Source.current


def plain_code(text: str) -> str:
    """A code as it is compared.

    >>> plain_code(" k1gt-r70a qjwc ")
    'K1GTR70AQJWC'
    """
    return "".join(sign for sign in text.upper() if sign.isalnum() and sign.isascii())[:64]
