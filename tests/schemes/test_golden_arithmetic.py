"""The arithmetic that the sources themselves print, worked out by the same rules as every score."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from minping_engine.scheme import half_up
from minping_engine.scoring import Outcome
from tests.engine.scoring.factory import TITLE, candidate, leaf, scheme, scored


def worked(formula: str, unit: str, facts: dict[str, tuple[str, int]]) -> Any:
    """Value of a formula measure over facts (unit, value)."""
    parts: dict[str, Any] = {
        "facts": [{"id": name, "title": TITLE, "unit": kind} for name, (kind, _) in facts.items()],
        "measures": [{"id": "made", "title": TITLE, "of": "formula", "value": formula, "unit": unit}],
        "indicators": [leaf("points", 100, "made")],
        "adjustments": [],
    }
    loaded = scheme(**parts)
    rule = loaded.rules["measures.made.value"]
    return rule.evaluate({name: Fraction(value) for name, (_, value) in facts.items()})


SUMS: dict[str, tuple[str, str, dict[str, tuple[str, int]], int]] = {
    "households to visit": (
        "workers * quota",
        "households",
        {"workers": ("number", 1076), "quota": ("households", 300)},
        322_800,
    ),
    "exclusive grids": (
        "daily + assisted + regular",
        "count",
        {"daily": ("count", 44), "assisted": ("count", 150), "regular": ("count", 411)},
        605,
    ),
    "voices": (
        "targeted + online",
        "persons",
        {"targeted": ("persons", 3721), "online": ("persons", 17_255)},
        20_976,
    ),
    "meetings": ("rounds * areas", "times", {"rounds": ("number", 2), "areas": ("times", 18)}, 36),
    "excellent": (
        "PERCENT(top / everybody)",
        "percent",
        {"top": ("persons", 6), "everybody": ("persons", 30)},
        20,
    ),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_and_products_of_the_sources(name: str) -> None:
    """S3: 1,076 x 300; S54: 44 + 150 + 411; S24: 3,721 + 17,255; S36: 2 x 18; S68: 6 of 30."""
    formula, unit, facts, printed = SUMS[name]
    assert worked(formula, unit, facts) == printed


@pytest.mark.parametrize(
    ("part", "whole", "places", "printed"),
    [
        (23, 32, 1, "71.9"),
        (23_974, 24_932, 2, "96.16"),
        (22_345, 24_932, 2, "89.62"),
        (911, 972, 2, "93.72"),
        (737, 972, 2, "75.82"),
    ],
)
def test_percentages_of_the_sources(part: int, whole: int, places: int, printed: str) -> None:
    """S37: 23 of 32 opinions; Lianyungang 2017-04, Tianmen 2016-12: closed, and in time, of those due."""
    facts = {"part": ("count", part), "whole": ("count", whole)}
    assert half_up(worked("PERCENT(part / whole)", "percent", facts), places) == Fraction(printed)


def test_the_total_of_a_scheme_is_the_sum_of_its_indicator_weights() -> None:
    made, _ = scored(scheme(), candidate("x", 100, 100))
    outcome: Outcome = made["x"]
    assert outcome.score == sum(node.points or 0 for node in outcome.nodes.values()) == 100
