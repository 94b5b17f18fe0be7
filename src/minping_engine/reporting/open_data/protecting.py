"""Counts -> linked tables -> what may be shown.

In: `Counted`, the scheme, places that may be shown. Out: `Protected` of `disclosure`. Two measures for each
questionnaire: ballots (by answer, mode, class) and points of each question; a link ties the points of a
place to its answers, for whoever knows a mean and all answers but two can work out these two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from minping_engine.disclosure import (
    Cell,
    CellKey,
    Coordinates,
    Dimension,
    Limits,
    Link,
    Protected,
    PublishedTable,
    Withholds,
    protect,
    protect_correction,
    table_from_leaves,
)
from minping_engine.reporting.open_data.counting import EVERYWHERE, Counted
from minping_engine.scheme import LoadedScheme

AREA = "area"
ANSWER = "answer:"
NO_ANSWER = "none"
BALLOTS, POINTS = "ballots", "points:"


@dataclass(frozen=True)
class Releases:
    """What is public already: releases, oldest first; what of their differences nobody may know."""

    before: Sequence[Protected] = ()
    withholds: Withholds = lambda *_given: False
    public: Collection[CellKey] = ()
    """Cells that are told elsewhere, beside each release."""


def protected_tables(
    counted: Counted, scheme: LoadedScheme, may_show: Collection[str], releases: Releases
) -> Protected:
    """All tables of one questionnaire, protected together, and with those that are public already."""
    area = Dimension(AREA, counted.parents)
    tables = [
        *(_answers(counted, area, item.item) for item in counted.spec.items),
        *(_classes(counted, area, variable) for variable in counted.variables),
        *(
            _points(counted, area, item.item, name)
            for item in counted.spec.items
            for name in counted.variables
        ),
    ]
    links = [link for item in counted.spec.items for link in _links(counted, area, item.item)]
    withheld, limits = set(_withheld(tables, may_show)), Limits.of(scheme.disclosure)
    if not releases.before:
        return protect(tables, limits, withheld=withheld, links=links)
    return protect_correction(
        tables, limits, releases.before, withheld=withheld, links=links, public=releases.public,
        withholds=releases.withholds,
    )  # fmt: skip


def is_of_answers(key: CellKey) -> bool:
    """Whether a cell tells what was answered, not only how many did."""
    measure, where = key
    return measure.startswith(POINTS) or any(name.startswith(ANSWER) for name, _code in where)


def place_in(key: CellKey) -> str:
    """The place of a cell."""
    return dict(key[1]).get(AREA, EVERYWHERE)


def _answers(counted: Counted, area: Dimension, item: str) -> PublishedTable:
    codes = [code for code, _ in _item(counted, item)]
    answer = Dimension.flat(f"{ANSWER}{item}", [*(str(code) for code in codes), NO_ANSWER])
    leaves: dict[Coordinates, Cell | int] = {}
    for place, ballots in counted.ballots.items():
        given = {str(code): counted.answers.get((place, item, code), 0) for code in codes}
        leaves |= {(place, code): n for code, n in given.items()}
        leaves[place, NO_ANSWER] = ballots - sum(given.values())
    return table_from_leaves(BALLOTS, [area, answer], leaves, shares_of=answer.name)


def _item(counted: Counted, item: str) -> tuple[tuple[int, int], ...]:
    """(code, points) of the answers to a question, in units of the questionnaire."""
    found = next(each for each in counted.spec.items if each.item == item)
    return tuple((code, milli // counted.spec.unit_milli) for code, milli in found.points)


def _classes(counted: Counted, area: Dimension, variable: str) -> PublishedTable:
    there: dict[Coordinates, Cell | int] = {
        (place, level): n for (place, name, level), n in counted.classes.items() if name == variable
    }
    levels = sorted({at[1] for at in there}, key=int)
    return table_from_leaves(BALLOTS, [area, Dimension.flat(variable, levels)], there)


def _points(counted: Counted, area: Dimension, item: str, variable: str) -> PublishedTable:
    most = max(points for _, points in _item(counted, item))
    leaves: dict[Coordinates, Cell | int] = {
        (place, level): Cell(points, n, None, n * most)
        for (place, name, by, level), (n, points) in counted.points.items()
        if (name, by) == (item, variable)
    }
    levels = sorted({at[1] for at in leaves}, key=int)
    return table_from_leaves(f"{POINTS}{item}", [area, Dimension.flat(variable, levels)], leaves)


def _links(counted: Counted, area: Dimension, item: str) -> Iterable[Link]:
    """The points of each place are those of its answers."""
    for code in area.codes:
        here = () if code == area.root else ((AREA, code),)
        parts = {
            (BALLOTS, tuple(sorted((*here, (f"{ANSWER}{item}", str(answer)))))): points
            for answer, points in _item(counted, item)
        }
        yield Link((f"{POINTS}{item}", here), parts)


def _withheld(tables: Iterable[PublishedTable], may_show: Collection[str]) -> Iterable[CellKey]:
    """Answers in places with too few assessed people: that would be the score of one of them (G1)."""
    for table in tables:
        if table.shares_of is None and table.measure == BALLOTS:
            continue
        for at, cell in table.cells.items():
            is_total = table.measure == BALLOTS and at[1] == table.dimensions[1].root
            if at[0] not in may_show and not is_total and cell.n > 0:
                yield table.key(at)
