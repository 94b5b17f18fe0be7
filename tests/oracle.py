"""A slow, obvious scorer to hold the kernel against: exact fractions, one ballot at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from math import floor

from minping_engine.scheme import LoadedScheme
from minping_engine.terms import Mode
from tests.rounds import Ballot

Sums = dict[tuple[int, int, int, str], tuple[int, int, int]]


def points_of(ballot: Ballot, scheme: LoadedScheme) -> dict[str, int] | None:
    """Thousandths of a point by item and in total; None if the ballot does not count."""
    given: dict[str, int] = {}
    best = {item.id: item.max_milli for item in scheme.scheme.instrument.items}
    for item in scheme.scheme.instrument.items:
        code = ballot.answers.get(item.id)
        if code is None:
            continue
        table = {answer.code: answer.points for answer in item.answers}
        if code not in table:
            return None
        given[item.id] = table[code]
    total = scheme.scheme.scoring.total
    if len(given) < total.minimum_answered or ballot.mode == Mode.OPEN_ONLINE:
        return None
    share = Fraction(sum(given.values()) * sum(best.values()), sum(best[item] for item in given))
    return {**given, "total": floor(share + Fraction(1, 2))}


def sums_of(ballots: Iterable[Ballot], scheme: LoadedScheme) -> Sums:
    """n, s, ss by target, stratum, mode and variable."""
    sums: Sums = defaultdict(lambda: (0, 0, 0))
    for ballot in ballots:
        for variable, points in (points_of(ballot, scheme) or {}).items():
            key = (ballot.target, ballot.stratum, ballot.mode, variable)
            n, s, ss = sums[key]
            sums[key] = (n + 1, s + points, ss + points * points)
    return dict(sums)
