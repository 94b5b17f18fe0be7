"""Published tables as a reader sees them: cells, their margins, and the sums that tie them together.

In: leaves of a table (one code per dimension). Out: `PublishedTable` with all margins, and `System`: the
cells of several tables under one name each, with every equation "margin = sum of its parts". A cell's name
leaves out dimensions at their total, so that the margins of two linked tables are one cell and are hidden
together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from minping_engine.errors import InputError

CellKey = tuple[str, tuple[tuple[str, str], ...]]
"""(measure, ((dimension, code), ...)): dimensions in order of their names, none at its total."""
Coordinates = tuple[str, ...]


@dataclass(frozen=True)
class Dimension:
    """A tree of codes; the one code that nobody names as a child is the total."""

    name: str
    parents: Mapping[str, str]

    @classmethod
    def flat(cls, name: str, codes: Iterable[str], total: str = "*") -> Dimension:
        """A dimension with a total and nothing between."""
        return cls(name, dict.fromkeys(codes, total))

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """code -> codes directly below it."""
        found: dict[str, list[str]] = {}
        for code, parent in self.parents.items():
            found.setdefault(parent, []).append(code)
        return {code: tuple(below) for code, below in found.items()}

    @cached_property
    def root(self) -> str:
        """The total. Raises `InputError` unless there is exactly one."""
        roots = sorted(set(self.parents.values()) - set(self.parents))
        if len(roots) != 1:
            raise InputError.of("disclosure.no_total", dimension=self.name, found=", ".join(roots) or "-")
        return roots[0]

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, the total last."""
        return (*self.parents, self.root)

    def upward(self, code: str) -> tuple[str, ...]:
        """The code and all codes above it, up to the total."""
        chain = [code]
        while chain[-1] != self.root:
            chain.append(self.parents[chain[-1]])
        return tuple(chain)


@dataclass(frozen=True)
class Cell:
    """One number: `n` contributors (ballots), the largest contribution to a sum, the most it can be."""

    value: int
    n: int
    largest: int | None = None
    most: int | None = None

    def __add__(self, other: Cell) -> Cell:
        bounded = self.most is not None and other.most is not None
        known = self.largest is not None and other.largest is not None
        largest = max(self.largest or 0, other.largest or 0) if known else None
        most = (self.most or 0) + (other.most or 0) if bounded else None
        return Cell(self.value + other.value, self.n + other.n, largest, most)


@dataclass(frozen=True)
class PublishedTable:
    """Cells of one measure by coordinates, margins included. `shares_of` names the dimension of answers."""

    measure: str
    dimensions: tuple[Dimension, ...]
    cells: Mapping[Coordinates, Cell]
    shares_of: str | None = None

    def key(self, coordinates: Coordinates) -> CellKey:
        """The cell's name in all linked tables."""
        pairs = zip(self.dimensions, coordinates, strict=True)
        return self.measure, tuple(sorted((each.name, code) for each, code in pairs if code != each.root))

    def equations(self) -> Iterable[tuple[Coordinates, tuple[Coordinates, ...]]]:
        """(margin, parts) for every margin of every dimension."""
        for place, dimension in enumerate(self.dimensions):
            rest = [other.codes for other in self.dimensions]
            for parent, children in dimension.children.items():
                rest[place] = (parent,)
                for at in itertools.product(*rest):
                    yield at, tuple((*at[:place], child, *at[place + 1 :]) for child in children)


def table_from_leaves(
    measure: str,
    dimensions: Sequence[Dimension],
    leaves: Mapping[Coordinates, Cell | int],
    *,
    shares_of: str | None = None,
) -> PublishedTable:
    """The whole table from its leaves; combinations that nobody named are zero.

    A plain number is a count: its contributors are its value.

    >>> way = Dimension.flat("mode", ["web", "door"])
    >>> table = table_from_leaves("ballots", [way], {("web",): 30, ("door",): 12})
    >>> table.cells["*",].value
    42
    """
    given = {at: Cell(leaf, leaf) if isinstance(leaf, int) else leaf for at, leaf in leaves.items()}
    first = next(iter(given.values()), Cell(0, 0))
    nothing = Cell(0, 0, None if first.largest is None else 0, None if first.most is None else 0)
    cells = dict.fromkeys(itertools.product(*(each.codes for each in dimensions)), nothing)
    for leaf, cell in given.items():
        for at in itertools.product(
            *(each.upward(code) for each, code in zip(dimensions, leaf, strict=True))
        ):
            cells[at] = cells[at] + cell
    return PublishedTable(measure, tuple(dimensions), cells, shares_of)


@dataclass(frozen=True)
class Link:
    """A sum across tables that a reader can do: `total` = parts times their factors (points per answer)."""

    total: CellKey
    parts: Mapping[CellKey, int]


@dataclass
class System:
    """Cells of linked tables by number, and equations between them: cells and factors that give zero."""

    keys: list[CellKey] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    equations: list[tuple[int, ...]] = field(default_factory=list)
    factors: list[tuple[int, ...]] = field(default_factory=list)
    at: dict[CellKey, int] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Iterable[PublishedTable], links: Iterable[Link] = ()) -> System:
        """All tables together. Raises `InputError` where two give one cell different values."""
        system = cls()
        seen: set[tuple[int, ...]] = set()
        for table in tables:
            for at, cell in table.cells.items():
                system.add(table.key(at), cell)
            for margin, parts in table.equations():
                row = tuple(system.at[table.key(at)] for at in (margin, *parts))
                if row not in seen:
                    seen.add(row)
                    system.equations.append(row)
                    system.factors.append((1, *(-1 for _ in parts)))
        for link in links:
            factors = {key: -factor for key, factor in link.parts.items() if factor}
            system.equations.append((system.at[link.total], *(system.at[key] for key in factors)))
            system.factors.append((1, *factors.values()))
        return system

    def add(self, key: CellKey, cell: Cell) -> int:
        """Number of the cell, which is added if it is new."""
        place = self.at.get(key)
        if place is None:
            place = self.at[key] = len(self.keys)
            self.keys.append(key)
            self.cells.append(cell)
        elif self.cells[place].value != cell.value:
            raise InputError.of(
                "disclosure.tables_differ", cell=str(key), a=self.cells[place].value, b=cell.value
            )
        return place

    @cached_property
    def equations_of(self) -> list[list[int]]:
        """cell -> numbers of the equations it stands in."""
        found: list[list[int]] = [[] for _ in self.keys]
        for number, row in enumerate(self.equations):
            for cell in row:
                found[cell].append(number)
        return found
