"""The seed: what is named before a public draw, and the 32 bytes that its value gives.

In: the root of the sealed frame and a value in the form that was named. Out: the seed. The form fixes the
spelling: who may still choose between "1 2 3" and "01 02 03" may choose between samples (see
docs/method/draw.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from minping_engine.errors import InputError, Place, Problem

DOMAIN = "minping draw seed, version 1"
ROOT_SIZE = 32
FEWEST_DIGITS = 6
"""Fewer possible values could be tried out one by one before the frame is sealed."""
_FORM = re.compile(r"[!-~]([ -~]*[!-~])?", re.ASCII)

Words = Annotated[str, Field(min_length=1, max_length=500)]


class Part(BaseModel):
    """Base of what stands in `draw.json`: frozen, no unknown keys, no guessing of types."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NamedSeed(Part):
    """What the ledger says beforehand: which public draw, of which day, gives the value, in which spelling.

    In a form `#` stands for one digit, all else for itself: `## ## ## ## ## ## ##`.
    """

    source: Words
    drawn_on: date
    form: Words
    fallback: Words
    fallback_form: Words
    is_demo: bool = False


def seed_of(frame_root: bytes, value: str) -> bytes:
    """SHA-256 over domain, root and value, a line each; the value is the last and has no line end.

    The root has 64 hex digits, so nothing but the value can vary in length: no two pairs give one text.

    >>> seed_of(bytes(32), "07 11 15 22 28 31 09").hex()[:16]
    '36433c5c8413e84f'
    """
    if len(frame_root) != ROOT_SIZE:
        raise InputError.of("sampling.root_length", length=len(frame_root))
    return sha256(f"{DOMAIN}\n{frame_root.hex()}\n{value}".encode()).digest()


def form_fits(form: str, value: str) -> bool:
    """Whether a value is spelled as named.

    >>> form_fits("## ##", "01 33"), form_fits("## ##", "1 33"), form_fits("## ##", "01 33 ")
    (True, False, False)
    """
    return len(form) == len(value) and all(
        "0" <= given <= "9" if wanted == "#" else given == wanted
        for wanted, given in zip(form, value, strict=True)
    )


def seed_problems(named: NamedSeed, place: Place) -> Iterator[Problem]:
    """Forms that are none, or that too few values fit."""
    for key, form in (("form", named.form), ("fallback_form", named.fallback_form)):
        if not _FORM.fullmatch(form) or form.count("#") < FEWEST_DIGITS:
            params: dict[str, object] = {"form": form, "fewest": FEWEST_DIGITS}
            yield Problem("sampling.form", _within(place, key), params)


def _within(place: Place, key: str) -> Place:
    return Place(file=place.file, key=f"{place.key}.{key}" if place.key else key)
