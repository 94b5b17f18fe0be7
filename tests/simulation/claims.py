"""What the engine claims, as a list: each claim with its judge, and broken estimators that must fail it.

In: `Worlds` (trials by design, made when first asked for). Out: `CLAIMS` that have to stand and `BROKEN`
that have to fall before the same judge. The ordinary tests run them with few replicates, `make test-deep`
with 200; docs/method/honesty.md shows the measured table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from tests.simulation.designs import (
    ALIKE,
    CEILING,
    DESIGNS,
    TIED,
    TUNING,
    TWO_POINT,
    UNEQUAL,
    Design,
    Floats,
    People,
    Round,
    draw_round,
    make_people,
)
from tests.simulation.judge import (
    Measured,
    Outer,
    false_share,
    grades_from,
    interval_coverage,
    mean_error,
    near_cut_false_share,
    own_rank_coverage,
    ratio,
    set_coverage,
    sets_again,
    unlucky,
)
from tests.simulation.trials import Run, Trial, assess_round, second_round

NOMINAL: dict[Outer, float] = {"excellent": 0.10, "needs_support": 0.05}
NORMAL = 1.96
TWO_ROUNDS = (TUNING, CEILING)


class Worlds:
    """Trials of one seed, each made once."""

    def __init__(self, seed: int, replicates: int, folder: Path) -> None:
        self.seed, self.replicates, self.folder = seed, replicates, folder
        self._rounds: dict[str, tuple[People, Round]] = {}
        self._trials: dict[tuple[str, str], Trial] = {}
        self._later: dict[str, Trial] = {}

    def trial(self, design: Design, scheme: str = "full") -> Trial:
        """One round of `design`, assessed by `scheme`."""
        if design.name not in self._rounds:
            people = make_people(design, self.replicates, np.random.default_rng([self.seed, 1]))
            drawn = draw_round(design, people, np.random.default_rng([self.seed, 2]))
            self._rounds[design.name] = people, drawn
        key = design.name, scheme
        if key not in self._trials:
            folder = self.folder / design.name
            self._trials[key] = assess_round(design, *self._rounds[design.name], folder, Run(scheme))
        return self._trials[key]

    def two_rounds(self, design: Design) -> tuple[Trial, Trial]:
        """Two rounds of the same people."""
        first = self.trial(design)
        if design.name not in self._later:
            folder = self.folder / f"{design.name}-later"
            people = self._rounds[design.name][0]
            self._later[design.name] = second_round(first, people, self.seed, folder)
        return first, self._later[design.name]


@dataclass(frozen=True)
class Claim:
    """`measure` on the worlds, and whether what it gives `stands`. `few`: told by few replicates already."""

    name: str
    design: Design
    measure: Callable[[Worlds], Measured]
    stands: Callable[[Measured], bool]
    few: bool = True

    def __str__(self) -> str:
        return f"{self.name}-{self.design.name}"


def covers(found: Measured) -> bool:
    """Intervals of 95 % hold the truth in 93 to 97 %."""
    return found.within()


def holds_ranks(found: Measured) -> bool:
    """Own rank intervals are of whole ranks and so a little wider than their level."""
    return found.within(0.93, 0.99)


def nearly_always(found: Measured) -> bool:
    """At least 95 %."""
    return found.at_least(0.95)


def is_nothing(found: Measured) -> bool:
    """No bias beyond chance."""
    return found.within(0.0, 0.0)


def at_nominal(found: Measured, grade: Outer) -> bool:
    """No more wrong ones than the rule allows."""
    return found.at_most(NOMINAL[grade])


def _intervals(worlds: Worlds, design: Design) -> Measured:
    return interval_coverage(worlds.trial(design))


def _raked(worlds: Worlds, design: Design) -> Measured:
    """Weights alone, against the truth that weighting alone is after."""
    trial = worlds.trial(design, "raked")
    return interval_coverage(trial, truth=trial.own_mix)


def _half_intervals(worlds: Worlds, design: Design) -> Measured:
    trial = worlds.trial(design)
    return interval_coverage(trial, se=trial["adjusted_se"] / 2)


def _corrected_intervals(worlds: Worlds, design: Design) -> Measured:
    trial = worlds.trial(design)
    return interval_coverage(trial, se=trial["adjusted_se"] * trial["direct_se_fpc"] / trial["direct_se"])


def _all_households(worlds: Worlds, design: Design) -> Measured:
    trial = worlds.trial(design)
    return interval_coverage(trial, truth=trial.population)


def _differences(worlds: Worlds, design: Design) -> Measured:
    """Distances from the mean of the round, against those of all households."""
    trial = worlds.trial(design)
    shift = np.nanmean(trial["adjusted"] - trial.population, axis=1, keepdims=True)
    return interval_coverage(trial, truth=trial.population + shift)


def _sets(worlds: Worlds, design: Design) -> Measured:
    trial = worlds.trial(design)
    return set_coverage(trial, trial["set_low"], trial["set_high"])


def _own_as_sets(worlds: Worlds, design: Design) -> Measured:
    trial = worlds.trial(design)
    return set_coverage(trial, trial["rank_low"], trial["rank_high"])


def _half_sets(worlds: Worlds, design: Design) -> Measured:
    trial = worlds.trial(design)
    return set_coverage(trial, *sets_again(trial, shrink_error=0.5))


def _own_ranks(worlds: Worlds, design: Design) -> Measured:
    return own_rank_coverage(worlds.trial(design))


def _false(worlds: Worlds, design: Design, grade: Outer) -> Measured:
    return false_share(worlds.trial(design), grade)


def _false_near_cut(worlds: Worlds, design: Design, grade: Outer) -> Measured:
    return near_cut_false_share(worlds.trial(design), grade)


def _false_by_score(worlds: Worlds, design: Design, grade: Outer) -> Measured:
    """Whoever's score is beyond the cut."""
    trial = worlds.trial(design)
    high, low = design.cuts
    score, graded = trial["adjusted"], trial.grade.astype(bool)
    beyond = score >= high if grade == "excellent" else score < low
    return false_share(trial, grade, np.array([None, grade], dtype=object)[(graded & beyond).astype(int)])


