"""Maps: tiles for everyone, outlines where there are any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import pgettext_lazy

from minping_web.common.scope import Scope
from minping_web.places.models import HEX, Area, AreaCovariate, AreaOutline
from minping_web.places.rules import geometry, tiles
from minping_web.places.rules.covariates import COVARIATE_OF
from minping_web.places.rules.household_rule import standing_of
from minping_web.places.selectors.areas import areas_seen, below, living

FILL_OF_CLASS = {
    "jia": "class-a",
    "yi": "class-b",
    "bing": "class-c",
    "a": "class-a",
    "b": "class-b",
    "c": "class-c",
}
WORD_OF_CLASS = {
    "jia": pgettext_lazy("class of an area", "jia"),
    "yi": pgettext_lazy("class of an area", "yi"),
    "bing": pgettext_lazy("class of an area", "bing"),
}
FILL_OF_STANDING = {"below": "c2", "within": "c1", "above": "c3", "unknown": ""}
MOST_TILES = 4_000


@dataclass(frozen=True)
class Painted:
    """How one area is filled and what is written on it."""

    fill: str
    value: str


def painted(areas: Sequence[Area], colour: str) -> dict[int, Painted]:
    """By class, by the household rule, or by a figure in five classes of equal number."""
    if colour in COVARIATE_OF:
        return _by_figure(areas, colour)
    if colour == "households":
        return {
            area.pk: Painted(
                FILL_OF_STANDING[standing_of(area.households)],
                "" if area.households is None else str(area.households),
            )
            for area in areas
        }
    return {area.pk: Painted(FILL_OF_CLASS.get(area.area_class, ""), _class_word(area)) for area in areas}


def _class_word(area: Area) -> str:
    return str(WORD_OF_CLASS.get(area.area_class) or area.area_class.upper())


def _by_figure(areas: Sequence[Area], name: str) -> dict[int, Painted]:
    rows = AreaCovariate.objects.filter(area__in=[area.pk for area in areas], name=name).order_by("as_of")
    values = {row.area_id: row.value for row in rows}  # the newest of each area comes last
    ordered = sorted(float(value) for value in values.values())
    return {
        area.pk: Painted(
            f"seq-{tiles.step_of(float(values[area.pk]), ordered)}", f"{values[area.pk].normalize():f}"
        )
        if area.pk in values
        else Painted("", "")
        for area in areas
    }


@dataclass(frozen=True)
class TileMap:
    """All sheets of a map, and the rows of the table beside it."""

    sheets: list[tiles.Sheet]
    rows: list[tuple[Area, str]]


def tile_map(scope: Scope, around: Area | None, colour: str, day: date) -> TileMap:
    """Groups, tiles and cells: what lies one, two and three steps inside. Fixed number of queries."""
    areas = living(areas_seen(scope), day).exclude(level="responsibility_area")
    if around is not None:
        areas = areas.filter(below(around))
    found = list(areas.order_by("path")[:MOST_TILES])
    base = len(around.path) // HEX if around else _depth_above(found)
    return _sheets(found, base, painted(found, colour), around)


def _depth_above(areas: Sequence[Area]) -> int:
    """Without an area: begin where the tree first branches."""
    streets = [len(area.path) // HEX for area in areas if area.level == "street"]
    depths = streets or [len(area.path) // HEX for area in areas] or [1]
    return min(depths) - 1


def _sheets(areas: Sequence[Area], base: int, paint: Mapping[int, Painted], around: Area | None) -> TileMap:
    inside: dict[int | None, list[Area]] = defaultdict(list)
    for area in areas:
        inside[area.parent_id].append(area)
    groups = [area for area in areas if len(area.path) // HEX == base + 1]
    full = [group for group in groups if inside[group.pk]]
    if not full:  # nothing two steps inside: one sheet of plain tiles
        tiles_flat = [_tile(area, paint, inside) for area in groups]
        name = around.name if around else ""
        sheets = [tiles.sheet_of(around.pk if around else None, name, tiles_flat)] if groups else []
        return TileMap(sheets, [(area, paint[area.pk].value) for area in groups])
    sheets = [
        tiles.sheet_of(group.pk, group.name, [_tile(area, paint, inside) for area in inside[group.pk]])
        for group in full
    ]
    rows = [(area, paint[area.pk].value) for group in full for area in inside[group.pk]]
    return TileMap(sheets, rows)


def _tile(area: Area, paint: Mapping[int, Painted], inside: Mapping[int | None, list[Area]]) -> tiles.Tile:
    cells = tuple(tiles.Cell(cell.pk, cell.name, paint[cell.pk].fill) for cell in inside.get(area.pk, ()))
    return tiles.Tile(area.pk, area.name, paint[area.pk].value, paint[area.pk].fill, cells)


@dataclass(frozen=True)
class OutlineMap:
    """A drawing of outlines with what must stand below it."""

    drawing: geometry.Drawing
    shapes: list[tuple[Area, str, tuple[int, int], str]]
    sources: list[str]
    approvals: list[str]

    @property
    def box_width(self) -> int:
        """Of the drawing with its margin."""
        return self.drawing.width + 8

    @property
    def box_height(self) -> int:
        """Of the drawing with its margin."""
        return self.drawing.height + 8


def outline_map(areas: Sequence[Area], colour: str, *, public: bool) -> OutlineMap | None:
    """Outlines of the areas in one drawing, or None. Publicly only those with an approval number."""
    outlines = AreaOutline.objects.filter(area__in=[area.pk for area in areas])
    if public:
        outlines = outlines.exclude(approval_number="")
    found = {row.area_id: row for row in outlines}
    data = {row.datum for row in found.values()}
    if not found or len(data) > 1:  # two coordinate systems do not fit into one drawing
        return None
    drawing = geometry.drawn({pk: row.geometry for pk, row in found.items()})
    known = [area for area in areas if area.pk in found]
    paint = painted(known, colour)
    return OutlineMap(
        drawing,
        [(area, drawing.paths[area.pk], drawing.centres[area.pk], paint[area.pk].fill) for area in known],
        sorted({row.source for row in found.values()}),
        sorted({row.approval_number for row in found.values() if row.approval_number}),
    )
