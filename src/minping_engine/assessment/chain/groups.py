"""Comparison groups: who is set beside whom, by an attribute of the area (design.md 4, S79).

In: the design and the scheme's rule. Out: `Groups`: a label and a number per assessee. Groups never
cross a district; without a rule a whole district is one group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minping_engine.assessment.chain.cells import Ints
from minping_engine.assessment.design import Design
from minping_engine.scheme import Fairness
from minping_engine.terms import AreaLevel


@dataclass(frozen=True)
class Groups:
    """`number` (assessees,), -1 = not compared; `label` and `district` (row of `areas`) by number."""

    number: Ints
    label: tuple[str, ...]
    district: tuple[int, ...]


def comparison_groups(design: Design, fairness: Fairness | None) -> Groups:
    """Groups of all assessees, numbered by district and label."""
    district = design.ancestor[AreaLevel.DISTRICT]
    if fairness is None:
        return Groups(np.full(len(district), -1, dtype=np.int64), (), ())
    rule = fairness.comparison_group
    if rule is None:
        labels = np.full(len(district), "", dtype=object)
    else:
        column = "name" if rule.attribute == "self" else rule.attribute
        values = design.areas[column].to_numpy(zero_copy_only=False)
        area = design.ancestor[AreaLevel(rule.level)]
        labels = np.array([values[row] if row >= 0 else None for row in area], dtype=object)
        if rule.attribute == "self":  # two communities may bear one name
            ids = design.areas["area_id"].to_numpy(zero_copy_only=False)
            labels = np.array(
                [
                    f"{ids[row]} {label}" if label is not None else None
                    for row, label in zip(area, labels, strict=True)
                ],
                dtype=object,
            )
    keys = [(int(place), label) for place, label in zip(district, labels, strict=True)]
    known = sorted({key for key in keys if key[1] is not None})
    numbers = {key: number for number, key in enumerate(known)}
    number = np.array([numbers.get(key, -1) for key in keys], dtype=np.int64)
    return Groups(number, tuple(label for _, label in known), tuple(place for place, _ in known))
