"""The fairness report of a round (S12, D7; docs/method/fairness-report.md): who gains and loses by what.

In: one district's chain. Out: rows of the result table `fairness`: slopes of scores on the ground and on
protected attributes before and after adjustment, points moved by each step, grades without each adjuster,
who was heard less, unusual modes, unequal weights. It states; people decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from minping_engine.assessment.chain.adjust import MILLI
from minping_engine.assessment.chain.cells import Floats
from minping_engine.assessment.chain.fair import DistrictFair
from minping_engine.assessment.chain.plan import mode_name
from minping_engine.assessment.chain.setting import Setting
from minping_engine.errors import MinpingError
from minping_engine.estimation import GroupMoments, nested_intercepts
from minping_engine.estimation.indices import (
    attribute_slopes,
    leave_one_adjuster_out,
    mode_shares,
    moves_by_step,
    response_gaps,
)
from minping_engine.weighting import WeightState

LEAST_RESPONSE = 0.3
"""Response rates of assessees below it are counted (methods.md 2.13)."""
GAP_TOLERANCE = 0.05
"""A group of residents heard less by up to this difference in response rates passes as heard alike."""
MOST_DEFF = 2.0


@dataclass(frozen=True)
class Finding:
    """One row: `check` of `subject` (and its `level`); `value` with limits, `n` it rests on, a verdict."""

    check: str
    subject: str
    level: str
    value: float
    low: float
    high: float
    n: int
    verdict: str


NAN = float("nan")


def findings(fair: DistrictFair, setting: Setting) -> list[Finding]:
    """All findings of one district."""
    return [
        *_levels(fair),
        *_slopes(fair, setting),
        *_moves(fair, setting),
        *_left_out(fair, setting.cuts),
        *_gaps(fair, setting),
        *_modes(fair),
        *_weights(fair),
    ]


def _levels(fair: DistrictFair) -> Iterator[Finding]:
    """Standard deviations in points between streets, between rated areas of a street, between ballots."""
    cells, frame = fair.targets.cells, fair.targets.frame
    total = len(cells.targets)
    sums = (np.bincount(cells.target, part, total) for part in (cells.n, cells.s))
    n, s = (part.astype(np.float64) for part in sums)
    moments = GroupMoments(
        n.astype(np.int64),
        np.zeros((total, 0)),
        s / MILLI,
        np.zeros((0, 0)),
        np.zeros(0),
        float(cells.ss.sum()) / MILLI**2,
    )
    streets = int(frame.street.max()) + 1
    try:
        made = nested_intercepts(moments, frame.street, streets)
    except MinpingError:  # one area per street, or nobody's ballots differ: nothing to tell apart
        return
    levels = (
        ("street", made.variance_group, streets),
        ("area", made.variance_unit, total),
        ("ballot", made.variance_residual, int(n.sum())),
    )
    for name, variance, count in levels:
        yield Finding("spread", name, "", float(np.sqrt(variance)), NAN, NAN, count, "")


def _slopes(fair: DistrictFair, setting: Setting) -> Iterator[Finding]:
    """Points per standard deviation of what a person cannot help, before and after."""
    fairness = setting.fairness
    tolerance = fairness.noticeable_points
    group = np.where(fair.people.n >= setting.limits.scored_from, fair.members.group, -1)
    named = {
        f"ground:{name}": column for name, column in zip(fair.ground.names, fair.ground.values.T, strict=True)
    }
    named |= {
        f"attribute:{name}": values[fair.members.who] for name, values in sorted(setting.attributes.items())
    }
    if not named:
        return
    columns = np.stack(list(named.values()), axis=1)
    for step, score in (("weighted", fair.people.weighted), ("adjusted", fair.shrunken.value)):
        made = attribute_slopes(score, columns, group, tolerance=tolerance)
        for place, name in enumerate(named):
            yield Finding(
                "slope",
                name,
                step,
                float(made.effect[place]),
                float(made.low[place]),
                float(made.high[place]),
                int(made.n[place]),
                str(made.verdict[place]),
            )


def _moves(fair: DistrictFair, setting: Setting) -> Iterator[Finding]:
    """Mean and largest absolute change by each step, and the share moved noticeably."""
    fairness = setting.fairness
    steps, moved = steps_moved(fair)
    if not steps or not len(moved):
        return
    scores = np.concatenate([np.zeros((len(moved), 1)), np.cumsum(moved, axis=1)], axis=1)
    made = moves_by_step(scores, noticeable=fairness.noticeable_points)
    for place, step in enumerate(steps):
        count = int(np.isfinite(moved[:, place]).sum())
        yield Finding("moved", step, "mean", float(made.mean_absolute[place]), NAN, NAN, count, "")
        yield Finding("moved", step, "largest", float(made.largest[place]), NAN, NAN, count, "")
        yield Finding("moved", step, "share", float(made.share_over[place]), NAN, NAN, count, "")


def steps_moved(fair: DistrictFair) -> tuple[tuple[str, ...], Floats]:
    """Points that each step added to each assessee, from weighted to shrunken: (A, steps)."""
    ground = tuple(f"ground:{name}" for name in fair.shrunken.ground)
    last = fair.shrunken.shrunken - fair.shrunken.value
    parts = [fair.people.moved, fair.shrunken.ground_moved]
    steps = (*fair.people.steps, *ground)
    if fair.shrunken.fit is not None:
        parts.append(last[:, None])
        steps += ("shrinkage",)
    return steps, np.concatenate(parts, axis=1)


def _left_out(fair: DistrictFair, cuts: Floats) -> Iterator[Finding]:
    """Whose grade by fixed cut points would change without an adjuster: its own part put back."""
    steps, moved = steps_moved(fair)
    used = [place for place, step in enumerate(steps) if step != "shrinkage"]
    if not used or not len(cuts):
        return
    score = fair.shrunken.value
    without = score[:, None] - np.nan_to_num(moved[:, used])
    made = leave_one_adjuster_out(score, without, cuts)
    for place, at in enumerate(used):
        graded = int((made.grade >= 0).sum())
        yield Finding("left_out", steps[at], "raised", float(made.raised[place]), NAN, NAN, graded, "")
        yield Finding("left_out", steps[at], "lowered", float(made.lowered[place]), NAN, NAN, graded, "")


def _gaps(fair: DistrictFair, setting: Setting) -> Iterator[Finding]:
    """Response rate of each level of a frame variable less that of the others, within targets."""
    plan, cells = setting.plan, fair.targets.cells
    drawn = fair.targets.frame.drawn_by_cell
    if not plan.frame or not len(drawn) or (drawn < 0).any():
        return
    answered = cells.by_frame_cell(plan)
    if (answered > drawn).any():
        return
    shape = tuple(cell.levels for cell in plan.frame)
    for axis, cell in enumerate(plan.frame):
        level = np.unravel_index(np.arange(plan.n_frame_cells), shape)[axis]
        at = np.equal.outer(level, np.arange(cell.levels))
        out, back = (np.einsum("tc,cl->tl", part, at).astype(np.int64) for part in (drawn, answered))
        made = response_gaps(out, back, floor=LEAST_RESPONSE, tolerance=GAP_TOLERANCE)
        for one in range(cell.levels):
            yield Finding(
                "response_gap",
                cell.variable,
                str(one),
                float(made.gap[one]),
                float(made.low[one]),
                float(made.high[one]),
                int(out[:, one].sum()),
                str(made.verdict[one]),
            )
        yield Finding(
            "response_floor", cell.variable, "", float(made.below_floor.sum()), NAN, NAN, len(out), ""
        )


def _modes(fair: DistrictFair) -> Iterator[Finding]:
    """How many assessees were rated by a mix of modes far from the district's."""
    cells = fair.targets.cells
    codes, at = np.unique(cells.mode, return_inverse=True)
    size = len(cells.targets) * len(codes)
    summed = np.bincount(cells.target * len(codes) + at, cells.n, size)
    by_mode = summed.astype(np.int64).reshape(-1, len(codes))
    made = mode_shares(by_mode)
    for place, code in enumerate(codes):
        name, total = mode_name(int(code)), int(by_mode[:, place].sum())
        yield Finding("mode_share", "mode", name, float(made.overall[place]), NAN, NAN, total, "")
    count = float(made.unusual.sum())
    yield Finding("mode_unusual", "mode", "", count, NAN, NAN, len(made.unusual), "")


def _weights(fair: DistrictFair) -> Iterator[Finding]:
    """Weights: targets without calibrated weights, with a design effect above 2, and the median effect."""
    deff = fair.targets.weights.diagnostics.design_effect
    known = deff[np.isfinite(deff)]
    total = len(deff)
    off = float((fair.targets.weights.state != WeightState.MET).sum())
    yield Finding("weights", "not_calibrated", "", off, NAN, NAN, total, "")
    if len(known):
        yield Finding("weights", "deff", "median", float(np.median(known)), NAN, NAN, len(known), "")
        yield Finding("weights", "deff", "largest", float(known.max()), NAN, NAN, len(known), "")
        over = float((np.rint(known * 1e6) > np.rint(MOST_DEFF * 1e6)).sum())
        yield Finding("weights", "deff", "over", over, NAN, NAN, len(known), "")
