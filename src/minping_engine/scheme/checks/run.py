"""All faults of a scheme at once."""

from __future__ import annotations

from minping_engine.errors import Problem
from minping_engine.scheme.checks.finding import Faults
from minping_engine.scheme.checks.grading import grading_faults
from minping_engine.scheme.checks.survey import survey_faults
from minping_engine.scheme.checks.tree import tree_faults
from minping_engine.scheme.model import Scheme


def scheme_faults(scheme: Scheme) -> list[Problem]:
    """Faults of questionnaires, tree, grades and money, in the order of the file."""
    return [*survey_faults(scheme), *tree_faults(scheme), *grading_faults(scheme), *_money_faults(scheme)]


def _money_faults(scheme: Scheme) -> list[Problem]:
    found = Faults()
    for use in scheme.use:
        if use.money is None:
            continue
        money, place = use.money, f"use.{use.id}.money"
        ways = [money.amount, money.by_grade, money.by_rank, money.weights]
        if sum(way is not None for way in ways) != 1:
            found.told(
                place,
                "`amount`、`by_grade`、`by_rank`，或 `budget` 加 `weights`，只写一种",
                "give one of `amount`, `by_grade`, `by_rank`, or `budget` with `weights`",
            )
        if (money.weights is None) != (money.budget is None):
            found.told(place, "`budget` 与 `weights` 要一起写", "`budget` and `weights` go together")
    return found
