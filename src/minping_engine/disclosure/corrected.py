"""The tables of a correction beside those that are public already: what must be hidden in the new ones.

In: the new tables, the `Protected` releases before them, and what may be told of the ballots that were taken
out. Out: `Protected`. Whoever has both releases takes one from the other: the difference is a table too and
is held to the same rules: its cells are unknowns of one joint system, tied by "before = after + taken out".
What is public stays known; only cells that changed can be hidden. Suppression is that of `suppress`, widened
once to every cell that changed where it does not suffice. docs/method/disclosure.md, "Two releases".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from minping_engine.disclosure.intervals import TooMuchWorkError
from minping_engine.disclosure.primary import IMPLIED, Limits, Reason, primary_cells
from minping_engine.disclosure.suppress import Chooser, Protected, spared, too_narrow, wanted_width
from minping_engine.disclosure.tables import Cell, CellKey, Link, PublishedTable, System
from minping_engine.errors import RefusedError

WIDENINGS = 5
"""Tries to hide here and there; then everything that changed is hidden."""
Withholds = Callable[[int, int, CellKey, Cell], bool]
"""(earlier release, later release, cell, ballots taken out of it) -> whether these must not be known (G1)."""


def protect_correction(
    tables: Iterable[PublishedTable],
    limits: Limits,
    before: Sequence[Protected],
    *,
    withheld: Collection[CellKey] = (),
    links: Iterable[Link] = (),
    public: Collection[CellKey] = (),
    withholds: Withholds = lambda *_given: False,
) -> Protected:
    """Hide in new tables what they would tell beside `before`; `public` cells are told elsewhere anyway.

    Raises `RefusedError` where not even hiding everything that changed is enough, or can be audited.
    """
    kept = tuple(tables)
    system = System.of(kept, links)
    reasons: dict[CellKey, Reason] = dict.fromkeys(withheld, Reason.WITHHELD) | primary_cells(kept, limits)
    joint = _Joint(before, Protected(kept, system, reasons, limits), public, withholds)
    hidden = joint.hide() if joint.changed else joint.hidden
    found = {
        key: joint.reason(number, reasons.get(key))
        for key, number in zip(system.keys, joint.numbers[-1], strict=True)
        if number in hidden
    }
    return Protected(kept, system, found, limits)


class _Joint:
    """All releases as one system; a cell that is the same in two of them is one unknown.

    `changed`: cells that only the new release has. `taken`: what was taken out between two releases. `known`:
    shown by a release that is public. `telling`: cells that alone tell what was taken out. `wanted`: how
    wide a reader's interval must stay.
    """

    def __init__(
        self,
        before: Sequence[Protected],
        new: Protected,
        public: Collection[CellKey],
        withholds: Withholds,
    ) -> None:
        self.releases, self.public, self.withholds = (*before, new), public, withholds
        self.system = System()
        self.numbers = [self._add(one.system) for one in self.releases]
        self.known = {number for at in range(len(before)) for number in self._shown(at)}
        self.known |= {self._number(-1, key) for key in public if key in new.system.at}
        self.changed = set(self.numbers[-1]) - self.known
        self.changed -= {number for some in self.numbers[:-1] for number in some}
        self.hidden, self.taken, self.corrected = set[int](), set[int](), set[int]()
        self.telling = set[int]()
        self.wanted: dict[int, float] = {}
        for at in range(len(self.releases)):
            self._take_hidden(at)
        for later in range(1, len(self.releases)):
            for earlier in range(later):
                self._take_differences(earlier, later)

    def reason(self, number: int, own: Reason | None) -> Reason:
        """Why a cell of the new release is hidden."""
        is_corrected = number in self.changed or number in self.corrected
        return own or (Reason.CORRECTED if is_corrected else Reason.COMPLEMENT)

    def hide(self) -> set[int]:
        """Cells that stay hidden; the audit of all releases together has the last word."""
        free = self.changed | self.taken
        chooser = Chooser(self.system, self.hidden, free)
        chooser.settle()
        if not self._is_wide_after(chooser):
            self.hidden |= free  # all that changed, in every table
        self._refuse_narrow(self.hidden)
        needed = spared(self.system, self.hidden, self.wanted, self.changed - self.telling)
        self._refuse_narrow(needed)
        return needed

    def _is_wide_after(self, chooser: Chooser) -> bool:
        """Whether complements here and there are enough, as far as can be found out."""
        try:
            chooser.widen_until(self.wanted, passes=WIDENINGS)
            return not too_narrow(self.system, self.hidden, self.wanted)
        except TooMuchWorkError:
            return False

    def _refuse_narrow(self, hidden: set[int]) -> None:
        """The unchanged cells would be shown beside: where these tell too much nothing may be shown."""
        try:
            narrow = too_narrow(self.system, hidden, self.wanted)
        except TooMuchWorkError as beyond:
            raise RefusedError.of("disclosure.unchecked", cells=len(self.system.keys)) from beyond
        if narrow:
            raise RefusedError.of("disclosure.differencing", exposed=len(narrow), thin=0)

    def _add(self, release: System) -> list[int]:
        """Cells and equations of one release; the number of each of its cells."""
        numbers = [self._named(key, cell) for key, cell in zip(release.keys, release.cells, strict=True)]
        self.system.equations += [tuple(numbers[cell] for cell in row) for row in release.equations]
        self.system.factors += release.factors
        return numbers

    def _named(self, key: CellKey, cell: Cell) -> int:
        """The number of a cell: that of an earlier release which has the same value from as many."""
        name, version = key, 1
        while (place := self.system.at.get(name)) is not None:
            there = self.system.cells[place]
            if (there.value, there.n) == (cell.value, cell.n):
                return place
            version += 1
            name = (f"{key[0]} ({version})", key[1])
        return self.system.add(name, cell)

    def _number(self, at: int, key: CellKey) -> int:
        return self.numbers[at][self.releases[at].system.at[key]]

    def _shown(self, at: int) -> Iterable[int]:
        release = self.releases[at]
        return (self._number(at, key) for key in release.system.keys if key not in release.hidden)

    def _take_hidden(self, at: int) -> None:
        """What a release hides, unless another one shows it; what is hidden for itself has to stay so."""
        release = self.releases[at]
        for key, reason in release.hidden.items():
            number = self._number(at, key)
            if reason is Reason.CORRECTED:
                self.corrected.add(number)
            if number not in self.known:
                self.hidden.add(number)
                if reason not in IMPLIED:
                    self.wanted[number] = wanted_width(self.system.cells[number], release.limits)

    def _take_differences(self, earlier: int, later: int) -> None:
        """What was taken out between two releases, as cells of their own; some of them must stay unknown."""
        old = {_name(table): table for table in self.releases[earlier].tables}
        for table in self.releases[later].tables:
            if _name(table) in old:
                self._take(earlier, later, _difference(old[_name(table)], table))

    def _take(self, earlier: int, later: int, table: PublishedTable) -> None:
        there, limits = self.releases[later].system.at, self.releases[later].limits
        secret = primary_cells([table], limits)
        for at, cell in table.cells.items():
            key = table.key(at)
            if (cell.value, cell.n) == (0, 0) or key not in there or key in self.public:
                continue
            was, now = self._number(earlier, key), self._number(later, key)
            if cell.n < 0 or cell.value < 0:  # something came in: no part of what was there
                self._keep_unknown(now, limits)
                continue
            number = self._tied(was, now, key, cell)
            if (key in secret or self.withholds(earlier, later, key, cell)) and not {was, now} <= self.known:
                self._keep_unknown(number, limits)
                self.telling |= {now} if was in self.known else set()

    def _keep_unknown(self, number: int, limits: Limits) -> None:
        if number not in self.known:
            self.hidden.add(number)
            self.wanted[number] = wanted_width(self.system.cells[number], limits)

    def _tied(self, was: int, now: int, key: CellKey, cell: Cell) -> int:
        """The number of a difference: before = after + taken out."""
        number = self.system.add((f"{key[0]} ({was}-{now})", key[1]), cell)
        if number not in self.taken:
            self.taken.add(number)
            self.system.equations.append((was, now, number))
            self.system.factors.append((1, -1, -1))
            if not {was, now} <= self.known | self.changed:  # between two that are public: as they left it
                self.hidden.add(number)
        return number


def _name(table: PublishedTable) -> tuple[str, ...]:
    return (table.measure, *(one.name for one in table.dimensions))


def _difference(old: PublishedTable, new: PublishedTable) -> PublishedTable:
    """Before less after, cell by cell; what the new table does not have any more is taken out as a whole."""
    cells = {}
    for at, was in old.cells.items():
        now = new.cells.get(at, Cell(0, 0, was.largest and 0, was.most and 0))
        most = None if was.most is None or now.most is None else was.most - now.most
        cells[at] = Cell(was.value - now.value, was.n - now.n, None, most)
    return PublishedTable(old.measure, old.dimensions, cells, old.shares_of)
