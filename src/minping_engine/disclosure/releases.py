"""Two releases side by side: what a corrected result gives away together with the first one.

In: the `Protected` tables of both. Out: hidden cells that become too narrow once a reader has both, and
shown numbers that differ by so few ballots that the difference is the answer of a few people. The reader is
taken to guess rightly which cells the correction left alone: equal true values are one unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from minping_engine.disclosure.intervals import NEAR, Interval, audit
from minping_engine.disclosure.primary import IMPLIED
from minping_engine.disclosure.suppress import Protected, wanted_width
from minping_engine.disclosure.tables import CellKey, System

CORRECTED = " (corrected)"
"""Marks cells of the second release whose value changed: another unknown than before."""


@dataclass(frozen=True)
class ReleaseComparison:
    """What two releases give away together. Safe if both are empty."""

    exposed: Mapping[CellKey, Interval]
    """Cells hidden for themselves in a release, with what a reader knows of them now."""
    thin_changes: Mapping[CellKey, int]
    """Cells shown in both whose difference is that of fewer ballots than may be shown."""

    @property
    def is_safe(self) -> bool:
        """Whether the second release may go out beside the first."""
        return not self.exposed and not self.thin_changes


def compare_releases(old: Protected, new: Protected) -> ReleaseComparison:
    """What the release `new` makes computable for somebody who kept `old`."""
    joint, hidden, wanted = _joined(old, new)
    intervals = audit(joint, hidden, hidden.intersection(wanted))
    exposed = {}
    for cell, width in wanted.items():
        value = float(joint.cells[cell].value)
        known = intervals.get(cell, Interval(value, value))
        if known.width < width - NEAR:
            measure, place = joint.keys[cell]
            exposed[measure.removesuffix(CORRECTED), place] = known
    return ReleaseComparison(exposed, _thin_changes(old, new))


def _joined(old: Protected, new: Protected) -> tuple[System, set[int], dict[int, float]]:
    """One system of both, the cells hidden in it, and the widths wanted."""
    joint, hidden, wanted = System(), set[int](), dict[int, float]()
    for release in (old, new):
        number = [_number(joint, release, old, cell) for cell in range(len(release.system.keys))]
        joint.factors += release.system.factors
        joint.equations += [tuple(number[cell] for cell in row) for row in release.system.equations]
        for key, reason in release.hidden.items():
            cell = number[release.system.at[key]]
            hidden.add(cell)
            if reason not in IMPLIED:
                wanted[cell] = wanted_width(joint.cells[cell], release.limits)
    for release in (old, new):
        for key, place in release.system.at.items():
            if key not in release.hidden:
                hidden.discard(_number(joint, release, old, place))
    return joint, hidden, wanted


def _number(joint: System, release: Protected, old: Protected, cell: int) -> int:
    """The cell's number: that of the old release where the value did not change."""
    key, content = release.system.keys[cell], release.system.cells[cell]
    before = old.system.at.get(key)
    if release is not old and before is not None and old.system.cells[before].value != content.value:
        key = (f"{key[0]}{CORRECTED}", key[1])
    return joint.add(key, content)


def _thin_changes(old: Protected, new: Protected) -> dict[CellKey, int]:
    found = {}
    for key, place in new.system.at.items():
        before = old.system.at.get(key)
        if before is None or key in old.hidden or key in new.hidden:
            continue
        was, now = old.system.cells[before], new.system.cells[place]
        if was.value != now.value and abs(now.n - was.n) < new.limits.fewest:
            found[key] = now.value - was.value
    return found
