"""What channels tell about messages, many at once; who reacts stands in `site.wiring.REACTIONS`.

`references` are what the caller gave (ids of tokens), `owner` whose batch it was ("round-7").
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class MessagesFailed:
    """They did not arrive, or were never sent; `reason` is a word of `rules.reasons` or a carrier's code."""

    references: tuple[UUID, ...]
    owner: str
    reason: str


@dataclass(frozen=True)
class MessagesDelivered:
    """The carrier says that they arrived."""

    references: tuple[UUID, ...]
    owner: str
