"""Two workers on one closing (a lost lease, a job retried by hand): the second never harms the first."""

from __future__ import annotations

import pytest

from minping_engine.errors import Problem
from minping_engine.snapshot import check_snapshot
from minping_web.ballots.models import CountedReceipt, RoundClosing
from minping_web.ballots.rules.words import Body, ClosingState
from minping_web.ballots.services.closing import take_keys_back
from minping_web.common.problems import RefusedError
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.services import writing
from minping_web.snapshots.services.writing import remove_partial
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.snapshots import factory

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def ready(district: SmallDistrict, monkeypatch: pytest.MonkeyPatch) -> OpenRound:
    """Every household has voted, two custodians were here."""
    factory.cheap_scrypt(monkeypatch)
    keepers = factory.three_keepers()
    made = open_round(district, n=7)
    factory.reseal(made)
    for token in made.all_tokens:
        factory.vote(token)
    factory.end_voting(made, keepers)
    factory.bring(made, keepers[Body.AUDITOR], keepers[Body.BUREAU])
    return made


@pytest.mark.parametrize("step", ["recounted", "keys destroyed"])
def test_a_second_run_of_a_closing_leaves_the_first_alone(ready: OpenRound, step: str) -> None:
    refused: list[str] = []

    def comes_in(reached: str) -> None:
        if reached == step:
            try:
                factory.close(ready)
            except RefusedError as error:
                refused.append(error.problems[0].code)

    factory.close(ready, comes_in)
    assert refused == ["closing.another_run"]
    (snapshot,) = SealedSnapshot.objects.all()
    assert check_snapshot(writing.snapshot_folder() / snapshot.folder) == ()
    assert RoundClosing.objects.get(pk=ready.round.pk).state == ClosingState.PURGED
    assert CountedReceipt.objects.count() == len(ready.all_tokens)


def test_what_was_logged_is_neither_taken_back_nor_removed(ready: OpenRound) -> None:
    factory.close(ready)
    take_keys_back(ready.round.pk, Problem("closing.recount_failed"))
    remove_partial(ready.round.pk)
    assert RoundClosing.objects.get(pk=ready.round.pk).state == ClosingState.PURGED
    (snapshot,) = SealedSnapshot.objects.all()
    assert check_snapshot(writing.snapshot_folder() / snapshot.folder) == ()
