"""What goes into scoring: one value per assessee and measure, earlier outcomes, and who is compared.

Exact class: numbers are fractions. A missing value has a state with a name; it is never 0 and never
full marks (docs/method/points.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from minping_engine.terms import MeasureState

Numbers = Mapping[str, Fraction | bool | str | None]


@dataclass(frozen=True)
class MeasureValue:
    """A measure's value with its state; `se` is the standard error of one that comes from ballots.

    `source` names what the error comes from: errors of one source are added, those of several squared.
    """

    value: Fraction | str | None
    state: MeasureState = MeasureState.VALUED
    n: int = 0
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    excluded: int = 0
    se: float = 0.0
    source: str = ""
    unfollowed: bool = False
    """Whether it has an error that cannot be followed (a formula of ballots)."""


@dataclass(frozen=True)
class Earlier:
    """An earlier outcome of the same scheme."""

    period: str
    score: Fraction | None
    grade: str | None
    grade_step: int | None
    assessed: bool


@dataclass(frozen=True)
class Candidate:
    """Somebody to be scored: context, facts, measures, earlier outcomes oldest first.

    `group` is the comparison group, `band_key` names its list of bands where those differ by class.
    """

    assessee_id: str
    context: Mapping[str, str | bool | None] = field(default_factory=dict)
    facts: Mapping[str, Fraction | str] = field(default_factory=dict)
    measures: Mapping[str, MeasureValue] = field(default_factory=dict)
    earlier: tuple[Earlier, ...] = ()
    group: str = ""
    district: str = ""
    band_key: str = ""
