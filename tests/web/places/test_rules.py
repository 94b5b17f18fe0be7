"""Rules that know no database: the household rule, tiles, shapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_web.common.differences import Difference
from minping_web.common.readable import readable
from minping_web.frames.selectors.frames import Coverage
from minping_web.places.models import Area
from minping_web.places.rules import geometry, tiles
from minping_web.places.rules.household_rule import Grid, Piece, suggestions_for
from minping_web.places.rules.household_words import heading_of, sentences_of
from minping_web.places.rules.levels import faults_of

SQUARE = [[118.0, 32.0], [118.1, 32.0], [118.1, 32.1], [118.0, 32.1], [118.0, 32.0]]


def grids(*households: int) -> list[Grid]:
    """Grids in the order of their codes."""
    return [Grid(n, f"G{n}", f"第{n}网格", number) for n, number in enumerate(households, 1)]


def test_a_small_grid_is_merged_with_the_neighbour_that_fits_best() -> None:
    (merge,) = suggestions_for(grids(400, 120, 280, 400), lambda one, other: None)
    assert [grid.pk for grid in merge.grids] == [2, 3]
    assert (merge.households, merge.fits) == (400, True)
    why, result, unknown = sentences_of(merge)
    assert "120" in why
    assert "400" in result
    assert unknown


def test_grids_that_do_not_touch_are_never_merged() -> None:
    assert suggestions_for(grids(120, 280), lambda one, other: False) == []


def test_a_large_grid_is_split_into_the_fewest_parts() -> None:
    (split,) = suggestions_for(grids(1100), lambda one, other: None)
    assert split.parts == 3
    assert "1100" in sentences_of(split)[0]


@pytest.mark.parametrize(("number", "split"), [(299, 0), (300, 0), (500, 0), (501, 1)])
def test_both_ends_of_the_rule_belong_to_it(number: int, split: int) -> None:
    assert len(suggestions_for(grids(number), lambda one, other: None)) == split


@given(st.lists(st.integers(0, 2000), max_size=30))
def test_suggestions_use_each_grid_once_and_never_exceed_the_rule(numbers: list[int]) -> None:
    found = suggestions_for(grids(*numbers), lambda one, other: None)
    used = [grid.pk for one in found for grid in one.grids]
    assert len(used) == len(set(used))
    assert all(one.households <= 500 * one.parts for one in found)


def test_a_grid_too_small_to_split_hands_buildings_to_a_neighbour_with_room() -> None:
    (found,) = suggestions_for(grids(534, 420), lambda one, other: None)
    assert (found.kind, found.fits, found.handed) == ("hand_over", True, 34)
    assert "500" in sentences_of(found)[1]
    assert "454" in sentences_of(found)[1]


def test_neighbours_without_room_are_cut_into_one_more() -> None:
    (found,) = suggestions_for(grids(534, 490), lambda one, other: None)
    assert (found.kind, found.parts, found.fits) == ("recut", 3, True)
    assert heading_of(found).count("网格") == 2


def test_a_split_follows_the_responsibility_areas() -> None:
    grid = Grid(1, "G1", "第一网格", 802, (Piece("东段", 380), Piece("西段", 422)))
    (split,) = suggestions_for([grid], lambda one, other: None)
    told = "".join(sentences_of(split))
    assert "东段 380 + 西段 422" in told
    assert "401" not in told


def test_what_stays_outside_the_rule_is_offered_only_alone_and_says_so() -> None:
    (alone,) = suggestions_for(grids(534), lambda one, other: None)
    assert not alone.fits
    assert len(sentences_of(alone)) == 4
    assert all(one.fits for one in suggestions_for(grids(534, 420), lambda one, other: None))


@given(st.lists(st.integers(0, 40), max_size=40))
def test_tiles_never_overlap(cells: list[int]) -> None:
    made = [
        tiles.Tile(n, f"区{n}", "", "", tuple(tiles.Cell(100 * n + c, "", "") for c in range(number)))
        for n, number in enumerate(cells)
    ]
    sheet = tiles.sheet_of(None, "街道", made)
    boxes = [(tile.x, tile.y, tile.x + tiles.TILE_WIDTH, tile.y + tile.height) for tile in sheet.tiles]
    assert all(right <= sheet.width and low <= sheet.height for _x, _y, right, low in boxes)
    for n, one in enumerate(boxes):
        for other in boxes[n + 1 :]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    for tile in sheet.tiles:
        assert all(cell.y + tiles.CELL <= tile.y + tile.height for cell in tile.cells)


def collection(coordinates: object, code: object = "A", kind: str = "Polygon") -> bytes:
    """A GeoJSON file with one feature."""
    feature = {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": kind, "coordinates": coordinates},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_a_valid_outline_is_read() -> None:
    found = geometry.read_outlines(collection([SQUARE]))
    assert found.faults == []
    assert geometry.points_of(found.shapes["A"]) == 5


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe", "outlines.not_json"),
        (b"[" * 100_000, "outlines.not_json"),
        (b"{}", "outlines.not_collection"),
        (b'{"type":"FeatureCollection","features":[]}', "outlines.too_many_features"),
        (collection([SQUARE], code=None), "outlines.code_missing"),
        (collection([SQUARE], kind="Point"), "outlines.not_polygon"),
        (collection([SQUARE[:-1]]), "outlines.ring_open"),
        (collection([[]]), "outlines.ring_open"),
        (collection([[["a", 1]] * 4]), "outlines.not_point"),
        (collection([[[y, x] for x, y in SQUARE]]), "outlines.outside"),
        (
            collection([[[118, 32], [118.1, 32.1], [118.1, 32], [118, 32.3], [118, 32]]]),
            "outlines.crosses_itself",
        ),
        (collection([[[118, 32], [118.1, 32], [118.2, 32], [118, 32]]]), "outlines.no_area"),
        (collection([SQUARE, [[119, 33], [119.1, 33], [119.1, 33.1], [119, 33]]]), "outlines.hole_outside"),
        (collection([SQUARE]).replace(b"118.1", b"NaN"), "outlines.outside"),
        (collection([[SQUARE[0]] * 5000]), "outlines.ring_too_long"),
    ],
)
def test_bad_outlines_are_named(content: bytes, code: str) -> None:
    assert [fault[1] for fault in geometry.read_outlines(content).faults] == [code]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_coordinates_are_read_or_refused(coordinates: object) -> None:
    found = geometry.read_outlines(collection(coordinates))
    assert len(found.faults) + len(found.shapes) == 1


def test_outlines_that_share_a_corner_touch() -> None:
    other = [[x + 0.1, y] for x, y in SQUARE]
    apart = [[x + 0.5, y] for x, y in SQUARE]
    assert geometry.touches([[SQUARE]], [[[[round(x, 7), y] for x, y in other]]])
    assert not geometry.touches([[SQUARE]], [[apart]])


def test_a_drawing_keeps_every_shape_in_its_box() -> None:
    drawing = geometry.drawn({1: [[SQUARE]], 2: [[[[x + 0.1, y] for x, y in SQUARE]]]})
    numbers = [
        float(part) for path in drawing.paths.values() for part in path.strip("MZ").replace("L", " ").split()
    ]
    assert min(numbers) >= 0
    assert max(numbers) <= 960
    assert drawing.width > drawing.height


@pytest.mark.real_data
def test_real_outlines_of_two_districts_are_valid(outside_data: Path) -> None:
    data = json.loads((outside_data / "cn-divisions" / "boundaries_gcj02.geojson").read_text("utf-8"))
    for number, feature in enumerate(data["features"]):
        feature["properties"]["code"] = str(number)
    found = geometry.read_outlines(json.dumps(data).encode())
    assert found.faults == []
    assert len(found.shapes) == len(data["features"])


def facts(level: str, **more: object) -> dict[str, object]:
    """Facts of an area, all others empty."""
    return {"level": level, "valid_from": None, "valid_to": None, **more}


@pytest.mark.parametrize(
    ("inner", "outer", "fits"),
    [
        (facts("community"), facts("street"), True),
        (facts("grid"), facts("community"), True),
        (facts("grid"), facts("street"), False),
        (facts("grid", kind="exclusive", exclusive_type="park"), facts("street"), True),
        (facts("grid", kind="police"), facts("street"), True),
        (facts("grid", grid_level="L2"), facts("grid", grid_level="L1"), True),
        (facts("grid", grid_level="L1"), facts("grid", grid_level="L2"), False),
        (facts("grid", grid_level="L3"), facts("grid", grid_level="L3"), False),
        (facts("responsibility_area"), facts("grid"), True),
        (facts("responsibility_area"), facts("street"), False),
        (facts("street"), None, False),
        (facts("district"), None, True),
    ],
)
def test_levels_lie_in_their_order(
    inner: dict[str, object], outer: dict[str, object] | None, fits: bool
) -> None:
    """S54, S76."""
    assert (faults_of(inner, outer) == []) is fits


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        (facts("community", area_class="jia"), True),
        (facts("community", area_class="a"), False),
        (facts("grid", grid_level="L2", area_class="a"), True),
        (facts("grid", grid_level="L2", area_class="jia"), False),
        (facts("grid", grid_level="L3", area_class="a"), False),
    ],
)
def test_classes_belong_to_their_level(given: dict[str, object], fits: bool) -> None:
    """S79."""
    outer = facts("street") if given["level"] == "community" else facts("community")
    assert (faults_of(given, outer) == []) is fits


def test_an_id_that_does_not_fit_into_a_path_is_refused() -> None:
    """Ranges of paths would silently miss areas; seven hex digits of before were used up by previews."""
    parent = Area(pk=1, path="00000001")
    assert Area(pk=0xFFFFFFFF).path_below(parent) == "00000001ffffffff"
    assert Area(pk=16_777_216, path="0000000101000000").ancestor_ids == [1]
    with pytest.raises(OverflowError):
        Area(pk=0x100000000).path_below(parent)


def test_a_name_of_six_characters_keeps_its_margins_on_a_tile() -> None:
    tile = tiles.Tile(1, "和平新村社区", "", "")
    assert tile.short == tile.name
    assert tiles.PAD + 12 * len(tile.short) + tiles.PAD <= tile.width


def test_shares_are_read_as_percentages_and_little_coverage_is_not_none(db: None) -> None:
    row = {"share": "0.47381546"}
    (told,) = readable([Difference("places.arealineage", "1", "x", None, row)])
    assert told.after == {"share": "47.4%"}
    line = Coverage(Area(households=1000), 0)
    line.counts["household"] = 1
    assert line.covered_words == "<1%"
    line.counts["household"] = 0
    assert line.covered_words == "0%"
