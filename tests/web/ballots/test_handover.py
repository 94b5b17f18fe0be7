"""A custodian leaves while a round is open: the two others wrap its key for the successor, only together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minping_web.access.models import Grant
from minping_web.accounts.models import User
from minping_web.ballots.models import KeyHandover, RoundKey
from minping_web.ballots.rules import custody as rules
from minping_web.ballots.rules.words import Body
from minping_web.ballots.selectors.handovers import orphaned
from minping_web.ballots.services import custody, handover, key_files
from minping_web.ballots.services.casting import Kind
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.services.secrets import key_folder
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.snapshots import factory
from tests.web.snapshots.factory import PASSPHRASE, Keeper

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    factory.cheap_scrypt(monkeypatch)


@pytest.fixture
def keepers(db: None) -> dict[Body, Keeper]:
    """Three custodians with tried files."""
    return factory.three_keepers()


@pytest.fixture
def ready(district: SmallDistrict, keepers: dict[Body, Keeper]) -> Iterator[OpenRound]:
    """A round that is sealed for them."""
    made = open_round(district, n=2)
    key_files.withdraw_private(made.round.pk)  # SQLite gives the numbers of rolled back rounds again
    factory.reseal(made)
    yield made
    key_files.destroy_handover(made.round.pk)


@pytest.fixture
def successor(ready: OpenRound, keepers: dict[Body, Keeper]) -> Keeper:
    """The auditor left and another one made a key."""
    custody.retire(keepers[Body.AUDITOR].scope, keepers[Body.AUDITOR].row.pk, reason="调离")
    return factory.keeper(Body.AUDITOR)


def code_of(error: pytest.ExceptionInfo[RefusedError]) -> str:
    return error.value.problems[0].code


def begin(ready: OpenRound, first: Keeper, leaving: Keeper, reason: str = "审计调离") -> KeyHandover:
    scope = factory.fresh(first.scope)
    brought = {"file": first.file, "passphrase": PASSPHRASE}
    return handover.begin(scope, ready.round.pk, leaving.row.pk, reason=reason, **brought)


def finish(ready: OpenRound, second: Keeper) -> KeyHandover:
    scope = factory.fresh(second.scope)
    return handover.finish(scope, ready.round.pk, file=second.file, passphrase=PASSPHRASE)


def private_key(ready: OpenRound) -> bytes | None:
    return key_files.read_private(ready.round.pk)


def test_two_hand_the_key_over_and_the_successor_closes_the_round(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper, django_capture_on_commit_callbacks: Any
) -> None:
    former, bureau, firm = (keepers[body] for body in (Body.AUDITOR, Body.BUREAU, Body.THIRD_PARTY))
    public = bytes(RoundKey.objects.get(pk=ready.round.pk).public_key)
    begin(ready, bureau, former)
    assert private_key(ready) is None
    with django_capture_on_commit_callbacks(execute=True):
        done = finish(ready, firm)
    assert done.done_at
    assert private_key(ready) is None
    assert orphaned() == []
    key = RoundKey.objects.get(pk=ready.round.pk)
    assert key.holders == sorted((bureau.row.pk, firm.row.pk, successor.row.pk))
    assert bytes(key.public_key) == public
    assert factory.vote(ready.token).kind is Kind.ACCEPTED
    factory.end_voting(ready, keepers)
    with pytest.raises(RefusedError) as error:
        factory.bring(ready, former)
    assert code_of(error) == "closing.not_a_custodian"
    factory.bring(ready, successor, firm)
    found = private_key(ready)
    assert found is not None
    assert rules.public_of(found) == public


def test_nothing_that_was_wrapped_for_who_left_stays_on_the_disk(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper, django_capture_on_commit_callbacks: Any
) -> None:
    former = keepers[Body.AUDITOR]
    begin(ready, keepers[Body.BUREAU], former)
    with django_capture_on_commit_callbacks(execute=True):
        finish(ready, keepers[Body.THIRD_PARTY])
    key_name = RoundKey.objects.get(pk=ready.round.pk).key_id
    files = [path for path in key_folder(ready.round.pk).rglob("*") if path.is_file()]
    pairs = {path.name for path in files if path.parent.name == f"wrapped-{key_name}"}
    assert len(pairs) == 6
    assert not any(str(former.row.pk) in name.split("-") for name in pairs)
    assert not any("handover" in path.parts for path in files)


def test_the_log_says_who_gave_it_to_whom_and_why(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper
) -> None:
    bureau, firm = keepers[Body.BUREAU].row.pk, keepers[Body.THIRD_PARTY].row.pk
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    assert not StagedEntry.objects.filter(kind="round.key_handed_over").exists()
    finish(ready, keepers[Body.THIRD_PARTY])
    told = StagedEntry.objects.get(kind="round.key_handed_over").record
    who = (told["from"], told["to"], told["by"], told["reason"])
    assert who == (keepers[Body.AUDITOR].row.pk, successor.row.pk, sorted((bureau, firm)), "审计调离")
    assert told["public_key"] == bytes(successor.row.public_key).hex()


@pytest.mark.parametrize("second", ["same", "former", "successor"])
def test_only_the_other_one_who_stays_brings_the_second_key(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper, second: str
) -> None:
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    who = {"same": keepers[Body.BUREAU], "former": keepers[Body.AUDITOR], "successor": successor}[second]
    with pytest.raises(RefusedError) as error:
        finish(ready, who)
    told = {"successor": "closing.not_a_custodian"}
    assert code_of(error) == told.get(second, "handover.other_custodian")
    assert not StagedEntry.objects.filter(kind="round.key_handed_over").exists()


def test_the_half_that_the_first_leaves_opens_for_the_other_alone(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper
) -> None:
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    halves = list((key_folder(ready.round.pk) / key_files.HANDOVER).iterdir())
    pair = rules.Pair(keepers[Body.BUREAU].row.pk, keepers[Body.THIRD_PARTY].row.pk)
    assert [path.name for path in halves] == [f"{pair.first}-{pair.second}"]
    key = RoundKey.objects.get(pk=ready.round.pk)
    about = custody.about_key(key.pk, key.key_id)
    for body in (Body.BUREAU, Body.AUDITOR):
        own = rules.open_key_file(keepers[body].file, PASSPHRASE)
        with pytest.raises(rules.NotForThisKeyError):
            rules.open_inner(halves[0].read_bytes(), own, pair, about)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("stays", "handover.nobody_left"), ("no successor", "handover.no_successor"),
        ("no reason", "custody.reason_missing"), ("closing", "handover.not_running"),
        ("twice", "handover.begun_already"), ("wrong passphrase", "custody.wrong_passphrase"),
        ("stale factor", "approval.factor_needed"), ("left the body", "closing.role_ended"),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(
    ready: OpenRound, keepers: dict[Body, Keeper], case: str, code: str
) -> None:
    bureau, former = keepers[Body.BUREAU], keepers[Body.AUDITOR]
    if case != "stays":
        custody.retire(former.scope, former.row.pk, reason="调离")
    if case not in ("stays", "no successor"):
        factory.keeper(Body.AUDITOR)
    if case == "closing":
        SurveyRound.objects.update(state="closing")
    if case == "twice":
        begin(ready, keepers[Body.THIRD_PARTY], former)
    if case == "left the body":
        Grant.objects.filter(user_id=bureau.scope.user_id).delete()
    scope = bureau.scope if case == "stale factor" else factory.fresh(bureau.scope)
    if case == "stale factor":
        scope = scope.__class__(**{**scope.__dict__, "second_factor_at": now() - timedelta(hours=1)})
    with pytest.raises(RefusedError) as error:
        handover.begin(
            scope, ready.round.pk, former.row.pk, reason="" if case == "no reason" else "审计调离",
            file=bureau.file, passphrase="another one" if case == "wrong passphrase" else PASSPHRASE,
        )  # fmt: skip
    assert code_of(error) == code
    assert KeyHandover.objects.count() == (case == "twice")
    assert former.row.pk in RoundKey.objects.get(pk=ready.round.pk).holders


@pytest.mark.parametrize("how", ["withdrawn", "too late", "round ended"])
def test_what_was_begun_and_not_finished_leaves_nothing(
    ready: OpenRound,
    keepers: dict[Body, Keeper],
    successor: Keeper,
    how: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    if how == "too late":
        KeyHandover.objects.update(begun_at=now() - handover.LASTS - timedelta(minutes=1))
        with pytest.raises(RefusedError) as error:
            finish(ready, keepers[Body.THIRD_PARTY])
        assert code_of(error) == "handover.not_begun"
    if how == "round ended":
        SurveyRound.objects.update(state="closing")
    if how == "withdrawn":
        assert handover.end_stale() == 0
    with django_capture_on_commit_callbacks(execute=True):
        if how == "withdrawn":
            handover.withdraw(keepers[Body.THIRD_PARTY].scope, ready.round.pk)
        else:
            assert handover.end_stale() == 1
    assert not (key_folder(ready.round.pk) / key_files.HANDOVER).exists()
    assert not KeyHandover.objects.filter(ended_at=None).exists()
    if how != "round ended":
        begin(ready, keepers[Body.THIRD_PARTY], keepers[Body.AUDITOR])


def test_a_process_that_was_killed_before_tidying_leaves_it_to_the_clock(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper
) -> None:
    former = keepers[Body.AUDITOR]
    begin(ready, keepers[Body.BUREAU], former)
    finish(ready, keepers[Body.THIRD_PARTY])  # nothing runs after the commit of a test's transaction
    key = RoundKey.objects.get(pk=ready.round.pk)
    pairs = [rules.Pair(former.row.pk, one) for one in key.holders]
    assert any(key_files.read_wrapped(key.pk, key.key_id, pair) for pair in pairs)
    handover.tidy_open_rounds()
    assert not any(key_files.read_wrapped(key.pk, key.key_id, pair) for pair in pairs)
    assert not (key_folder(key.pk) / key_files.HANDOVER).exists()


def test_the_pages_lead_through_it(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper, django_capture_on_commit_callbacks: Any
) -> None:
    former = keepers[Body.AUDITOR].row
    clients = {body: _signed_in(keepers[body]) for body in (Body.BUREAU, Body.THIRD_PARTY)}
    other = _signed_in(successor)
    where = f"/custodians/{former.pk}/handover/{ready.round.pk}/"
    assert where in clients[Body.BUREAU].get("/custodians/").content.decode()
    assert where in clients[Body.BUREAU].get(f"/closing/{ready.round.pk}/").content.decode()
    assert 'name="passphrase"' not in other.get(where).content.decode()
    assert clients[Body.BUREAU].post(where, _brought(keepers[Body.BUREAU])).status_code == 422
    wrong = clients[Body.BUREAU].post(where, _brought(keepers[Body.THIRD_PARTY]) | {"reason": "审计调离"})
    assert '<b class="where">密钥文件</b>' in wrong.content.decode()
    sent = clients[Body.BUREAU].post(where, _brought(keepers[Body.BUREAU]) | {"reason": "审计调离"})
    assert (sent.status_code, sent.headers["Location"]) == (302, where)
    text = clients[Body.THIRD_PARTY].get(where).content.decode()
    assert "审计调离" in text
    assert 'name="reason"' not in text
    assert 'name="passphrase"' not in clients[Body.BUREAU].get(where).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        sent = clients[Body.THIRD_PARTY].post(where, _brought(keepers[Body.THIRD_PARTY]))
    assert sent.status_code == 302
    assert other.get(where).status_code == 404
    assert where not in other.get("/custodians/").content.decode()
    page = other.get(f"/closing/{ready.round.pk}/").content.decode()
    assert str(successor.row.user) in page


def test_whoever_withdraws_on_the_page_is_told(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper
) -> None:
    client = _signed_in(successor)
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    where = f"/custodians/handover/{ready.round.pk}/withdraw/"
    for told in ("notice ok", "notice bad"):
        assert told in client.post(where, follow=True).content.decode()
    assert KeyHandover.objects.get().ended_at


def _signed_in(keeper: Keeper) -> Client:
    return sign_in(Client(), User.objects.get(pk=keeper.scope.user_id))


def _brought(keeper: Keeper) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("minping-key.json", keeper.file), "passphrase": PASSPHRASE}
