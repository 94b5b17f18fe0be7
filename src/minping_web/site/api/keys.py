"""The keys of `access` as the operations ask for them."""

from __future__ import annotations

import re

from minping_web.access.selectors import scope_of_key
from minping_web.access.services import note_use
from minping_web.common.clock import today
from minping_web.common.rest import Caller

TOKEN = re.compile(r"mp_[A-Za-z0-9_-]{20,100}")
"""What a key looks like; anything else never reaches the database."""


class AccessKeys:
    """Finds the holder of a token by its hash; a key of somebody whose account was closed is none."""

    def caller_of(self, token: str) -> Caller | None:
        """What the key may do now."""
        found = scope_of_key(token) if TOKEN.fullmatch(token) else None
        if found is None or found[1].user_id is None:
            return None
        key, scope = found
        if key.last_used_on != today():
            note_use(key)
        return Caller(key.pk, scope)
