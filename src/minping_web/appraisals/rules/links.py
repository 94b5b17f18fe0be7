"""Links of raters without an account: who may get one, and what stands of the secret in the table.

The secret is a token as households have it: 80 random bits, letters that nobody takes for digits.
"""

from __future__ import annotations

import hashlib

LINKABLE = frozenset({
    "experts", "professional_association", "representatives", "resident_representatives", "volunteers",
    "units", "social_organisations", "residents", "service_users",
})  # fmt: skip
"""Sources whose raters may come without an account. The bureau, supervisors and peers have one: the product
must know where they work, or they would mark themselves."""
MOST_AT_ONCE = 200
SHORTEST_REASON = 5
LONGEST_NAME = 40
_PURPOSE = b"appraisals rater link\n"


def link_hash(token: str) -> bytes:
    """What is kept of a link."""
    return hashlib.sha256(_PURPOSE + token.encode()).digest()
