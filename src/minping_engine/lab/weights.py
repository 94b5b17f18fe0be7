"""Totals of everybody under many sets of weights at once, from the points that a result holds.

In: the tree of a scheme, the table `nodes` of its result, full marks of the leaves per draw. Out: totals,
arrays (draws, assessees). A leaf keeps the share of its full marks that it brought; sums, marks carried
by other parts and rounding of nodes follow docs/method/points.md. Floats: this tells how much hangs on
weights, it decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.scheme import Indicator, Scheme, nodes_of

Floats = NDArray[np.float64]
PLACES = 9
"""Sums are taken to so many decimals, so that equal totals stay equal whatever the order of adding."""


@dataclass(frozen=True)
class Leaves:
    """Shares of full marks, arrays (assessees,) by leaf, NaN without a value; who has a value at any node."""

    ids: tuple[str, ...]
    shares: Mapping[str, Floats]
    valued: Mapping[str, NDArray[np.bool_]]


def leaves_of(scheme: Scheme) -> tuple[Indicator, ...]:
    """Indicators that bring points themselves."""
    return tuple(node for node in nodes_of(scheme.indicators) if not node.parts)


def read_leaves(nodes: pa.Table, scheme: Scheme, people: Sequence[str]) -> Leaves:
    """Shares and states from a result's table `nodes`; a node that does not apply has no row there."""
    place = {name: number for number, name in enumerate(people)}
    ids = [node.id for node in nodes_of(scheme.indicators)]
    shares = {name: np.full(len(people), np.nan) for name in ids}
    for row in nodes.to_pylist():
        if row["points"] is not None and row["assessee_id"] in place:
            shares[row["node"]][place[row["assessee_id"]]] = row["points"] / row["full"]
    valued = {name: ~np.isnan(values) for name, values in shares.items()}
    return Leaves(tuple(node.id for node in leaves_of(scheme)), shares, valued)


def normalised(scheme: Scheme, factors: Floats) -> dict[str, Floats]:
    """Full marks of every node, arrays (draws,): leaves times their factor, the whole brought to its points.

    `factors` is (draws, leaves), in the order of `leaves_of`.
    """
    leaves = leaves_of(scheme)
    full = {leaf.id: float(leaf.points) * factors[:, number] for number, leaf in enumerate(leaves)}
    for node in scheme.indicators:
        _sum_up(node, full)
    points = sum(float(node.points) for node in scheme.indicators)
    scale = points / np.sum([full[node.id] for node in scheme.indicators], axis=0)
    return {name: marks * scale for name, marks in full.items()}


def _sum_up(node: Indicator, full: dict[str, Floats]) -> None:
    """A node grows as its parts do; parts that hold for some only may share marks."""
    if node.parts:
        for part in node.parts:
            _sum_up(part, full)
        marks = np.sum([full[part.id] for part in node.parts], axis=0)
        full[node.id] = marks * (float(node.points) / sum(float(part.points) for part in node.parts))


def totals(scheme: Scheme, leaves: Leaves, full: Mapping[str, Floats]) -> Floats:
    """Points of the whole tree, (draws, assessees), before bonus and deductions; NaN without a score."""
    whole = _combined(scheme.indicators, leaves, full)
    return np.round(whole * float(scheme.total.points), PLACES)


def _share(node: Indicator, leaves: Leaves, full: Mapping[str, Floats]) -> Floats:
    """Share of its full marks that a node brings."""
    marks = full[node.id][:, None]
    share = _combined(node.parts, leaves, full) if node.parts else leaves.shares[node.id][None, :]
    if node.round is not None:
        share = half_up(share * marks, node.round) / marks
    return np.where(leaves.valued[node.id][None, :], share, np.nan)


def _combined(parts: Sequence[Indicator], leaves: Leaves, full: Mapping[str, Floats]) -> Floats:
    """Parts with a value carry the marks of those without, in proportion; who has too few keeps no value."""
    draws, people = len(full[parts[0].id]), len(leaves.valued[parts[0].id])
    points, marks = np.zeros((draws, people)), np.zeros((draws, people))
    for part in parts:
        there = leaves.valued[part.id][None, :]
        own = full[part.id][:, None]
        points += np.where(there, np.nan_to_num(_share(part, leaves, full)) * own, 0.0)
        marks += np.where(there, own, 0.0)
    return np.divide(points, marks, out=np.full_like(points, np.nan), where=marks > 0)


def half_up(values: Floats, digits: int) -> Floats:
    """Rounded to `digits` decimals, halves away from zero, after sums are taken to `PLACES`."""
    scale = 10.0**digits
    exact = np.round(np.abs(values) * scale, PLACES)
    rounded: Floats = np.sign(values) * np.floor(exact + 0.5) / scale
    return rounded
