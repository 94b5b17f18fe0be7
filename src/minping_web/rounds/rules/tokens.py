"""Tokens: 16 letters of 5 bits, 80 random bits; easy to type from paper, no letter that looks like a digit.

The alphabet leaves out I, L, O and U, and reading takes I and L as 1, O as 0. A token is an unguessable
secret of one household: it stands in a link or on a slip and nowhere else.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_LOOKALIKE = str.maketrans("ILO", "110")
_KNOWN = frozenset(ALPHABET)


def new_token() -> str:
    """A fresh token from the generator of the operating system."""
    number = int.from_bytes(secrets.token_bytes(LENGTH * 5 // 8), "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(LENGTH * 5 - 5, -1, -5))


def read_token(text: str) -> str | None:
    """What somebody typed or opened, in the one spelling; None where it cannot be a token."""
    plain = "".join(text.split()).replace("-", "").upper().translate(_LOOKALIKE)
    return plain if len(plain) == LENGTH and _KNOWN.issuperset(plain) else None


def grouped(token: str) -> str:
    """In groups of four, as it is printed."""
    return " ".join(token[at : at + 4] for at in range(0, LENGTH, 4))
