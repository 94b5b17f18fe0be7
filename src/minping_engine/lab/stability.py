"""How far grades and places hang on the weights of indicators: the same points under other weights.

In: a result, its scheme and snapshot, a plan (seed, draws, spread). Out: `Stability`. Each leaf's full
marks are multiplied by a factor drawn evenly from 1 ± spread, and the whole is brought back to its points.
Evenly, because "± 20 %" then says all there is to say: no weight is ever further off, and none nearer the
written one is more likely for a reason that nobody could name. Who has a score keeps one, and keeps bonus,
deductions and vetoes; a vetoed or limited grade is followed as far as bands, limits and transitions go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import kendalltau

from minping_engine.assessment.result import Result
from minping_engine.assessment.scored.places import read_places
from minping_engine.lab.grades import Field, Floats, Whole, grade_steps, ranks
from minping_engine.lab.model import Lever, Stability, StabilityState, Steady
from minping_engine.lab.weights import (
    PLACES,
    Leaves,
    half_up,
    leaves_of,
    normalised,
    read_leaves,
    totals,
)
from minping_engine.scheme import Band, LoadedScheme, Scheme
from minping_engine.scoring.grades import bands_for
from minping_engine.snapshot import Snapshot

LOW, HIGH = 0.05, 0.95
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Seed of the draws, how many, and how far a weight may be off, in per cent."""

    seed: int
    draws: int
    spread_percent: int


@dataclass(frozen=True)
class Bench:
    """Everything that stays while weights vary; `added` is bonus less deductions in points."""

    scheme: Scheme
    leaves: Leaves
    field: Field
    added: Floats

    def scores(self, factors: Floats) -> Floats:
        """Scores before vetoes, (draws, assessees)."""
        total = self.scheme.total
        points = totals(self.scheme, self.leaves, normalised(self.scheme, factors)) + self.added
        points = np.maximum(points, float(total.floor))
        points = points if total.cap is None else np.minimum(points, float(total.cap))
        return np.round(points, PLACES) if total.round is None else half_up(points, total.round)

    def steps(self, scores: Floats) -> Whole:
        """Grade steps."""
        return grade_steps(scores, self.field, self.scheme)


def stability_of(snapshot: Snapshot, loaded: LoadedScheme, result: Result, plan: Plan) -> Stability:
    """Shares of draws in which grades and places hold, and which weight moves most grades."""
    leaves = leaves_of(loaded.scheme)
    if not leaves:
        return Stability(StabilityState.NO_WEIGHTS)
    if len(leaves) == 1:
        return Stability(StabilityState.ONE_WEIGHT)
    bench = make_bench(snapshot, loaded, result)
    if not bench.field.ids:
        return Stability(StabilityState.NOBODY)
    generator = np.random.Generator(np.random.PCG64(plan.seed))
    spread = plan.spread_percent / 100
    factors = generator.uniform(1 - spread, 1 + spread, (plan.draws, len(leaves)))
    scores, base = bench.scores(factors), bench.scores(np.ones((1, len(leaves))))
    taus = _taus(base[0], scores, bench.field)
    return Stability(
        StabilityState.VARIED,
        _people(bench, base, scores),
        _levers(bench, base, spread),
        None if taus is None else float(np.median(taus)),
        None if taus is None else float(np.quantile(taus, LOW, method="inverted_cdf")),
    )


def make_bench(snapshot: Snapshot, loaded: LoadedScheme, result: Result) -> Bench:
    """What a result gives to start from: those who have a score."""
    rows = [row for row in result["outcomes"].to_pylist() if row["score"] is not None]
    ids = tuple(row["assessee_id"] for row in rows)
    added = dict.fromkeys(ids, 0.0)
    for row in result["bonus_and_deductions"].to_pylist():
        if row["assessee_id"] in added:
            added[row["assessee_id"]] += row["points"]
    leaves = read_leaves(result["nodes"], loaded.scheme, ids)
    return Bench(loaded.scheme, leaves, _field(snapshot, loaded.scheme, rows), np.array(list(added.values())))


