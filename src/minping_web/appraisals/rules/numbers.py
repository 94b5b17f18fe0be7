"""Numbers as people write them -> whole thousandths, and back. Nothing is rounded."""

from __future__ import annotations

import re
import unicodedata

MILLI = 1000
DIGITS = 3
_NUMBER = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,3})0*)?")


def milli_from(text: str) -> int | None:
    """Thousandths; None for what is no plain number. Full-width signs and thousands commas are understood."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "")
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return None
    milli = int(found[2]) * MILLI + int((found[3] or "").ljust(DIGITS, "0"))
    return -milli if found[1] else milli


def written(milli: int) -> str:
    """Thousandths as a number without needless zeros."""
    whole, rest = divmod(abs(milli), MILLI)
    sign = "-" if milli < 0 else ""
    return f"{sign}{whole}" + (f".{rest:03d}".rstrip("0") if rest else "")
