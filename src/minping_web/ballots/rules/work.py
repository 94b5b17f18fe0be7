"""Proof of work for the open link: a machine that fills in thousands of forms pays with computing.

    challenge = "<expires>.<random>.<bits>.<mac>"      mac = first 16 bytes of HMAC(key, the part before it)
    solution  = a decimal n with SHA-256(challenge ":" n) beginning with `bits` zero bits

Checking costs one hash and no table until an answer is stored; a challenge serves once (`SpentWork`). It
keeps scripts from stuffing cheaply and proves no person: answers of the open link are counted apart (D3).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

BITS = 16
"""Some 65,000 hashes: about a second on a telephone of 2018, while people read the first question."""
LASTS = 3 * 3600
"""Seconds for which a form may be filled in."""
_DOMAIN = b"minping open work 1"
LONGEST_SOLUTION = 12


def key_from(k2: bytes) -> bytes:
    """A key of its own, gone with the round's keys."""
    return hmac.digest(k2, _DOMAIN, hashlib.sha256)


def new_challenge(key: bytes, moment: float, bits: int = BITS) -> str:
    """A fresh challenge."""
    head = f"{int(moment) + LASTS}.{secrets.token_hex(12)}.{bits}"
    return f"{head}.{_mac(key, head)}"


def is_solved(key: bytes, challenge: str, solution: str, moment: float) -> bool:
    """Whether it is one of ours, not too old, and solved."""
    head, _dot, mac = challenge.rpartition(".")
    if not challenge.isascii() or not hmac.compare_digest(_mac(key, head), mac):
        return False
    expires, _random, bits = head.split(".")
    if int(expires) < moment or not (solution.isascii() and solution.isdigit()):
        return False
    if len(solution) > LONGEST_SOLUTION:
        return False
    digest = hashlib.sha256(f"{challenge}:{solution}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - int(bits)) == 0


def digest_of(challenge: str) -> bytes:
    """Names a challenge among the spent ones."""
    return hashlib.sha256(challenge.encode()).digest()


def _mac(key: bytes, head: str) -> str:
    return hmac.digest(key, head.encode(), hashlib.sha256)[:16].hex()
