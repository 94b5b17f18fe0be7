"""What an area lies in, as pages say it beside its name."""

from __future__ import annotations

from minping_web.people.forms import area_words
from minping_web.places.models import Area
from minping_web.places.rules.levels import Level

COMMUNITY = Area(name="黄家圩社区", level=Level.COMMUNITY)
GRID = Area(name="第八网格", level=Level.GRID, parent=COMMUNITY)


def _piece(name: str) -> Area:
    return Area(name=name, level=Level.RESPONSIBILITY_AREA, parent=GRID)


def test_the_wider_area_stands_first() -> None:
    assert _piece("1号楼").around == [COMMUNITY, GRID]
    assert GRID.around == [COMMUNITY]
    assert COMMUNITY.around == []


def test_a_responsibility_area_that_is_its_whole_grid_says_the_grid_once() -> None:
    assert _piece("第八网格").around == [COMMUNITY]
    assert area_words(_piece("第八网格")) == "第八网格 · 黄家圩社区"
    assert area_words(_piece("1号楼")) == "1号楼 · 第八网格 · 黄家圩社区"
