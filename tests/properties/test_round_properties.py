"""What must hold for any round: order and labels change nothing, better answers never cost points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.assessment import Result, assess
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import load_scheme
from tests.rounds import Ballot, Round, seal

SCHEME = load_scheme("gulou-worker", demo=True)
BETTER = {"q1": [2, 3, 1], "q2": [2, 3, 1], **{item: [1, 2, 3, 4, 5] for item in ("q3", "q4", "q5")}}
SOME = settings(max_examples=12, deadline=None)


def assessed(round_: Round) -> Result:
    with TemporaryDirectory() as folder:
        snapshot = seal(round_, Path(folder) / "s", SCHEME)
        return assess(snapshot, SCHEME, Path(folder) / "o", scheduler_named("serial"))


def numbers(result: Result) -> dict[str, tuple[object, ...]]:
    names = (
        "n_ballots",
        "direct",
        "direct_se",
        "direct_se_fpc",
        "low",
        "high",
        "status",
        "grade",
        "difference",
    )
    return {row["assessee_id"]: tuple(row[name] for name in names) for row in result["scores"].to_pylist()}


@st.composite
def rounds(draw: st.DrawFn) -> Round:
    """Two workers, one with two areas; 40 to 80 ballots; some answers missing."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    level = draw(st.floats(0.2, 0.99))
    ballots = []
    for _ in range(draw(st.integers(40, 80))):
        answers: dict[str, int | None] = {
            item: order[min(len(order) - 1, int(rng.binomial(len(order) - 1, level)))]
            for item, order in BETTER.items()
        }
        if rng.random() < 0.2:
            answers[str(rng.choice(list(answers)))] = None
        ballots.append(Ballot(int(rng.integers(0, 3)), answers, int(rng.integers(1, 4))))
    return Round(
        ballots, workers={"W1": [(0, 1000), (1, 1000)], "W2": [(2, 1000)]}, eligible={0: 90, 1: 80, 2: 85}
    )


@SOME
@given(rounds(), st.randoms(use_true_random=False))
def test_the_order_of_ballots_changes_nothing(round_: Round, shuffle: object) -> None:
    ballots = list(round_.ballots)
    shuffle.shuffle(ballots)  # type: ignore[attr-defined]
    assert numbers(assessed(round_)) == numbers(assessed(replace(round_, ballots=ballots)))


@SOME
@given(rounds())
def test_other_ballot_ids_change_nothing(round_: Round) -> None:
    one, two = assessed(round_), assessed(replace(round_, first_id=10**15))
    assert one.head["fingerprints"] == two.head["fingerprints"]


@SOME
@given(rounds())
def test_renumbering_targets_changes_no_number(round_: Round) -> None:
    new = {0: 17, 1: 5, 2: 0}
    renamed = replace(
        round_,
        ballots=[replace(ballot, target=new[ballot.target]) for ballot in round_.ballots],
        workers={
            name: [(new[target], share) for target, share in rows] for name, rows in round_.workers.items()
        },
        eligible={new[target]: eligible for target, eligible in round_.eligible.items()},
    )
    before, after = numbers(assessed(round_)), numbers(assessed(renamed))
    for name, row in before.items():
        for old, now in zip(row, after[name], strict=True):
            assert now == (pytest.approx(old, rel=1e-12) if isinstance(old, float) else old)


@SOME
@given(rounds(), st.integers(2, 4))
def test_duplicating_all_ballots_never_widens_an_interval(round_: Round, times: int) -> None:
    round_ = replace(round_, eligible={})
    once, more = (
        numbers(assessed(round_)),
        numbers(assessed(replace(round_, ballots=[*round_.ballots] * times))),
    )
    for name, (_, _, se, *_) in once.items():
        if se is not None:
            assert more[name][2] <= se  # type: ignore[operator]


@SOME
@given(rounds(), st.data())
def test_a_better_answer_never_lowers_a_score(round_: Round, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(round_.ballots) - 1))
    ballot = round_.ballots[place]
    item = data.draw(st.sampled_from([item for item, code in ballot.answers.items() if code is not None]))
    order = BETTER[item]
    better = data.draw(st.sampled_from(order[order.index(ballot.answers[item] or 0) :]))
    ballots = list(round_.ballots)
    ballots[place] = replace(ballot, answers={**ballot.answers, item: better})
    before, after = numbers(assessed(round_)), numbers(assessed(replace(round_, ballots=ballots)))
    for name, row in before.items():
        if row[1] is not None:
            assert after[name][1] >= row[1] - 1e-9  # type: ignore[operator]
