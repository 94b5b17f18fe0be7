"""Rules over periods that name what only the present period has."""

from __future__ import annotations

from collections.abc import Iterable

from minping_engine.errors import Problem
from minping_engine.scheme.model import ResultCount, Scheme
from minping_engine.scheme.names import EARLIER, OUTCOME, nodes_of


def told_of_periods(problems: Iterable[Problem], scheme: Scheme) -> list[Problem]:
    """The problems; where a rule over periods names a measure, it is told which names periods have."""
    places = {f"over_periods.{count.id}.when" for count in scheme.over_periods}
    places |= {f"measures.{it.id}.when" for it in scheme.measures if isinstance(it, ResultCount)}
    ids = {part.id for part in (*scheme.facts, *scheme.measures, *nodes_of(scheme.indicators))}
    ids |= {part.id for part in (*scheme.vetoes, *scheme.cards, *scheme.over_periods)} | OUTCOME.keys()
    return [
        _told(problem)
        if problem.code == "expression.unknown_name"
        and problem.place.key in places
        and problem.params["name"] in ids
        else problem
        for problem in problems
    ]


def _told(problem: Problem) -> Problem:
    params = {"name": problem.params["name"], "known": ", ".join(EARLIER)}
    return Problem("scheme.not_of_a_period", problem.place, params)
