"""Whole levels only: what is left to show where choosing number by number would take too long.

In: a `System`, what is hidden in it, the widths wanted. Out: more hidden cells, level by level from the
smallest places and classes upward, until an audit that ends finds no interval too narrow. Hiding more never
makes an interval narrower, so what is found is safe. docs/method/disclosure.md, "An end to the audit".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from minping_engine.disclosure.intervals import TooMuchWorkError, Work, components
from minping_engine.disclosure.tables import PublishedTable, System
from minping_engine.errors import RefusedError


def hide_levels(
    system: System, tables: Iterable[PublishedTable], hidden: Collection[int], wanted: Mapping[int, float]
) -> set[int]:
    """Cells to hide, whole levels of them. Raises `RefusedError` where no level can be shown to be safe."""
    depths = _depths(system, tables)
    for level in range(max(depths, default=0), 0, -1):
        coarse = set(hidden) | {cell for cell, depth in enumerate(depths) if depth >= level}
        if _is_safe(system, coarse, wanted):
            return coarse
    raise RefusedError.of("disclosure.unchecked", cells=len(system.keys))


def _depths(system: System, tables: Iterable[PublishedTable]) -> list[int]:
    """How many steps below the total each cell stands: those of its place and of its class together."""
    steps = {
        (each.name, code): len(each.upward(code)) - 1
        for table in tables
        for each in table.dimensions
        for code in each.codes
    }
    return [sum(steps[pair] for pair in where) for _measure, where in system.keys]


def _is_safe(system: System, hidden: Collection[int], wanted: Mapping[int, float]) -> bool:
    work = Work()
    try:
        return not any(
            component.narrow(component.of_these(wanted), stop=True)
            for component in components(system, hidden, work)
        )
    except TooMuchWorkError:
        return False
