"""A change tried on sealed rounds: scores, places, grades, money, vetoes; worked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.errors import RefusedError
from minping_engine.lab import Person, RoundTrial, StabilityState, try_scheme
from minping_engine.scheme import LoadedScheme, load_scheme, scheme_from_data
from minping_engine.snapshot import Snapshot
from tests.engine.lab.factory import BASE, example, fifty_points, grid, raw, seal

FOUR = example({"A": grid(100), "B": grid(90), "C": grid(85), "D": grid(100, tasks_done=10)})
"""40 s + 60: A 100, B 96, C 94, D 100 - 12.5 = 87.5. With 50 s + 50: 100, 95, 92.5, 100 - 10 = 90."""


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> RoundTrial:
    snapshot = seal(FOUR, tmp_path_factory.mktemp("lab") / "snapshot")
    return try_scheme(BASE, fifty_points(), [snapshot], seed=7, draws=200).rounds[0]


def by_id(round_: RoundTrial) -> dict[str, Person]:
    return {person.assessee_id: person for person in round_.people}


def test_scores_before_and_after_are_those_worked_by_hand(four: RoundTrial) -> None:
    found = {name: (one.before.score, one.after.score) for name, one in by_id(four).items()}
    assert found == {"A": (100, 100), "B": (96, 95), "C": (94, 92.5), "D": (87.5, 90)}
    assert four.moved == 3


def test_grades_flip_where_a_band_is_crossed(four: RoundTrial) -> None:
    """Bands of class A: 94, 90, 85. C falls from tier 1 to tier 2, D rises from tier 3 to tier 2."""
    people = by_id(four)
    assert {name for name, one in people.items() if one.flips} == {"C", "D"}
    assert (people["C"].way, people["D"].way, people["A"].way) == (-1, 1, 0)
    assert four.flips == {("tier_1", "tier_1"): 2, ("tier_1", "tier_2"): 1, ("tier_3", "tier_2"): 1}


def test_places_stand_beside_each_other(four: RoundTrial) -> None:
    found = {name: (one.before.rank, one.after.rank) for name, one in by_id(four).items()}
    assert found == {"A": (1, 1), "B": (2, 2), "C": (3, 3), "D": (4, 4)}


def test_money_is_told_per_use_and_person(four: RoundTrial) -> None:
    """500 + 500 + 500 + 300 yuan before, 500 + 500 + 400 + 400 after."""
    (use,) = four.money
    assert (use.use, use.before, use.after, use.paid_before, use.paid_after) == (
        "tier_bonus", 180000, 180000, 4, 4
    )  # fmt: skip
    assert {name: one.fen for name, one in by_id(four).items()} == {"A": 0, "B": 0, "C": -10000, "D": 10000}


def test_a_scheme_beside_itself_moves_nobody(tmp_path: Path) -> None:
    round_ = try_scheme(BASE, BASE, [seal(FOUR, tmp_path / "s")], seed=1, draws=10).rounds[0]
    assert (round_.moved, round_.flipped) == (0, 0)


def test_a_veto_that_no_longer_holds_is_lost_and_pays_again(tmp_path: Path) -> None:
    data = raw()
    data["vetoes"][0]["when"] = "verified_complaints >= 2"
    changed = scheme_from_data(data | {"version": "2013.2"}, BASE)
    snapshot = seal(example({"A": grid(100, facts={"verified_complaints": 1})}), tmp_path / "s")
    (person,) = try_scheme(BASE, changed, [snapshot], seed=1, draws=10).rounds[0].people
    assert person.before.vetoes - person.after.vetoes == {"complaint_veto"}
    assert (person.before.grade, person.after.grade, person.fen) == ("tier_2", "tier_1", 50000)


def with_budget(fen: int, base: LoadedScheme) -> LoadedScheme:
    use = {
        "id": "shared", "kind": "fund", "text": {"zh": "按分分配", "en": "Shared by score"},
        "money": {"budget": fen, "weights": "score"},
    }  # fmt: skip
    return scheme_from_data(raw(base) | {"use": [use], "vetoes": []}, base)


def test_a_divided_budget_adds_up_to_the_fen(tmp_path: Path) -> None:
    """100001 fen among scores 100, 96, 94, 87.5; then 200000 fen: nothing is lost in rounding."""
    before, after = with_budget(100001, BASE), with_budget(200000, fifty_points())
    round_ = try_scheme(before, after, [seal(FOUR, tmp_path / "s")], seed=1, draws=10).rounds[0]
    (use,) = round_.money
    assert (use.before, use.after, use.budget_before, use.budget_after) == (100001, 200000, 100001, 200000)
    assert use.adds_up
    assert sum(person.fen for person in round_.people) == 99999


def test_who_has_no_score_is_told_with_the_reason(tmp_path: Path) -> None:
    nobody = {"area": {"class": "A"}, "expect": {}}
    snapshot = seal(example({"A": grid(90), "N": nobody}), tmp_path / "s")
    round_ = try_scheme(BASE, fifty_points(), [snapshot], seed=1, draws=10).rounds[0]
    none = by_id(round_)["N"]
    assert (none.before.score, none.after.reason, none.difference, none.moves) == (
        None, "no_sample", None, False
    )  # fmt: skip
    assert [one.assessee_id for one in round_.stability.people] == ["A"]


@pytest.fixture(scope="module")
def gulou(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """30 ballots each: W all full marks, V (20+20+15+15+15) = 85."""
    best = dict.fromkeys(("q3", "q4", "q5"), "非常满意")
    good = dict.fromkeys(("q3", "q4", "q5"), "满意")
    people = {
        name: {"ballots": [{"count": 30, "answers": {"q1": "是", "q2": "是", **rest}}], "expect": {}}
        for name, rest in (("W", best), ("V", good))
    }
    scheme = load_scheme("gulou-worker", demo=True)
    return seal(example(people, "2020Q4"), tmp_path_factory.mktemp("lab") / "s", scheme)


def test_bands_of_a_scheme_made_of_ballots_can_be_tried(gulou: Snapshot) -> None:
    """85 points are C from 80 on, and B where B starts at 85."""
    bands = [("A", 94), ("B", 85), ("C", 80), ("D", 0)]
    words = {"zh": "等", "en": "grade"}
    new = [{"grade": name, "label": words, "from_points": start} for name, start in bands]
    before = load_scheme("gulou-worker", demo=True)
    after = load_scheme("gulou-worker", demo=True, values={"grade_bands": new})
    round_ = try_scheme(before, after, [gulou], seed=1).rounds[0]
    assert round_.flips == {("A", "A"): 1, ("C", "B"): 1}
    assert by_id(round_)["V"].fen == 30000
    assert round_.stability.state is StabilityState.NO_WEIGHTS


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("lab.no_snapshots", {"snapshots": []}),
        ("lab.other_assessees", {"base": load_scheme("gulou-worker", demo=True)}),
        ("lab.draws", {"draws": 0}),
        ("lab.spread", {"spread_percent": 100}),
    ],
)
def test_what_cannot_be_tried_is_refused(tmp_path: Path, code: str, asked: dict[str, object]) -> None:
    given = {"base": BASE, "changed": BASE, "snapshots": [seal(FOUR, tmp_path / "s")], "seed": 1, **asked}
    with pytest.raises(RefusedError) as refused:
        try_scheme(given.pop("base"), given.pop("changed"), given.pop("snapshots"), **given)  # type: ignore[arg-type]
    assert refused.value.problems[0].code == code


def test_a_period_is_tried_once(tmp_path: Path) -> None:
    twice = [seal(FOUR, tmp_path / name) for name in ("s", "t")]
    with pytest.raises(RefusedError) as refused:
        try_scheme(BASE, BASE, twice, seed=1)
    assert refused.value.problems[0].code == "lab.period_twice"
