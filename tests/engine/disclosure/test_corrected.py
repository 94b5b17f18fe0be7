"""A correction beside the release before it: the difference is a table too, and is held to the same rules."""

from __future__ import annotations

import pytest

from minping_engine.disclosure import (
    Cell,
    CellKey,
    Dimension,
    Limits,
    Protected,
    PublishedTable,
    Reason,
    compare_releases,
    protect,
    protect_correction,
    table_from_leaves,
)
from minping_engine.errors import RefusedError

WAY = Dimension.flat("mode", ["visit", "phone", "sms", "web"])
TOTAL: CellKey = ("ballots", ())


def ballots(visit: int, phone: int, sms: int, web: int) -> PublishedTable:
    return table_from_leaves(
        "ballots", [WAY], {("visit",): visit, ("phone",): phone, ("sms",): sms, ("web",): web}
    )


def corrected(old: PublishedTable, new: PublishedTable, *more: PublishedTable) -> Protected:
    before = [protect([old])]
    for table in more:
        before.append(protect_correction([table], Limits(), before, public=[TOTAL]))
    return protect_correction([new], Limits(), before, public=[TOTAL])


def test_nothing_is_hidden_where_nothing_changed() -> None:
    assert not corrected(ballots(90, 40, 30, 60), ballots(90, 40, 30, 60)).hidden


def test_what_was_taken_out_by_many_may_be_told() -> None:
    assert not corrected(ballots(90, 40, 30, 60), ballots(70, 40, 30, 60)).hidden


def test_what_was_taken_out_by_few_is_hidden_and_cannot_be_worked_out() -> None:
    """Eight of each of two ways: neither is shown, the total is, and the others are as before."""
    old = ballots(90, 40, 30, 60)
    safe = corrected(old, ballots(82, 32, 30, 60))
    assert {key[1][0][1]: reason for key, reason in safe.hidden.items()} == {
        "visit": Reason.CORRECTED,
        "phone": Reason.CORRECTED,
    }
    compared = compare_releases(protect([old]), safe)
    assert not compared.exposed
    assert set(compared.thin_changes) <= {TOTAL}


def test_what_no_hiding_protects_is_refused() -> None:
    """Three of each, six in all: whoever subtracts knows each within six."""
    with pytest.raises(RefusedError) as refused:
        corrected(ballots(90, 40, 30, 60), ballots(87, 37, 30, 60))
    assert refused.value.problems[0].code == "disclosure.differencing"


def test_a_third_release_is_held_beside_both() -> None:
    """Back to the first tables: they are public, and the second ones keep their secret with them."""
    old = ballots(90, 40, 30, 60)
    assert not corrected(old, old, ballots(70, 40, 30, 60)).hidden


def test_answers_of_what_was_taken_out_can_be_withheld_whatever_their_number() -> None:
    """As many as they are, they are the score of one person (G1)."""

    def withholds(_earlier: int, _later: int, key: CellKey, cell: Cell) -> bool:
        return key != TOTAL and cell.n > 0

    old, new = ballots(90, 80, 30, 60), ballots(60, 50, 30, 60)
    safe = protect_correction([new], Limits(), [protect([old])], public=[TOTAL], withholds=withholds)
    assert len(safe.hidden) == 2