def _false_near_cut_half(worlds: Worlds, design: Design, grade: Outer) -> Measured:
    """The engine's rule with half of the error."""
    trial = worlds.trial(design)
    made = grades_from(trial, trial["shrunken"], trial["shrunken_se"] / 2)
    return near_cut_false_share(trial, grade, *made)


def _progress(worlds: Worlds, design: Design, part: float = 1.0) -> Measured:
    trial = worlds.two_rounds(design)[1]
    error = np.abs(trial["progress"] - trial.truth_change)
    return ratio(error <= NORMAL * part * trial["progress_se"], np.isfinite(trial["progress"]))


def _unlucky_progress(worlds: Worlds, design: Design) -> Measured:
    first, second = worlds.two_rounds(design)
    return mean_error(second["progress"] - second.truth_change, unlucky(first, second["progress"]))


def _unlucky_raw_change(worlds: Worlds, design: Design) -> Measured:
    first, second = worlds.two_rounds(design)
    raw = second["adjusted"] - first["adjusted"] - (second.truth - first.truth)
    return mean_error(raw, unlucky(first, second["progress"]))


def _silent_rounds(worlds: Worlds, design: Design) -> Measured:
    """Rounds in which nobody has a rank, a set, an order or a grade."""
    trial = worlds.trial(design)
    names = ("ranked_of", "rank_low", "set_low", "tie_rank", "rank_expected")
    told = [trial.grade.astype(bool), *(np.nan_to_num(trial[name]) > 0 for name in names)]
    silent = ~np.stack(told, axis=2).reshape(len(trial.truth), -1)
    counted = np.ones((len(silent), 1), dtype=bool)
    return ratio(np.all(silent, axis=1, keepdims=True), counted)


