"""Complementary suppression: what else must be hidden so that no hidden cell can be worked out.

In: published tables, `Limits`, perhaps cells that must not be shown for a reason of the caller's. Out:
`Protected`. Three steps: an equation with one hidden cell gets a second; the audit names cells whose
interval is narrower than wanted, and their equations get another until none is left; every complement that
the audit can spare is shown again, largest first. The last step decides quality, the audit decides safety.
Work is limited: beyond it whole levels are hidden (`levels`), and no more is shown again.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from minping_engine.disclosure.intervals import (
    NEAR,
    Component,
    Interval,
    TooMuchWorkError,
    Work,
    audit,
    components,
)
from minping_engine.disclosure.levels import hide_levels
from minping_engine.disclosure.primary import IMPLIED, Limits, Reason, primary_cells
from minping_engine.disclosure.tables import Cell, CellKey, Coordinates, Link, PublishedTable, System
from minping_engine.errors import RefusedError


@dataclass(frozen=True)
class Protected:
    """Tables with what is hidden in them. `tables` hold the true values: never give them away."""

    tables: tuple[PublishedTable, ...]
    system: System = field(repr=False)
    hidden: Mapping[CellKey, Reason]
    limits: Limits

    def shown(self, table: PublishedTable, coordinates: Coordinates) -> int | None:
        """The value a reader may see; None where it is hidden."""
        return None if table.key(coordinates) in self.hidden else table.cells[coordinates].value

    def counts(self) -> dict[Reason, int]:
        """How many cells are hidden for each reason."""
        found = dict.fromkeys(Reason, 0)
        for reason in self.hidden.values():
            found[reason] += 1
        return found

    @cached_property
    def intervals(self) -> dict[CellKey, Interval]:
        """What a reader knows of each hidden cell."""
        numbers = [self.system.at[key] for key in self.hidden]
        return {self.system.keys[cell]: known for cell, known in audit(self.system, numbers).items()}

    @cached_property
    def widths(self) -> dict[CellKey, tuple[float, float]]:
        """Cell hidden for itself -> (how wide its interval is at least, how wide it must be).

        Raises `RefusedError` where that would take too long: then the tables must not go out.
        """
        own = {self.system.at[key] for key, reason in self.hidden.items() if reason not in IMPLIED}
        wanted = {cell: wanted_width(self.system.cells[cell], self.limits) for cell in own}
        found = {}
        for component in components(self.system, [self.system.at[key] for key in self.hidden], Work()):
            try:
                component.narrow(component.of_these(wanted))
            except TooMuchWorkError as beyond:
                raise RefusedError.of("disclosure.unchecked", cells=len(self.system.keys)) from beyond
            low, high = component.seen()
            for cell, width in zip(component.cells.tolist(), (high - low).tolist(), strict=True):
                if cell in wanted:
                    found[self.system.keys[cell]] = (width, wanted[cell])
        return found

    def unsafe(self) -> tuple[CellKey, ...]:
        """Cells hidden for themselves whose interval is too narrow: none, or the tables must not go out."""
        return tuple(key for key, (width, wanted) in self.widths.items() if width < wanted - NEAR)


def protect(
    tables: Iterable[PublishedTable],
    limits: Limits | None = None,
    *,
    withheld: Collection[CellKey] = (),
    links: Iterable[Link] = (),
) -> Protected:
    """Hide what must be hidden in tables that are published together; `links` tie sums to counts.

    >>> from minping_engine.disclosure import Dimension, table_from_leaves
    >>> way = Dimension.flat("mode", ["web", "door", "phone"])
    >>> safe = protect([table_from_leaves("ballots", [way], {("web",): 90, ("door",): 40, ("phone",): 3})])
    >>> [safe.shown(safe.tables[0], (mode,)) for mode in ("web", "door", "phone", "*")]
    [90, None, None, 133]
    """
    kept, limits = tuple(tables), limits or Limits()
    system = System.of(kept, links)
    reasons = dict.fromkeys(withheld, Reason.WITHHELD) | primary_cells(kept, limits)
    hidden = {system.at[key] for key in reasons}
    wanted = {cell: wanted_width(system.cells[cell], limits) for cell in hidden}
    needed, why = set(hidden), Reason.COMPLEMENT
    try:
        chooser = Chooser(system, needed)
        chooser.settle()
        chooser.widen_until(wanted)
        needed = spared(system, needed, wanted)
    except TooMuchWorkError:
        needed, why = hide_levels(system, kept, hidden, wanted), Reason.UNCHECKED
    found = {system.keys[cell]: reasons.get(system.keys[cell], why) for cell in sorted(needed)}
    return Protected(kept, system, found, limits)


def wanted_width(cell: Cell, limits: Limits) -> float:
    """How wide a reader's interval must stay: in ballots for a count, in its own unit for a sum."""
    if cell.most is not None:
        return cell.most * limits.sum_width_percent / 100
    if cell.largest is not None:
        return cell.value * limits.sum_width_percent / 100
    return float(limits.width)


