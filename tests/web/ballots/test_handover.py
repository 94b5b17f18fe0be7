"""A custodian leaves while a round is open: the two others wrap its key for the successor, only together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from minping_web.access.models import Grant
from minping_web.accounts.models import User
from minping_web.ballots import tasks
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
from tests.web.ledger_words import commits_to
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
    who = (told["from"], told["to"], told["by"], told["holder"])
    expected = (keepers[Body.AUDITOR].row.pk, successor.row.pk, sorted((bureau, firm)), successor.row.user_id)
    assert who == expected
    assert commits_to(told, "reason", "审计调离")
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


def meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], object]) -> list[object]:
    """Let somebody else act, once, right after this step of `key_files`; what came of it. Joins nobody."""
    plain, seen = getattr(key_files, name), []

    def with_company(*args: Any) -> Any:
        result = plain(*args)
        monkeypatch.setattr(key_files, name, plain)
        seen.append(act())
        return result

    monkeypatch.setattr(key_files, name, with_company)
    return seen


def in_thread(act: Callable[[], object]) -> threading.Thread:
    """Begin in another process's place, and give it half a second: by then it is through, or it waits."""

    def run() -> None:
        try:
            with suppress(RefusedError):
                act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(0.5)
    return thread


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["withdrawing", "the clock", "tidying"])
def test_nothing_is_tidied_while_the_key_is_being_wrapped_for_the_successor(
    ready: OpenRound,
    keepers: dict[Body, Keeper],
    successor: Keeper,
    monkeypatch: pytest.MonkeyPatch,
    other: str,
) -> None:
    """New boxes lie on the disk and the database names the former holders still: nobody may tidy by that."""
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    bureau = factory.fresh(keepers[Body.BUREAU].scope)

    def act() -> None:
        if other == "withdrawing":
            handover.withdraw(bureau, ready.round.pk)
        elif other == "tidying":  # what an earlier withdrawal left to do after its commit
            handover._tidied(ready.round.pk)
        else:
            handover.end_stale()

    def start() -> threading.Thread:
        if other == "the clock":
            monkeypatch.setattr(handover, "LASTS", timedelta(0))
        return in_thread(act)

    threads = meanwhile(monkeypatch, "write_wrapped", start)
    finish(ready, keepers[Body.THIRD_PARTY])
    (thread,) = threads
    assert isinstance(thread, threading.Thread)
    thread.join()
    key = RoundKey.objects.get(pk=ready.round.pk)
    assert successor.row.pk in key.holders
    assert key_files.has_all_wrapped(key.pk, key.key_id, key.holders)
    row = KeyHandover.objects.get()
    assert row.done_at
    assert row.ended_at is None


