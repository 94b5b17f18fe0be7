"""Outcome rates of a survey by the standard definitions of the American Association for Public Opinion
Research: response RR1 to RR6, cooperation, refusal, contact.

In: counts of final dispositions. Out: exact fractions, None where the denominator is nothing. `e` is the
share of units of unknown eligibility that are taken as eligible; where nobody states it, it is estimated from
the cases that were decided (the proportional method). In a round that nobody closed, an unspent invitation
counts as unknown, so the rates only rise while answers come in.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

NAMES = ("RR1", "RR2", "RR3", "RR4", "RR5", "RR6", "COOP1", "COOP2", "REF1", "REF3", "CON1", "CON3")


@dataclass(frozen=True)
class Outcomes:
    """Counts: complete I, partial P, refusal R, non-contact NC, other O, unknown U, not eligible."""

    complete: int = 0
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown: int = 0
    not_eligible: int = 0

    @property
    def eligible(self) -> int:
        """Cases known to be eligible: the interviews and non-interviews."""
        return self.complete + self.partial + self.refusal + self.non_contact + self.other

    @property
    def all(self) -> int:
        """Every case."""
        return self.eligible + self.unknown + self.not_eligible


def estimated_e(found: Outcomes) -> Fraction:
    """Eligible among the decided; 1 where nothing is decided, which rather lowers the rates."""
    decided = found.eligible + found.not_eligible
    return Fraction(found.eligible, decided) if decided else Fraction(1)


def rates(found: Outcomes, e: Fraction | None = None) -> dict[str, Fraction | None]:
    """All rates by name; `e` as stated, else estimated."""
    share = estimated_e(found) if e is None else e
    answered, interviews = found.complete, found.complete + found.partial
    cautious, likely = found.eligible + found.unknown, found.eligible + share * found.unknown
    contacted = interviews + found.refusal + found.other
    parts: dict[str, tuple[Fraction | int, Fraction | int]] = {
        "RR1": (answered, cautious),
        "RR2": (interviews, cautious),
        "RR3": (answered, likely),
        "RR4": (interviews, likely),
        "RR5": (answered, found.eligible),
        "RR6": (interviews, found.eligible),
        "COOP1": (answered, contacted),
        "COOP2": (interviews, contacted),
        "REF1": (found.refusal, cautious),
        "REF3": (found.refusal, found.eligible),
        "CON1": (contacted, cautious),
        "CON3": (contacted, found.eligible),
    }
    return {name: Fraction(part) / whole if whole else None for name, (part, whole) in parts.items()}
