"""What channels tell about a message; who reacts stands in `site.wiring.REACTIONS`.

`reference` is what the caller gave (the id of a token), `owner` whose batch it was ("round-7").
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class MessageFailed:
    """It did not arrive, or was never sent; `reason` is a word of `rules.reasons` or a carrier's code."""

    reference: UUID
    owner: str
    reason: str


@dataclass(frozen=True)
class MessageDelivered:
    """The carrier says that it arrived."""

    reference: UUID
    owner: str
