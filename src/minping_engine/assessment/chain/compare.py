"""Who may be compared with whom, and how far: standings, ranks, tie bands, chances (ranks.md, grades.md).

In: shrunken people of one district, their comparison groups, thresholds. Out: `Comparison` with a state
for each assessee and a verdict for each group. A ranking that the data cannot carry is refused with its
width; who is too weakly measured is neither ranked nor a yardstick for others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from minping_engine.assessment.chain.cells import Floats, Ints
from minping_engine.assessment.chain.people import PRIOR_DF, AdjustedPeople
from minping_engine.assessment.chain.shrink import ShrunkenPeople
from minping_engine.estimation import ReliabilityRules, ReliabilityState, reliability_states
from minping_engine.estimation.indices import BallotSums, Discrimination, SpreadReport, spread_report
from minping_engine.ranking import (
    RankingState,
    check_ranking,
    posterior_ranks,
    simultaneous_sets,
    tie_bands,
)
from minping_engine.scheme import Disclosure, RankPlan

PERCENT = 10_000
"""Millionths in a percent."""


@dataclass(frozen=True)
class GroupVerdict:
    """One comparison group: how many are compared, spread against error, and whether a ranking holds.

    `state` is a `RankingState`; `median_width` of the simultaneous sets in ranks, NaN without sets.
    """

    group: int
    members: int
    state: str
    median_width: float
    spread: SpreadReport


@dataclass(frozen=True)
class Comparison:
    """Arrays (A,): `state` (ReliabilityState) by `reliability`, ranks (NaN or 0 = none), chance of the top.

    `rank_low`, `rank_high` hold the own rank with the level; `set_low`, `set_high` all ranks of the group
    at once. `tie_rank` is shared by all members of a tie band.
    """

    state: NDArray[np.int8]
    reliability: Floats
    borderline: NDArray[np.bool_]
    rank_expected: Floats
    rank_low: Ints
    rank_high: Ints
    set_low: Ints
    set_high: Ints
    top_chance: Floats
    tie_band: Ints
    tie_rank: Ints
    ranked_of: Ints
    groups: tuple[GroupVerdict, ...]


@dataclass(frozen=True)
class Counted:
    """What is known of the score that counts, (A,): its reliability, ballots, largest share of a building."""

    reliability: Floats
    ballots: BallotSums
    building_share: Floats


def compare(
    people: AdjustedPeople,
    shrunken: ShrunkenPeople,
    group: Ints,
    counted: Counted,
    rules: tuple[Disclosure, RankPlan],
) -> Comparison:
    """Standings of everybody by the score that counts; ranks by levelled scores inside groups.

    `group` (A,), -1 = not compared. Who is compared needs a reliable levelled score as well.
    """
    limits, plan = rules
    thresholds = _thresholds(limits)
    made = reliability_states(people.n, counted.reliability, counted.building_share, thresholds)
    state, borderline = made.state.copy(), made.borderline.copy()
    if shrunken.fit is None:
        # Nobody can say how much they differ: the thresholds of ballots alone decide.
        state[state == ReliabilityState.UNRELIABLE] = ReliabilityState.ASSESSED
    elif not shrunken.differs:
        # On level ground nobody differs: what is left of plain differences is nobody's doing.
        state[state > ReliabilityState.ONE_BUILDING] = ReliabilityState.NO_DIFFERENCES
    known = _comparable(shrunken, thresholds)
    total = len(people.n)
    whole = {name: np.zeros(total, dtype=np.int64) for name in _WHOLE}
    expected, chance = np.full(total, np.nan), np.full(total, np.nan)
    verdicts = []
    for number in np.unique(group[group >= 0]):
        scored = (group == number) & np.isfinite(shrunken.value) & (people.n >= limits.scored_from)
        inside = _distinct(shrunken, np.flatnonzero(scored))
        compared = np.flatnonzero((group == number) & (state == ReliabilityState.ASSESSED) & known)
        ballots = _picked(counted.ballots, inside)
        report = spread_report(shrunken.value[inside], shrunken.variance[inside], ballots)
        if shrunken.fit is None:
            report = replace(report, verdict=Discrimination.TOO_FEW)
        ranks = _rank(people, shrunken, compared, report, plan)
        verdicts.append(
            GroupVerdict(int(number), len(compared), ranks.state.value, ranks.median_width, report)
        )
        for name in _WHOLE:
            whole[name][compared] = getattr(ranks, name)
        expected[compared], chance[compared] = ranks.rank_expected, ranks.top_chance
        borderline[compared] |= ranks.borderline
    return Comparison(
        state,
        counted.reliability,
        borderline,
        expected,
        whole["rank_low"],
        whole["rank_high"],
        whole["set_low"],
        whole["set_high"],
        chance,
        whole["tie_band"],
        whole["tie_rank"],
        whole["ranked_of"],
        tuple(verdicts),
    )


def _comparable(shrunken: ShrunkenPeople, thresholds: ReliabilityRules) -> NDArray[np.bool_]:
    """Who has a levelled score reliable enough for ranks; all with a score where no model was fitted."""
    if shrunken.fit is None:
        return np.isfinite(shrunken.value)
    micro = np.rint(np.nan_to_num(shrunken.reliability) * 100 * PERCENT)
    made: NDArray[np.bool_] = np.isfinite(shrunken.shrunken) & (micro >= thresholds.ranked_from_micro)
    return made


_WHOLE = ("rank_low", "rank_high", "set_low", "set_high", "tie_band", "tie_rank", "ranked_of")


@dataclass(frozen=True)
class _Ranks:
    """Ranks of one group: scalars 0 or NaN where refused."""

    state: RankingState
    median_width: float = float("nan")
    rank_expected: Floats | float = float("nan")
    top_chance: Floats | float = float("nan")
    rank_low: Ints | int = 0
    rank_high: Ints | int = 0
    set_low: Ints | int = 0
    set_high: Ints | int = 0
    tie_band: Ints | int = 0
    tie_rank: Ints | int = 0
    ranked_of: int = 0
    borderline: NDArray[np.bool_] | bool = False


def _rank(
    people: AdjustedPeople, shrunken: ShrunkenPeople, who: Ints, report: SpreadReport, plan: RankPlan
) -> _Ranks:
    """Nothing at all where nobody differs; own intervals but no order where the sets are too wide.

    Sets and bands need no model; too few assessed for one have these alone.
    """
    if len(who) < 2:
        return _Ranks(RankingState.ONE_ASSESSEE)
    few = report.verdict is Discrimination.TOO_FEW
    if (not report.may_rank and not few) or (shrunken.fit is not None and not shrunken.differs):
        return _Ranks(RankingState.NO_DIFFERENCES)
    level = plan.level_percent / 100
    value, se, df = shrunken.value[who], np.sqrt(shrunken.variance[who]), people.df[who] + PRIOR_DF
    sets = simultaneous_sets(value, se, level=level, df=df)
    bands = tie_bands(value, se, np.zeros(len(who), dtype=np.int64), level=level, df=df)
    plain = _Ranks(
        RankingState.TOO_FEW,
        median_width=float(np.median(sets.widths)),
        set_low=sets.low,
        set_high=sets.high,
        tie_band=bands.band,
        tie_rank=bands.rank,
        ranked_of=len(who),
        borderline=sets.borderline | bands.borderline,
    )
    if few or shrunken.fit is None:
        return plain
    verdict = check_ranking(sets, shrunken.between, most_share=plan.widest_percent / 100)
    if verdict.state is RankingState.NO_DIFFERENCES:
        return _Ranks(verdict.state, median_width=verdict.median_width)
    centre, spread = shrunken.shrunken[who], np.sqrt(np.maximum(shrunken.mse[who], 1e-12))
    own = posterior_ranks(centre, spread, level=level, top_share=plan.top_percent / 100)
    expected = own.expected if verdict.state is RankingState.CARRIED else float("nan")
    # Sets hold the own interval, and no band ends inside it: one page must not say two things.
    band, rank = _bands_around(bands.band, bands.rank, own.low, own.high)
    return replace(
        plain,
        set_low=np.minimum(sets.low, own.low),
        set_high=np.maximum(sets.high, own.high),
        tie_band=band,
        tie_rank=rank,
        state=verdict.state,
        rank_expected=expected,
        top_chance=own.top_chance,
        rank_low=own.low,
        rank_high=own.high,
    )


def _distinct(shrunken: ShrunkenPeople, who: Ints) -> Ints:
    """Who shares all targets with somebody before has the very same score: it counts once."""
    numbers = np.stack([shrunken.value[who], shrunken.variance[who]], axis=1)
    return who[np.sort(np.unique(numbers, axis=0, return_index=True)[1])]


def _bands_around(band: Ints, rank: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Bands and their ranks (n,) joined wherever somebody's own interval reaches over the gap between two."""
    starts = np.unique(rank)
    kept = [first for first in starts[1:] if not ((low < first) & (high >= first)).any()]
    first_ranks = np.array([1, *kept])
    made = np.searchsorted(first_ranks, rank, side="right")
    return made.astype(np.int64), first_ranks[made - 1].astype(np.int64)


def _picked(ballots: BallotSums, rows: Ints) -> BallotSums:
    return BallotSums(ballots.n[rows], ballots.s[rows], ballots.ss[rows], ballots.full[rows])


def _thresholds(limits: Disclosure) -> ReliabilityRules:
    return ReliabilityRules(
        limits.scored_from,
        limits.assessed_from_percent * PERCENT,
        limits.ranked_from_percent * PERCENT,
        limits.one_building_percent * PERCENT,
    )
