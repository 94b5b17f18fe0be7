"""The district's shape: official names, exact counts, one story community."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from minping_engine.demo import DemoParameters, District, make_district
from minping_engine.demo.places import apportion, grid_name
from minping_engine.terms import AreaLevel

GRIDS, SHARED, EXCLUSIVE = 991, 85, {"exclusive_daily": 44, "exclusive_key": 150, "exclusive_linked": 411}
STORY = "320106013004"


def of_level(district: District, level: AreaLevel):
    return [area for area in district.places.areas if area.level is level]


def test_the_district_has_thirteen_streets_and_one_hundred_and_twenty_communities(full: District):
    assert (len(of_level(full, AreaLevel.STREET)), len(of_level(full, AreaLevel.COMMUNITY))) == (13, 120)


def test_village_committees_are_left_out(full: District):
    assert not [area for area in of_level(full, AreaLevel.COMMUNITY) if area.name.endswith("村村")]
    assert "清江村" not in {area.name for area in full.places.areas}


def test_grids_with_households_and_exclusive_grids_are_as_many_as_published(full: District):
    kinds = Counter(area.area_kind for area in of_level(full, AreaLevel.GRID))
    assert kinds == {"general": GRIDS, **EXCLUSIVE}


def test_shared_grids_have_two_segments_and_the_others_one_whole_area(full: District):
    areas = of_level(full, AreaLevel.RESPONSIBILITY_AREA)
    per_grid = Counter(Counter(area.parent_id for area in areas).values())
    assert (per_grid, len(areas)) == ({1: GRIDS - SHARED, 2: SHARED}, GRIDS + SHARED)


def test_every_area_lies_in_an_area_of_the_level_above(full: District):
    by_id = {area.area_id: area for area in full.places.areas}
    levels = list(AreaLevel)
    assert len(by_id) == len(full.places.areas)
    for area in full.places.areas[1:]:
        assert by_id[area.parent_id].level is levels[levels.index(area.level) - 1]


def test_exclusive_grids_have_no_responsibility_area(full: District):
    by_id = {area.area_id: area for area in full.places.areas}
    parents = {by_id[area.parent_id].area_kind for area in of_level(full, AreaLevel.RESPONSIBILITY_AREA)}
    assert parents == {"general"}


def test_communities_have_between_five_and_thirteen_grids(full: District):
    grids = [area for area in of_level(full, AreaLevel.GRID) if area.area_kind == "general"]
    counts = Counter(area.parent_id for area in grids).values()
    assert 5 <= min(counts) < max(counts) <= 13


def test_areas_have_three_hundred_to_nine_hundred_and_fifty_households_and_a_right_skew(full: District):
    households = full.places.households
    assert households.min() >= 300
    assert households.max() <= 950
    assert households.mean() == pytest.approx(400, abs=3)
    assert np.median(households) < households.mean()


def test_the_story_community_has_nine_areas_and_some_four_thousand_three_hundred_households(full: District):
    code = [place.code for place in full.places.communities].index(STORY)
    households = full.places.households[full.places.community == code]
    assert households.size == 9
    assert 4300 <= households.sum() < 4400


def test_the_story_grid_is_number_nine_with_five_buildings_and_945_households(full: District):
    story = full.places.story
    area = next(area for area in full.places.areas if area.area_id == full.places.area_ids[story])
    assert (area.name, area.area_kind, full.places.households[story]) == ("第九网格", "whole", 945)
    assert full.places.grounds.covariates["buildings"][story] == 5


def test_classes_of_communities_and_grids_all_occur(full: District):
    assert {area.area_class for area in of_level(full, AreaLevel.COMMUNITY)} == {"甲", "乙", "丙"}
    general = [area for area in of_level(full, AreaLevel.GRID) if area.area_kind == "general"]
    assert {area.area_class for area in general} == {"A", "B", "C"}


def test_class_c_grids_are_harder_than_class_a_grids(full: District):
    areas = {area.area_id: area.area_class for area in full.places.areas}
    classes = np.array([areas[area_id] for area_id in full.places.area_ids])
    difficulty = full.places.grounds.difficulty
    assert (
        difficulty[classes == "C"].mean()
        < difficulty[classes == "B"].mean()
        < difficulty[classes == "A"].mean()
    )


def test_the_little_district_has_six_communities_of_two_streets_with_the_story_among_them(little: District):
    assert {place.street for place in little.places.communities} == {"320106012", "320106013"}
    assert len(little.places.communities) == 6
    assert STORY in {place.code for place in little.places.communities}


def test_another_seed_lays_out_other_grids_with_the_same_counts(little: District):
    other = make_district(DemoParameters.small(), seed=12)
    assert other.places.n == little.places.n
    assert other.places.households.tolist() != little.places.households.tolist()


@pytest.mark.parametrize(("number", "name"), [(1, "第一网格"), (10, "第十网格"), (13, "第十三网格")])
def test_grids_are_named_in_chinese_numerals(number: int, name: str):
    assert grid_name(number) == name


def test_apportioned_parts_meet_their_total_and_their_bounds():
    parts = apportion(30, np.array([1.0, 5.0, 50.0, 3.0]), 2, 20)
    assert (parts.sum(), parts.min(), parts.max()) == (30, 2, 20)


def test_a_total_that_does_not_fit_its_bounds_is_refused():
    with pytest.raises(ValueError, match="cannot be split"):
        apportion(100, np.ones(3), 1, 5)
