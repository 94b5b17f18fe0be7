"""Limits on how often a page for everybody may be asked, per process and minute.

Enough against a program that runs wild; never the only protection of a secret. Whole neighbourhoods share one
address, so the limit per address is wide. Nothing of an address is kept but a hash for two minutes.
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

from minping_web.common.clock import now

WINDOW = 60
"""Seconds that attempts are counted over."""


def within_limits(request: HttpRequest, what: str, *, per_address: int = 60, in_all: int = 600) -> bool:
    """Count one attempt; False when there were too many in this minute."""
    slot = int(now().timestamp()) // WINDOW
    address = hashlib.sha256(str(request.META.get("REMOTE_ADDR", "")).encode()).hexdigest()[:16]
    counts = []
    for name in (f"{what}:{address}:{slot}", f"{what}:{slot}"):
        cache.add(name, 0, timeout=2 * WINDOW)
        counts.append(cache.incr(name))
    return counts[0] <= per_address and counts[1] <= in_all
