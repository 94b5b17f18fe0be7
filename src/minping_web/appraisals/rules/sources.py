"""Sources of evidence that are addresses: of the web, or refused, because pages offer them to be opened."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from minping_engine.errors import Place, Problem

_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):(\S?)", re.IGNORECASE)
_RUNS = frozenset({"javascript", "vbscript"})
_OPENS = frozenset({"data", "file", "blob"})
"""Schemes that need no `//`; a blank behind the colon makes `data: census` words again."""


def is_web_address(text: str) -> bool:
    """Whether a browser may open it: http or https, with a host."""
    try:
        address = urlsplit(text.strip())
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and bool(address.hostname)


def looks_like_address(text: str) -> bool:
    """Whether a browser could take it for an address; tabs and line feeds inside do not hide it."""
    found = _SCHEME.match("".join(sign for sign in text if sign.isprintable()))
    if found is None:
        return False
    scheme, follows = found[1].lower(), bool(found[2])
    return scheme in _RUNS or "://" in text or (follows and scheme in _OPENS)


def source_problem(text: str, place: Place, *, is_link: bool = False) -> Problem | None:
    """What is wrong with a source; `is_link`: it must be an address, if anything."""
    if not text.strip() or is_web_address(text):
        return None
    if is_link or looks_like_address(text):
        return Problem("appraisal.not_a_link", place, {"found": text.strip()[:40]})
    return None
