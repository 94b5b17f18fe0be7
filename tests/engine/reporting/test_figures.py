"""Pictures say the same as the numbers, in any language and in grey, and name nobody."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from minping_engine.ranking import funnel
from minping_engine.reporting.figures.canvas import WIDTH, Scale
from minping_engine.reporting.figures.drivers import Cuts, Driver, drivers_picture, text_width
from minping_engine.reporting.figures.people import (
    ALARM,
    FEWEST,
    MOST_ROWS,
    WARNING,
    People,
    caterpillar_picture,
    funnel_picture,
)
from minping_engine.reporting.texts import texts

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = ["zh", "en"]
CUTS = Cuts(3.0, 90.0)


def people(count: int, name: str = "甲") -> People:
    made = np.random.default_rng(7)
    se = made.uniform(0.4, 1.0, count)
    return People(name, made.normal(90, 1.0, count) + made.normal(0, 1.0, count) * se, se, 100.0)


def with_outsiders() -> People:
    made = people(60)
    made.value[:3] = [70.0, 99.0, 96.5]
    return made


def tree(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def paths(picture: str) -> list[str]:
    return [str(path.get("d")) for path in tree(picture).iter(f"{SVG}path")]


def marks(picture: str, shape: str) -> int:
    """How many marks of a shape are drawn: one path may hold many."""
    endings = {"dot": r"h0(?=M|$)", "diamond": r"l-[\d.]+ -[\d.]+z", "square": r"h-[\d.]+z", "upright": r"V"}
    return sum(len(re.findall(endings[shape], path)) for path in paths(picture))


def drivers(*names: str, performance: float = 90.0) -> list[Driver]:
    return [
        Driver(name, 2.0 + number, 1.5 + number, 2.5 + number, performance, number == 0)
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_has_a_name_and_a_description_and_needs_nothing_from_outside(language: str) -> None:
    words = texts("fairness", language)
    for made in (
        funnel_picture(people(40), words),
        caterpillar_picture(people(40), 90.0, 1.96, words),
        drivers_picture(drivers("a", "b"), CUTS, words),
    ):
        root = tree(made)
        assert root.get("role") == "img"
        assert [child.tag for child in list(root)[:2]] == [f"{SVG}title", f"{SVG}desc"]
        assert not re.search(r"https?:|<script|<image|@import|url\(|href", made)


def test_the_funnel_marks_those_outside_as_ranking_finds_them() -> None:
    made = with_outsiders()
    plot = funnel(made.value, made.se)
    alarm, warning = plot.outside(ALARM), plot.outside(WARNING)
    drawn = funnel_picture(made, texts("fairness", "zh"))
    assert alarm.sum() > 0
    assert marks(drawn, "square") == alarm.sum()
    assert marks(drawn, "diamond") == (warning & ~alarm).sum()
    assert marks(drawn, "dot") == (~warning).sum()
    assert f"{warning.sum()} 人在 95% 线" in drawn


def test_the_caterpillar_counts_all_and_draws_every_kth_with_a_note() -> None:
    words = texts("fairness", "zh")
    few, many = (caterpillar_picture(people(n), 90.0, 1.96, words) for n in (MOST_ROWS, 2 * MOST_ROWS + 1))
    assert marks(few, "upright") == MOST_ROWS
    assert 0.5 * MOST_ROWS < marks(many, "upright") <= MOST_ROWS
    assert "每 3 人画 1 人" in many
    assert "画 1 人" not in few
    assert f"{2 * MOST_ROWS + 1} 人；" in many


def test_the_caterpillar_tells_those_apart_from_the_mean_by_shape() -> None:
    made = people(9)
    made.value[:] = [80, 80, 90, 90, 90, 90, 90, 99, 99]
    drawn = caterpillar_picture(made, 90.0, 1.96, texts("fairness", "en"))
    assert [marks(drawn, shape) for shape in ("dot", "diamond", "square")] == [5, 2, 2]
    assert "2 with the whole interval above the mean, 2 below, 5 neither" in drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_few_people_are_words_and_no_picture(language: str) -> None:
    words = texts("fairness", language)
    for made in (
        funnel_picture(people(FEWEST - 1), words),
        caterpillar_picture(people(FEWEST - 1), 90.0, 1.96, words),
    ):
        assert words["fig_too_few"].format(n=FEWEST - 1, fewest=FEWEST) in made
        assert paths(made) == []
    assert words["fig_no_drivers"] in drivers_picture(drivers("a"), CUTS, words)


def test_words_of_a_group_or_an_item_are_escaped() -> None:
    words = texts("fairness", "zh")
    assert "<b>" not in funnel_picture(people(20, "<b>&"), words)
    assert "&lt;b&gt;&amp;" in funnel_picture(people(20, "<b>&"), words)
    assert "&lt;i&gt;" in drivers_picture(drivers("<i>", "b"), CUTS, words)


@pytest.mark.parametrize("performance", [70.0, 90.0, 99.5])
def test_names_of_items_that_stand_at_one_height_do_not_overlap(performance: float) -> None:
    names = [f"很长的题目名称{number}" for number in range(12)]
    close = [Driver(name, 4.0, 3.9, 4.1, performance, False) for name in names]
    drawn = tree(drivers_picture(close, CUTS, texts("fairness", "zh")))
    boxes = sorted(
        (float(text.get("y", 0)), float(text.get("x", 0)))
        for text in drawn.iter(f"{SVG}text")
        if text.text in names
    )
    assert len(boxes) == len(names)
    assert all(below[0] - above[0] >= 15.9 for above, below in pairwise(boxes))
    assert all(x >= 0 and x + text_width(names[0]) <= WIDTH for _, x in boxes)


def test_a_larger_share_stands_farther_to_the_right() -> None:
    drawn = tree(drivers_picture(drivers("a", "b", "c"), CUTS, texts("fairness", "en")))
    x = {text.text: float(text.get("x", 0)) for text in drawn.iter(f"{SVG}text")}
    assert x["a"] < x["b"] < x["c"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_text_is_wider_than_the_picture(language: str) -> None:
    words = texts("fairness", language)
    for made in (
        funnel_picture(people(1079), words),
        caterpillar_picture(people(1079), 90.0, 1.96, words),
        drivers_picture(drivers("a", "b"), CUTS, words),
    ):
        for text in tree(made).iter(f"{SVG}text"):
            room = WIDTH - float(text.get("x", 0)) if text.get("text-anchor") == "start" else WIDTH
            assert text_width(text.text or "") <= room


def test_a_scale_maps_its_ends_to_its_ends() -> None:
    scale = Scale(80.0, 100.0, 300.0, 20.0)
    assert [scale.place(value) for value in (80.0, 90.0, 100.0)] == [300.0, 160.0, 20.0]
