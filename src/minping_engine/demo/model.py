"""The answer model: a hidden satisfaction per household and item, cut into the scheme's answers.

In: parameters and the instrument of scheme `gulou-worker`. Out: `AnswerModel`, which knows the
expected points of a ballot at given effects, and turns hidden values into answer codes. Answers
of an item are ordered by their points as the scheme gives them; an item's thresholds cut the
hidden scale between them. Method: docs/method/demo-district.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.parameters import DemoParameters
from minping_engine.demo.streams import Floats
from minping_engine.errors import InputError, Place, Problem
from minping_engine.scheme import Scheme, load_scheme

SCHEME = "gulou-worker"


@dataclass(frozen=True, eq=False)
class ItemModel:
    """One item: answer codes and points from worst to best, loading and thresholds."""

    id: str
    codes: NDArray[np.int16]
    points: Floats
    loading: float
    thresholds: Floats


@dataclass(frozen=True, eq=False)
class AnswerModel:
    """All items of the instrument."""

    instrument: str
    minimum_answered: int
    items: tuple[ItemModel, ...]

    def expected_points(self, eta: Floats, deviations: Floats) -> Floats:
        """Expected total of a complete ballot. `deviations[..., item]` broadcasts against `eta`.

        Also of an incomplete one that is scored pro rata, since each item is missing alike.
        """
        from scipy.special import ndtr

        total = np.zeros(np.broadcast_shapes(eta.shape, deviations.shape[:-1]))
        for number, item in enumerate(self.items):
            mean = item.loading * (eta + deviations[..., number])
            total += item.points[0]
            for step, threshold in zip(np.diff(item.points), item.thresholds, strict=True):
                total += step * ndtr(mean - threshold)
        return total

    def answer_levels(self, eta: Floats, deviations: Floats, noise: Floats) -> NDArray[np.int8]:
        """Answers as levels from 0 = worst. `eta[n]`, `deviations[n, item]`, `noise[n, item]`."""
        levels = np.zeros(noise.shape, dtype=np.int8)
        for number, item in enumerate(self.items):
            hidden = item.loading * (eta + deviations[:, number]) + noise[:, number]
            for threshold in item.thresholds:
                levels[:, number] += hidden > threshold
        return levels

    def points_of(self, levels: NDArray[np.int8]) -> Floats:
        """Total points of complete ballots."""
        return np.asarray(sum(item.points[levels[:, number]] for number, item in enumerate(self.items)))

    def codes_of(self, levels: NDArray[np.int8]) -> NDArray[np.int16]:
        """Answer codes as ballots carry them."""
        return np.column_stack([item.codes[levels[:, number]] for number, item in enumerate(self.items)])


@cache
def used_scheme() -> Scheme:
    """The scheme whose questionnaire the district uses."""
    return load_scheme(SCHEME, demo=True).scheme


def make_answer_model(parameters: DemoParameters) -> AnswerModel:
    """Bind the parameters to the instrument; refuse if they do not fit it, naming every item."""
    scheme = used_scheme()
    used = scheme.instrument
    problems = [*_count_problems(parameters, len(used.items))]
    items: list[ItemModel] = []
    for item, loading, cuts in zip(
        used.items, parameters.item_loadings, parameters.item_thresholds, strict=False
    ):
        answers = sorted(item.answers, key=lambda answer: answer.points)
        if len(cuts) != len(answers) - 1 or list(cuts) != sorted(cuts):
            params: dict[str, object] = {"item": item.id, "needed": len(answers) - 1, "found": len(cuts)}
            problems.append(Problem("demo.thresholds", Place(key=f"item_thresholds.{item.id}"), params))
        codes = np.array([answer.code for answer in answers], dtype=np.int16)
        points = np.array([answer.points for answer in answers]) / 1000
        items.append(ItemModel(item.id, codes, points, loading, np.asarray(cuts)))
    if problems:
        raise InputError(problems)
    return AnswerModel(used.key, scheme.scoring.total.minimum_answered, tuple(items))


def _count_problems(parameters: DemoParameters, items: int) -> list[Problem]:
    counts = {
        "item_loadings": len(parameters.item_loadings),
        "item_thresholds": len(parameters.item_thresholds),
    }
    return [
        Problem("demo.item_count", Place(key=name), {"needed": items, "found": found})
        for name, found in counts.items()
        if found != items
    ]
