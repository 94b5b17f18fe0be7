"""What a trial finds: everybody before and after, money, and how far grades hang on the weights.

In: nothing. Out: the frozen dataclasses that `trial` and `stability` fill, and that `workbook`, `page`
and the command read. Points are float64 of exact fractions; money is in whole fen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from minping_engine.lab.changes.model import Change
from minping_engine.scheme import LoadedScheme

Flips = Counter[tuple[str | None, str | None]]
"""How many went from one grade to another; None is no grade."""


@dataclass(frozen=True)
class Standing:
    """How one scheme leaves somebody; `exact` is the score as a fraction, `step` 1 the best grade."""

    score: float | None
    exact: str | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    grade: str | None
    step: int | None
    reason: str | None
    vetoes: frozenset[str]
    cards: frozenset[str]
    money: Mapping[str, int]
    """Fen by use; uses without money are left out."""


@dataclass(frozen=True)
class Person:
    """One assessee under both schemes."""

    assessee_id: str
    name: str
    group: str
    before: Standing
    after: Standing

    @property
    def moves(self) -> bool:
        """Whether the score differs, or there is one under one scheme only."""
        return self.before.exact != self.after.exact

    @property
    def flips(self) -> bool:
        """Whether the grade differs."""
        return self.before.grade != self.after.grade

    @property
    def difference(self) -> float | None:
        """Points gained (above 0) or lost."""
        if self.before.score is None or self.after.score is None:
            return None
        return self.after.score - self.before.score

    @property
    def way(self) -> int:
        """1 where the grade rose, -1 where it fell, 0 where it stayed or cannot be compared."""
        if not self.flips or self.before.step is None or self.after.step is None:
            return 0
        return 1 if self.after.step < self.before.step else -1

    @property
    def fen(self) -> int:
        """Money gained (above 0) or lost over all uses."""
        return sum(self.after.money.values()) - sum(self.before.money.values())


@dataclass(frozen=True)
class UseMoney:
    """One use with money: totals in fen, how many are paid, and the budget where the rule divides one."""

    use: str
    title_zh: str
    title_en: str
    before: int
    after: int
    paid_before: int
    paid_after: int
    budget_before: int | None = None
    budget_after: int | None = None

    @property
    def adds_up(self) -> bool:
        """Whether a divided budget is used up to the fen wherever anybody is paid."""
        pairs = (
            (self.budget_before, self.before, self.paid_before),
            (self.budget_after, self.after, self.paid_after),
        )
        return all(budget is None or not paid or budget == total for budget, total, paid in pairs)


class StabilityState(StrEnum):
    """Whether there are weights that could be otherwise."""

    VARIED = "varied"
    NO_WEIGHTS = "no_weights"
    ONE_WEIGHT = "one_weight"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Steady:
    """How somebody fares over all draws: shares 0-1; ranks that 5 % and 95 % of draws stay within."""

    assessee_id: str
    grade: str | None
    keeps_grade: float | None
    keeps_rank: float
    rank_low: int
    rank_high: int


@dataclass(frozen=True)
class Lever:
    """One indicator's weight moved alone: how many grades change when it is lower, when it is higher."""

    indicator: str
    title_zh: str
    title_en: str
    points: float
    lower: int
    higher: int

    @property
    def most(self) -> int:
        """The larger number of grades."""
        return max(self.lower, self.higher)


@dataclass(frozen=True)
class Stability:
    """The changed scheme under other weights. `tau` compares orders inside groups: 1 is the same order."""

    state: StabilityState
    people: tuple[Steady, ...] = ()
    levers: tuple[Lever, ...] = ()
    """Those that move most grades first."""
    tau_median: float | None = None
    tau_low: float | None = None
    """The 5 % point."""

    def by_grade(self) -> dict[str, float]:
        """Mean share of draws in which a grade holds, over those who have it."""
        rows: dict[str, list[float]] = {}
        for person in self.people:
            if person.grade is not None and person.keeps_grade is not None:
                rows.setdefault(person.grade, []).append(person.keeps_grade)
        return {grade: sum(shares) / len(shares) for grade, shares in rows.items()}


@dataclass(frozen=True)
class RoundTrial:
    """One snapshot under both schemes; people in the order of their ids."""

    period: str
    synthetic: bool
    people: tuple[Person, ...]
    money: tuple[UseMoney, ...]
    stability: Stability

    @property
    def moved(self) -> int:
        """How many scores differ."""
        return sum(person.moves for person in self.people)

    @property
    def flipped(self) -> int:
        """How many grades differ."""
        return sum(person.flips for person in self.people)

    @property
    def flips(self) -> Flips:
        """How many by grade before and after, those who stay included."""
        return Counter((person.before.grade, person.after.grade) for person in self.people)


@dataclass(frozen=True)
class Trial:
    """A change tried on snapshots: what was changed, and what it does in each round."""

    base: LoadedScheme
    changed: LoadedScheme
    rounds: tuple[RoundTrial, ...]
    seed: int
    draws: int
    spread_percent: int
    changes: Mapping[str, tuple[Change, ...]]
    """What differs between the schemes, by language."""