def _nobody_apart(worlds: Worlds, design: Design, part: float = 1.0) -> Measured:
    """Groups in which the simultaneous sets of all hold all ranks, whatever reliability says."""
    trial = worlds.trial(design)
    everybody = replace(trial, columns={**trial.columns, "set_low": np.ones_like(trial.truth)})
    low, high = sets_again(everybody, shrink_error=part)
    size = _group_sizes(trial)
    apart = (low > 1) | (high < size)
    groups = [trial.group == label for label in np.unique(trial.group)]
    counted = np.stack([rows.any(axis=1) for rows in groups], axis=1)
    return ratio(np.stack([~(apart & rows).any(axis=1) for rows in groups], axis=1), counted)


def _group_sizes(trial: Trial) -> Floats:
    same = trial.group[:, :, None] == trial.group[:, None, :]
    sizes: Floats = same.sum(axis=2).astype(np.float64)
    return sizes


def _over(
    designs: Iterable[Design],
    name: str,
    measure: Callable[..., Measured],
    stands: Callable[[Measured], bool],
    *,
    few: Iterable[Design] = (*DESIGNS, ALIKE),
) -> list[Claim]:
    """One claim on each design; `few` are those on which few replicates tell."""
    quick = tuple(few)
    return [
        Claim(name, design, partial(measure, design=design), stands, design in quick) for design in designs
    ]


def _graded(name: str, measure: Callable[..., Measured], *, few: Iterable[Design] = DESIGNS) -> list[Claim]:
    """Claims on both outer grades."""
    return [
        claim
        for grade in NOMINAL
        for claim in _over(
            DESIGNS,
            f"{name}_{grade}",
            partial(measure, grade=grade),
            partial(at_nominal, grade=grade),
            few=few,
        )
    ]


CLAIMS: list[Claim] = [
    *_over(DESIGNS, "intervals_cover", _intervals, covers),
    *_over([TIED], "differences_are_covered", _differences, covers),
    *_over(DESIGNS, "sets_hold_all_ranks", _sets, nearly_always),
    *_over(DESIGNS, "own_rank_intervals_cover", _own_ranks, holds_ranks),
    *_graded("false", _false),
    *_graded("false_near_cut", _false_near_cut),
    *_over(TWO_ROUNDS, "progress_intervals_cover", _progress, covers, few=[TUNING]),
    *_over(TWO_ROUNDS, "progress_of_the_unlucky_is_unbiased", _unlucky_progress, is_nothing, few=[TUNING]),
    *_over([ALIKE], "intervals_cover", _intervals, covers),
    *_over([ALIKE], "nobody_is_ranked_or_graded", _silent_rounds, nearly_always),
    *_over([ALIKE], "sets_tell_nobody_apart", _nobody_apart, nearly_always),
]
BROKEN: list[Claim] = [
    *_over(
        [TUNING, TIED],
        "raking_alone",
        _raked,
        covers,
        few=[TUNING],
    ),
    *_over(DESIGNS, "half_the_error", _half_intervals, covers),
    *_over([UNEQUAL], "finite_population_error", _corrected_intervals, covers),
    *_over([TIED], "truth_of_all_households", _all_households, covers),
    *_over(DESIGNS, "own_intervals_as_sets", _own_as_sets, nearly_always),
    *_over(DESIGNS, "sets_from_half_the_error", _half_sets, nearly_always, few=()),
    *_graded("grade_by_score", _false_by_score, few=[TWO_POINT, CEILING]),
    *_graded("near_cut_with_half_the_error", _false_near_cut_half, few=()),
    *_over(TWO_ROUNDS, "progress_with_half_the_error", partial(_progress, part=0.5), covers, few=[TUNING]),
    *_over(TWO_ROUNDS, "raw_change_of_the_unlucky", _unlucky_raw_change, is_nothing, few=[TUNING]),
    *_over([TUNING], "differing_people_in_silence", _silent_rounds, nearly_always),
    *_over([ALIKE], "apart_by_half_the_error", partial(_nobody_apart, part=0.5), nearly_always),
]