@pytest.mark.django_db(transaction=True)
def test_who_brings_a_key_for_closing_waits_until_the_handover_is_written(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the half for the successor would be missing, and nobody could leave it any more."""
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])

    def close() -> None:
        factory.end_voting(ready, keepers)
        factory.bring(ready, keepers[Body.BUREAU])

    threads = meanwhile(monkeypatch, "write_wrapped", lambda: in_thread(close))
    finish(ready, keepers[Body.THIRD_PARTY])
    (thread,) = threads
    assert isinstance(thread, threading.Thread)
    thread.join()
    factory.bring(ready, successor)
    assert private_key(ready) is not None


def test_a_box_that_is_missing_at_the_end_undoes_the_handover(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = RoundKey.objects.get(pk=ready.round.pk)
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    lost = rules.Pair(successor.row.pk, keepers[Body.BUREAU].row.pk)
    folder = key_folder(before.pk) / f"{key_files.WRAPPED}-{before.key_id}"
    box = folder / f"{lost.first}-{lost.second}"
    meanwhile(monkeypatch, "write_wrapped", lambda: key_files.destroy_file(box))
    with pytest.raises(RefusedError) as error:
        finish(ready, keepers[Body.THIRD_PARTY])
    assert code_of(error) == "handover.boxes_incomplete"
    assert RoundKey.objects.get(pk=before.pk).holders == before.holders
    handover.tidy_open_rounds()
    assert key_files.has_all_wrapped(before.pk, before.key_id, before.holders)
    finish(ready, keepers[Body.THIRD_PARTY])
    assert successor.row.pk in RoundKey.objects.get(pk=before.pk).holders


def test_boxes_of_the_former_stay_while_one_of_the_holders_is_missing(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper
) -> None:
    former, bureau = keepers[Body.AUDITOR].row.pk, keepers[Body.BUREAU].row.pk
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    finish(ready, keepers[Body.THIRD_PARTY])
    key = RoundKey.objects.get(pk=ready.round.pk)
    folder = key_folder(key.pk) / f"{key_files.WRAPPED}-{key.key_id}"
    key_files.destroy_file(folder / f"{successor.row.pk}-{bureau}")
    handover.tidy_open_rounds()
    assert key_files.read_wrapped(key.pk, key.key_id, rules.Pair(former, bureau)) is not None


def test_a_half_whose_handover_was_never_committed_is_removed_by_the_clock(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper
) -> None:
    with transaction.atomic():
        begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
        transaction.set_rollback(True)
    assert not KeyHandover.objects.exists()
    left = key_folder(ready.round.pk) / key_files.HANDOVER
    assert list(left.iterdir())
    assert tasks._handovers_lately()
    handover.tidy_open_rounds()
    assert not left.exists()
    assert not tasks._handovers_lately()


def test_tidying_late_leaves_the_half_of_the_next_handover(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper
) -> None:
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    handover.withdraw(keepers[Body.BUREAU].scope, ready.round.pk)
    begin(ready, keepers[Body.THIRD_PARTY], keepers[Body.AUDITOR])
    handover._tidied(ready.round.pk)  # of the withdrawal, which committed long before
    assert finish(ready, keepers[Body.BUREAU]).done_at


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("former", "handover.not_yours"),
        ("successor", "handover.not_yours"),
        ("stale", "approval.factor_needed"),
    ],
)
def test_only_the_two_who_stay_withdraw_with_a_fresh_factor(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper, who: str, code: str
) -> None:
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    persons = {"former": keepers[Body.AUDITOR], "successor": successor, "stale": keepers[Body.BUREAU]}
    given = now() - timedelta(hours=1) if who == "stale" else now()
    scope = replace(persons[who].scope, second_factor_at=given)
    with pytest.raises(RefusedError) as error:
        handover.withdraw(scope, ready.round.pk)
    assert code_of(error) == code
    assert finish(ready, keepers[Body.THIRD_PARTY]).done_at


def when_opening(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[int]:
    """Act, once, after a key file was opened; how many transactions were open inside the test's at each."""
    plain, seen = rules.open_key_file, []

    def opened(file: bytes, passphrase: str) -> bytes:
        private = plain(file, passphrase)
        seen.append(len(connection.savepoint_ids))
        if len(seen) == 1:
            act()
        return private

    monkeypatch.setattr(rules, "open_key_file", opened)
    return seen


def test_no_vote_waits_while_a_passphrase_is_tried(
    ready: OpenRound, keepers: dict[Body, Keeper], successor: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite a transaction keeps every vote waiting; trying a passphrase takes some tenths of a second."""
    seen = when_opening(monkeypatch, lambda: None)
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    finish(ready, keepers[Body.THIRD_PARTY])
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.BUREAU], successor)
    assert seen == [len(connection.savepoint_ids)] * 4


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("begin", "handover.begun_already"),
        ("finish", "handover.not_begun"),
        ("ended", "handover.not_running"),
    ],
)
def test_what_changed_while_the_file_was_opened_counts(
    ready: OpenRound,
    keepers: dict[Body, Keeper],
    successor: Keeper,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    code: str,
) -> None:
    bureau, firm, former = (keepers[body] for body in (Body.BUREAU, Body.THIRD_PARTY, Body.AUDITOR))
    changes: dict[str, Callable[[], object]] = {
        "begin": lambda: begin(ready, firm, former),
        "finish": lambda: handover.withdraw(bureau.scope, ready.round.pk),
        "ended": lambda: SurveyRound.objects.update(state="closing"),
    }
    if step == "finish":
        begin(ready, bureau, former)
    when_opening(monkeypatch, changes[step])
    with pytest.raises(RefusedError) as error:
        finish(ready, firm) if step == "finish" else begin(ready, bureau, former)
    assert code_of(error) == code
    assert former.row.pk in RoundKey.objects.get(pk=ready.round.pk).holders


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
    client = _signed_in(keepers[Body.THIRD_PARTY])
    begin(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    page = f"/custodians/{keepers[Body.AUDITOR].row.pk}/handover/{ready.round.pk}/"
    assert "/withdraw/" in client.get(page).content.decode()
    assert "/withdraw/" not in _signed_in(successor).get(page).content.decode()
    where = f"/custodians/handover/{ready.round.pk}/withdraw/"
    for told in ("notice ok", "notice bad"):
        assert told in client.post(where, follow=True).content.decode()
    assert KeyHandover.objects.get().ended_at


def _signed_in(keeper: Keeper) -> Client:
    return sign_in(Client(), User.objects.get(pk=keeper.scope.user_id))


def _brought(keeper: Keeper) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("minping-key.json", keeper.file), "passphrase": PASSPHRASE}
