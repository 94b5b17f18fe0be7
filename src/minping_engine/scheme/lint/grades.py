"""Whether points and grades can be reached, and whether ranks rest on what carries them (D7)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from minping_engine.scheme.checks.grading import band_lists
from minping_engine.scheme.lint.finding import Findings
from minping_engine.scheme.model import (
    BallotMean,
    BallotShare,
    Indicator,
    Lookup,
    Scheme,
    Steps,
)
from minping_engine.scheme.names import nodes_of
from minping_engine.scheme.rules import Rules

RANKS = frozenset({"rank", "rank_low", "rank_high", "tied", "rank_from_below"})


def grade_findings(scheme: Scheme, rules: Rules) -> Findings:
    """Findings of bands, criteria and ranks."""
    found = Findings()
    for node in nodes_of(scheme.indicators):
        _reach(node, found)
    if scheme.has_tree:
        _unreachable(scheme, found)
    _limits(scheme, found)
    ranked = next(_ranked(scheme, rules), None)
    if ranked is not None and scheme.fairness is None and _has_ballots(scheme):
        found.error("lint.rank_without_reliability", ranked)
    return found


def _unreachable(scheme: Scheme, found: Findings) -> None:
    """Bands above the highest possible score, or below the lowest."""
    low, high = _range(scheme)
    for key, bands in band_lists(scheme).items():
        starts = sorted(band.from_points for band in bands)
        for band in bands:
            next_up = next((start for start in starts if start > band.from_points), None)
            if high is not None and Fraction(band.from_points, 1000) > high:
                found.error("lint.unreachable_grade", key, grade=band.grade, points=float(high))
            elif next_up is not None and Fraction(next_up, 1000) <= low:
                found.error("lint.unreachable_grade", key, grade=band.grade, points=float(low))


def _limits(scheme: Scheme, found: Findings) -> None:
    last = {min(bands, key=lambda band: band.from_points).grade for bands in band_lists(scheme).values()}
    for limit in scheme.grading.limits:
        if limit.grade in last:
            found.error("lint.limit_without_effect", f"grading.limits.{limit.grade}", grade=limit.grade)
    if scheme.grading.bands is None and (scheme.grading.limits or scheme.grading.transitions):
        found.error("lint.limits_without_grades", "grading")


def _reach(node: Indicator, found: Findings) -> None:
    criterion, place = node.criterion, f"indicators.{node.id}.criterion"
    best: Fraction | None = None
    if isinstance(criterion, Steps):
        best = max(step.points for step in criterion.steps)
        ordered = sorted(criterion.steps, key=lambda step: step.from_, reverse=criterion.low_is_good)
        points = [step.points for step in ordered]
        if points != sorted(points):
            found.error("lint.better_scores_less", place, node=node.id)
    elif isinstance(criterion, Lookup):
        best = max(criterion.shares.values()) * node.points
    if best is not None and best != node.points:
        found.error(
            "lint.full_marks_unreachable", place, node=node.id, best=float(best), full=float(node.points)
        )


def _range(scheme: Scheme) -> tuple[Fraction, Fraction | None]:
    """Lowest and highest possible score; None where a bonus has no cap."""
    bonus = [change for change in scheme.adjustments if change.kind == "bonus"]
    high: Fraction | None = scheme.total.points
    if any(change.cap is None for change in bonus):
        high = None
    elif high is not None:
        high += sum((change.cap or Fraction(0) for change in bonus), start=Fraction(0))
    if scheme.total.cap is not None:
        high = scheme.total.cap if high is None else min(high, scheme.total.cap)
    return scheme.total.floor, high


def _has_ballots(scheme: Scheme) -> bool:
    if not scheme.has_tree:
        return True
    return any(isinstance(measure, BallotMean | BallotShare) for measure in scheme.measures)


def _ranked(scheme: Scheme, rules: Rules) -> Iterator[str]:
    """Places that use a rank."""
    for limit in scheme.grading.limits:
        yield f"grading.limits.{limit.grade}"
    for use in scheme.use:
        if use.money and use.money.by_rank:
            yield f"use.{use.id}.money.by_rank"
    for place, rule in rules.by_place.items():
        if rule.names & RANKS:
            yield place
