"""How far grades and places hang on weights: against exact chances, and against the engine itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minping_engine.assessment.examples import read_example
from minping_engine.lab import Stability, StabilityState, try_scheme
from minping_engine.lab.stability import Plan, make_bench, stability_of
from minping_engine.lab.trial import assessed
from minping_engine.lab.weights import leaves_of
from minping_engine.scheme import LoadedScheme, scheme_from_data
from tests.engine.lab.factory import BASE, example, fifty_points, grid, raw, seal

DRAWS = 4000
WORDS = {"zh": "例", "en": "example"}


def two_indicators(weights: tuple[int, int] = (60, 40)) -> LoadedScheme:
    """A score of two facts that are shares of full marks; good from 83 points on."""
    facts = [{"id": name, "title": WORDS, "unit": "share"} for name in ("first", "second")]
    leaves = [
        {
            "id": f"{fact['id']}_points", "title": WORDS, "points": points, "measure": fact["id"],
            "criterion": {"kind": "linear", "to": 1},
        }
        for fact, points in zip(facts, weights, strict=True)
    ]  # fmt: skip
    bands = [
        {"grade": grade, "label": WORDS, "from_points": start} for grade, start in (("good", 83), ("rest", 0))
    ]
    data = {
        **{key: raw()[key] for key in ("minping_scheme", "title", "assessee_kind", "period")},
        "id": "two", "version": "1", "facts": facts, "indicators": leaves, "total": {"round": None},
        "grading": {"bands": bands},
    }  # fmt: skip
    return scheme_from_data(data, BASE)


def facts(first: float, second: float) -> dict[str, Any]:
    return {"facts": {"first": first, "second": second}, "expect": {}}


TWO = example({"A": facts(1, 0.6), "B": facts(0.7, 1)})
"""A 60 + 24 = 84, B 42 + 40 = 82. B passes A where the first weight is below 400/7 of 100."""


def stability(tmp_path: Path, seed: int = 3, scheme: LoadedScheme | None = None) -> Stability:
    scheme = scheme or two_indicators()
    snapshot = seal(TWO, tmp_path / "s", scheme)
    return stability_of(snapshot, scheme, assessed(snapshot, scheme), Plan(seed, DRAWS, 20))


def chance_below(ratio: float) -> float:
    """Chance that u / v < ratio for u, v even on 0.8 to 1.2: the area under the line u = ratio v."""
    start = 0.8 / ratio
    return (ratio / 2 * (1.2**2 - start**2) - 0.8 * (1.2 - start)) / 0.4**2


def test_the_chance_of_the_hand_worked_crossing_is_a_quarter() -> None:
    """(60 u) / (40 v) < 4/3, so u / v < 8/9: 0.04 of an area of 0.16."""
    assert chance_below(8 / 9) == pytest.approx(0.25)


def test_places_hold_as_often_as_the_exact_chance_says(tmp_path: Path) -> None:
    """Margin: three standard errors of a share of 0.25 in 4000 draws."""
    found = {one.assessee_id: one for one in stability(tmp_path).people}
    assert found["A"].keeps_rank == pytest.approx(0.75, abs=3 * (0.25 * 0.75 / DRAWS) ** 0.5)
    assert found["A"].keeps_rank == found["B"].keeps_rank
    assert (found["A"].rank_low, found["A"].rank_high) == (1, 2)


def test_grades_hold_as_often_as_the_exact_chance_says(tmp_path: Path) -> None:
    """A has 60 + 0.4 w points and stays good down to w = 57.5: u / v >= (57.5 / 42.5) / 1.5."""
    lost = chance_below(57.5 / 42.5 / 1.5)
    found = {one.assessee_id: one for one in stability(tmp_path).people}
    assert found["A"].keeps_grade == pytest.approx(1 - lost, abs=3 * (lost * (1 - lost) / DRAWS) ** 0.5)


def test_one_weight_at_a_time_finds_both_grades(tmp_path: Path) -> None:
    """First weight at 48 : 40 (54.5 of 100): A 81.8 falls, B 83.6 rises. At 72 : 40 A 85.7, B 80.7."""
    lever = next(one for one in stability(tmp_path).levers if one.indicator == "first_points")
    assert (lever.lower, lever.higher) == (2, 0)


def test_tau_says_in_how_many_draws_the_order_of_two_turned(tmp_path: Path) -> None:
    """Of two, tau is 1 or -1; the 5 % point is -1 where a quarter of the draws turn."""
    found = stability(tmp_path)
    assert (found.tau_median, found.tau_low) == (1.0, -1.0)


def test_one_seed_gives_one_answer(tmp_path: Path) -> None:
    first, again = (stability(tmp_path / name) for name in ("a", "b"))
    assert first == again
    assert first != stability(tmp_path / "c", seed=4)


def test_a_single_indicator_has_no_weight_that_matters(tmp_path: Path) -> None:
    data = raw(two_indicators())
    data["indicators"] = [data["indicators"][0] | {"points": 100}]
    scheme = scheme_from_data(data, BASE)
    assert stability(tmp_path, scheme=scheme).state is StabilityState.ONE_WEIGHT


EXAMPLES = sorted(path.stem for path in (BASE.folder / "examples").glob("*.yaml"))


def limited(ties: str) -> LoadedScheme:
    data = raw()
    data["grading"]["limits"] = [
        {"grade": grade, "at_most_percent": share, "ties": ties}
        for grade, share in (("tier_1", 20), ("tier_2", 30))
    ]
    return scheme_from_data(data, BASE)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("ties", ["", "none", "all"])
def test_unvaried_weights_give_the_result_of_the_engine(tmp_path: Path, name: str, ties: str) -> None:
    """Scores, places and grades with missing parts, classes, transitions, vetoes and limits."""
    scheme = limited(ties) if ties else BASE
    snapshot = seal(read_example(BASE.folder / "examples" / f"{name}.yaml"), tmp_path / "s")
    result = assessed(snapshot, scheme)
    bench = make_bench(snapshot, scheme, result)
    scores = bench.scores(np.ones((1, len(leaves_of(scheme.scheme)))))
    rows = {row["assessee_id"]: row for row in result["outcomes"].to_pylist()}
    rows = {name: row for name, row in rows.items() if row["score"] is not None}
    assert scores[0].tolist() == pytest.approx([rows[one]["score"] for one in bench.field.ids])
    assert bench.steps(scores)[0].tolist() == [rows[one]["grade_step"] or 0 for one in bench.field.ids]
    found = stability_of(snapshot, scheme, result, Plan(1, 5, 0))
    assert [one.keeps_rank for one in found.people] == [1.0] * len(rows)


def test_a_veto_that_limits_the_score_limits_the_grade_in_every_draw(tmp_path: Path) -> None:
    data = raw()
    data["vetoes"][0] |= {"score_at_most": 80}
    del data["vetoes"][0]["grade_at_most"]
    scheme = scheme_from_data(data, BASE)
    snapshot = seal(example({"A": grid(100, facts={"verified_complaints": 1})}), tmp_path / "s")
    found = stability_of(snapshot, scheme, assessed(snapshot, scheme), Plan(1, 50, 20))
    assert [(one.grade, one.keeps_grade) for one in found.people] == [("tier_4", 1.0)]


def test_bonus_and_deductions_stay_while_weights_vary(tmp_path: Path) -> None:
    data = raw(two_indicators())
    data["adjustments"] = [{"id": "extra", "title": WORDS, "kind": "bonus", "points": "second * 5"}]
    scheme = replace(scheme_from_data(data, BASE))
    snapshot = seal(TWO, tmp_path / "s", scheme)
    bench = make_bench(snapshot, scheme, assessed(snapshot, scheme))
    assert bench.scores(np.ones((1, 2)))[0].tolist() == pytest.approx([84 + 3, 82 + 5])


def test_the_weight_of_satisfaction_is_named_first(tmp_path: Path) -> None:
    """Only satisfaction differs between grids: only weights against it can move anybody."""
    people = example({"A": grid(85), "B": grid(81), "C": grid(80), "D": grid(76)})
    trial = try_scheme(BASE, fifty_points(), [seal(people, tmp_path / "s")], seed=1, draws=50)
    assert trial.rounds[0].stability.levers[0].indicator == "satisfaction_points"
