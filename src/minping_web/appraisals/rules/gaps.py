"""What is missing before the evidence of a round is closed, as short facts that a page puts in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Gap(StrEnum):
    """Kinds of what may be missing."""

    NO_CALL = "no_call"
    TOO_FEW_RATERS = "too_few_raters"
    RATER_MIX = "rater_mix"
    STILL_OPEN = "still_open"
    FACT = "fact"
    VISITS = "visits"
    CASES = "cases"
    WAITING = "waiting"


@dataclass(frozen=True)
class Missing:
    """One gap: of which group or fact, how many assessees or proposals, out of how many."""

    gap: Gap
    name: str
    title: str
    n: int
    of: int

    def as_json(self) -> list[object]:
        """As a closing keeps it."""
        return [self.gap.value, self.name, self.n, self.of]