class Chooser:
    """Hides complements, equation by equation; `may_hide` are those that can be, None = all.

    What was published once cannot be hidden any more (`corrected`).
    """

    def __init__(self, system: System, hidden: set[int], may_hide: Collection[int] | None = None) -> None:
        self.system, self.hidden, self.may_hide = system, hidden, may_hide
        self.count = [sum(cell in hidden for cell in row) for row in system.equations]
        self.wide = set[int]()
        """Cells whose interval is wide enough: hiding more never makes it narrower."""

    def widen_until(self, wanted: Mapping[int, float], passes: int | None = None) -> None:
        """Hide more until every interval is as wide as wanted, nothing is left, or passes are over.

        Raises `TooMuchWorkError` where the audits of all passes would take too long.
        """
        work = Work()
        for _each in itertools.count() if passes is None else range(passes):
            narrow = self._narrow(wanted, work)
            hidden_more = [self.widen(cell) for cell in narrow]
            if not any(hidden_more):
                return
            self.settle()

    def _narrow(self, wanted: Mapping[int, float], work: Work) -> list[int]:
        """Cells whose interval is too narrow, in components in which more can be hidden."""
        found: list[int] = []
        for component in components(self.system, self.hidden, work):
            cells = component.cells.tolist()
            if self.may_hide is None or any(cell in self.may_hide for cell in cells):
                widths = component.of_these(wanted)
                doubtful = {place: width for place, width in widths.items() if cells[place] not in self.wide}
                narrow = [cells[place] for place in component.narrow(doubtful)]
                self.wide.update({cells[place] for place in doubtful}.difference(narrow))
                found += narrow
        return found

    def settle(self) -> None:
        """No equation is left with one hidden cell."""
        todo = [number for number, count in enumerate(self.count) if count == 1]
        while todo:
            number = todo.pop()
            shown = [cell for cell in self.system.equations[number] if self._is_free(cell)]
            if self.count[number] == 1 and shown:
                todo.extend(self.hide(min(shown, key=self._price)))

    def _is_free(self, cell: int) -> bool:
        return cell not in self.hidden and (self.may_hide is None or cell in self.may_hide)

    def widen(self, cell: int) -> bool:
        """Hide one more cell in an equation of `cell`, or of what it is tied to, if there is any."""
        near, seen = {cell}, {cell}
        while near:
            rows = {number for each in near for number in self.system.equations_of[each]}
            there = {each for number in rows for each in self.system.equations[number]}
            if shown := [each for each in there if self._is_free(each)]:
                self.hide(min(shown, key=self._price))
                return True
            near = there - seen
            seen |= near
        return False

    def hide(self, cell: int) -> list[int]:
        """Hide a cell; its equations that have one hidden cell now."""
        self.hidden.add(cell)
        for number in self.system.equations_of[cell]:
            self.count[number] += 1
        return [number for number in self.system.equations_of[cell] if self.count[number] == 1]

    def _price(self, cell: int) -> tuple[int, bool, int, int]:
        """Cells that close equations first, then small ones; zeros last, for they leave little room."""
        counts = [self.count[number] for number in self.system.equations_of[cell]]
        value = self.system.cells[cell].value
        return counts.count(0) - counts.count(1), value == 0, value, cell


def too_narrow(system: System, hidden: Collection[int], wanted: Mapping[int, float]) -> list[int]:
    """Hidden cells whose interval is narrower than wanted. Raises `TooMuchWorkError`."""
    found, work = list[int](), Work()
    for component in components(system, hidden, work):
        found += component.cells[component.narrow(component.of_these(wanted))].tolist()
    return found


def spared(
    system: System,
    hidden: Collection[int],
    wanted: Mapping[int, float],
    may_show: Collection[int] | None = None,
) -> set[int]:
    """What stays hidden after every complement that is not needed is shown again; `may_show`: only these.

    Where the work for that is over, the rest stays hidden.
    """
    needed, work = set(hidden), Work()
    for component in components(system, hidden, work):
        widths = component.of_these(wanted)
        spare = [
            place
            for place, cell in enumerate(component.cells.tolist())
            if place not in widths and (may_show is None or cell in may_show)
        ]
        if spare:
            needed -= {int(component.cells[place]) for place in _shown_again(component, spare, widths)}
    return needed


def _shown_again(component: Component, spare: list[int], widths: Mapping[int, float]) -> set[int]:
    """Which of these may be shown, the largest first; then those that a reader knows anyway."""
    found = set[int]()
    try:
        component.narrow(widths)
        for place in sorted(spare, key=lambda each: -component.truth[each]):
            if component.show(place, widths):
                found.add(place)
        for place in spare:
            if place not in found and not component.moves(place) and component.show(place, widths):
                found.add(place)
    except TooMuchWorkError:
        pass  # what was shown again so far was audited
    return found