def _field(snapshot: Snapshot, scheme: Scheme, rows: Sequence[Row]) -> Field:
    places = read_places(snapshot)
    rule = scheme.grading.within or (scheme.fairness.comparison_group if scheme.fairness else None)
    bands = tuple(bands_for(scheme.grading, places.group(row["area_id"], rule)[1]) for row in rows)
    groups = {name: number for number, name in enumerate(sorted({row["group"] for row in rows}))}
    vetoes = [_veto_limits(row, scheme, own) for row, own in zip(rows, bands, strict=True)]
    return Field(
        ids=tuple(row["assessee_id"] for row in rows),
        group=np.array([groups[row["group"]] for row in rows], dtype=np.int64),
        bands=bands,
        previous=np.array([_previous(row) for row in rows], dtype=np.int64),
        lowest_step=np.array([step for step, _ in vetoes], dtype=np.int64),
        ceiling=np.array([ceiling for _, ceiling in vetoes], dtype=np.float64),
    )


def _previous(row: Row) -> int:
    """Step of the period before: the step now and the change say it."""
    return row["grade_step"] + row["grade_change"] if row["grade_change"] is not None else 0


def _veto_limits(row: Row, scheme: Scheme, bands: Sequence[Band]) -> tuple[int, float]:
    """The best step and the highest score that vetoes leave."""
    held = [veto for veto in scheme.vetoes if veto.id in row["vetoes"].split()]
    grades = [band.grade for band in bands]
    steps = [grades.index(veto.grade_at_most) + 1 for veto in held if veto.grade_at_most in grades]
    scores = [float(veto.score_at_most) for veto in held if veto.score_at_most is not None]
    return max(steps, default=0), min(scores, default=np.inf)


def _people(bench: Bench, base: Floats, scores: Floats) -> tuple[Steady, ...]:
    step, place = bench.steps(base)[0], ranks(base, bench.field)[0]
    same_grade = (bench.steps(scores) == step).mean(axis=0)
    drawn = ranks(scores, bench.field)
    same_rank = (drawn == place).mean(axis=0)
    low, high = (np.quantile(drawn, share, axis=0, method="inverted_cdf") for share in (LOW, HIGH))
    grades = [_grade(bands, int(one)) for bands, one in zip(bench.field.bands, step, strict=True)]
    return tuple(
        Steady(
            assessee_id=name,
            grade=grades[number],
            keeps_grade=None if grades[number] is None else float(same_grade[number]),
            keeps_rank=float(same_rank[number]),
            rank_low=int(low[number]),
            rank_high=int(high[number]),
        )
        for number, name in enumerate(bench.field.ids)
    )


def _grade(bands: Sequence[Band], step: int) -> str | None:
    return bands[step - 1].grade if step else None


def _levers(bench: Bench, base: Floats, spread: float) -> tuple[Lever, ...]:
    """One weight at a time, at both ends of its spread."""
    leaves = leaves_of(bench.scheme)
    step = bench.steps(base)[0]
    ends = np.ones((2 * len(leaves), len(leaves)))
    for number in range(len(leaves)):
        ends[2 * number, number], ends[2 * number + 1, number] = 1 - spread, 1 + spread
    changed = (bench.steps(bench.scores(ends)) != step).sum(axis=1)
    made = [
        Lever(
            leaf.id,
            leaf.title.zh,
            leaf.title.en,
            float(leaf.points),
            int(changed[2 * number]),
            int(changed[2 * number + 1]),
        )
        for number, leaf in enumerate(leaves)
    ]
    return tuple(sorted(made, key=lambda lever: -lever.most))


def _taus(base: Floats, scores: Floats, field: Field) -> Floats | None:
    """Kendall's tau-b of every draw to the order as it is; groups weigh by their pairs; None: no order."""
    groups = [own for own in field.members() if len(np.unique(base[own])) > 1]
    if not groups:
        return None
    pairs = np.array([len(own) * (len(own) - 1) / 2 for own in groups])
    rows = [[_tau(base[own], draw[own]) for own in groups] for draw in scores]
    whole: Floats = np.asarray(rows) @ pairs / pairs.sum()
    return whole


def _tau(base: Floats, drawn: Floats) -> float:
    """0 where everybody is equal: there is no order left to compare."""
    if len(np.unique(drawn)) == 1:
        return 0.0
    method = (
        "exact" if len(base) == 2 else "asymptotic"
    )  # of the test that comes along, which two cannot bear
    return float(kendalltau(base, drawn, method=method).statistic)
