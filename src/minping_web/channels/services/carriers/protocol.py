"""What carriers get and give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Outcome(Enum):
    """What became of a parcel."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good: this number or text is not taken."""
    LATER = "later"
    """It did certainly not leave, and another time it may."""
    UNSURE = "unsure"
    """It may have left: the answer did not come."""


@dataclass(frozen=True)
class Parcel:
    """One message in the clear; it lives in memory only. `again`: an earlier try ended without an answer."""

    key: str
    phone: str
    text: str
    again: bool = False


@dataclass(frozen=True)
class Receipt:
    """The answer to a parcel; `ref` is the carrier's own number for it, `reason` the carrier's code."""

    key: str
    outcome: Outcome
    ref: str = ""
    reason: str = ""


class Carrier(Protocol):
    """Takes parcels. `idempotent`: a parcel that comes again with the same key is sent once."""

    most_at_once: int
    idempotent: bool

    def send(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """One receipt per parcel, in order."""
        ...
