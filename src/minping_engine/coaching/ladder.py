"""How far up help is sought: community, street, district (docs/method/coaching.md, rule 15; S9).

In: a worker's quarters, oldest first, each behind, ahead, between or not assessed, with its reliability; a
rule. Out: the level, and every reason. The same ladder serves those who are ahead and may teach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from minping_engine.errors import InputError
from minping_engine.terms import AreaLevel

LEVELS = (AreaLevel.COMMUNITY, AreaLevel.STREET, AreaLevel.DISTRICT)


class QuarterSide(StrEnum):
    """Where a quarter's score stands beside like workers."""

    BEHIND = "behind"
    BETWEEN = "between"
    AHEAD = "ahead"
    NOT_ASSESSED = "not_assessed"


class LadderReasonKind(StrEnum):
    """What a reason says of one quarter, or of the series."""

    COUNTED = "counted"
    SKIPPED_NOT_ASSESSED = "skipped_not_assessed"
    SKIPPED_UNRELIABLE = "skipped_unreliable"
    ENDED_BY = "ended_by"
    ENDED_BY_SKIPS = "ended_by_skips"
    NOTHING_TO_DO = "nothing_to_do"
    TOO_FEW_QUARTERS = "too_few_quarters"


@dataclass(frozen=True)
class Quarter:
    """One assessed period; `reliability` 0 to 1."""

    period: str
    side: QuarterSide
    reliability: float = 1.0


@dataclass(frozen=True)
class LadderRule:
    """Quarters in a row for community, street, district; what is too unreliable; how many may lack."""

    quarters: tuple[int, int, int] = (1, 2, 3)
    least_reliability: float = 0.70
    most_skipped: int = 1


@dataclass(frozen=True)
class LadderReason:
    """One sentence as data; `period` is empty where the whole series is meant."""

    kind: LadderReasonKind
    period: str
    side: QuarterSide


@dataclass(frozen=True)
class LadderStep:
    """`level` None: nobody above is asked. `side` is behind, ahead, or between (no series)."""

    side: QuarterSide
    level: AreaLevel | None
    quarters: int
    reasons: tuple[LadderReason, ...]


def ladder_step(history: Sequence[Quarter], *, rule: LadderRule | None = None) -> LadderStep:
    """Count back from the latest quarter as long as all that count are on one side.

    >>> step = ladder_step([Quarter("2020Q1", QuarterSide.BEHIND), Quarter("2020Q2", QuarterSide.BEHIND)])
    >>> step.level, step.quarters
    (<AreaLevel.STREET: 'street'>, 2)
    """
    asked = rule or LadderRule()
    _check(asked)
    reasons: list[LadderReason] = []
    side, counted, skipped = QuarterSide.BETWEEN, 0, 0
    for quarter in reversed(history):
        skip = _skip(quarter, asked)
        if skip:
            skipped += 1
            if skipped > asked.most_skipped:
                reasons.append(LadderReason(LadderReasonKind.ENDED_BY_SKIPS, quarter.period, quarter.side))
                break
            reasons.append(LadderReason(skip, quarter.period, quarter.side))
            continue
        if quarter.side is QuarterSide.BETWEEN or (counted and quarter.side is not side):
            reasons.append(LadderReason(LadderReasonKind.ENDED_BY, quarter.period, quarter.side))
            break
        side, counted = quarter.side, counted + 1
        reasons.append(LadderReason(LadderReasonKind.COUNTED, quarter.period, side))
    return _step(side, counted, asked, reasons)


def _step(side: QuarterSide, counted: int, rule: LadderRule, reasons: list[LadderReason]) -> LadderStep:
    reached = [level for level, least in zip(LEVELS, rule.quarters, strict=True) if counted >= least]
    level = reached[-1] if reached else None
    if counted == 0:
        reasons.append(LadderReason(LadderReasonKind.NOTHING_TO_DO, "", side))
    elif level is None:
        reasons.append(LadderReason(LadderReasonKind.TOO_FEW_QUARTERS, "", side))
    return LadderStep(side, level, counted, tuple(reasons))


def _skip(quarter: Quarter, rule: LadderRule) -> LadderReasonKind | None:
    """Why a quarter says nothing; in whole millionths, as reliabilities are compared elsewhere."""
    if quarter.side is QuarterSide.NOT_ASSESSED:
        return LadderReasonKind.SKIPPED_NOT_ASSESSED
    if round(quarter.reliability * 1e6) < round(rule.least_reliability * 1e6):
        return LadderReasonKind.SKIPPED_UNRELIABLE
    return None


def _check(rule: LadderRule) -> None:
    community, street, district = rule.quarters
    rises = 1 <= community < street < district
    if not (rises and 0 <= rule.least_reliability <= 1 and rule.most_skipped >= 0):
        raise InputError.of("coaching.ladder_rule")
