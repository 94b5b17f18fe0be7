"""Custodians: three bodies, files that open, any two of three, never one, never the same twice."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations

import pytest
from django.core.exceptions import PermissionDenied

from minping_web.access.models import Grant
from minping_web.ballots.models import BallotSlot, Custodian, RoundClosing, RoundKey
from minping_web.ballots.rules import custody as rules
from minping_web.ballots.rules.words import Body
from minping_web.ballots.selectors.closings import closing_page, waiting_early_end
from minping_web.ballots.services import custody, key_files
from minping_web.ballots.services.casting import Kind
from minping_web.ballots.services.closing import bring_key, start_closing
from minping_web.ballots.services.early_end import propose_early_end
from minping_web.common.approval import approve
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.services.secrets import key_folder
from tests.web.factories import SmallDistrict, scope_with
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
def ready(district: SmallDistrict, keepers: dict[Body, Keeper]) -> OpenRound:
    """A round that is sealed for them."""
    made = open_round(district, n=2)
    key_files.withdraw_private(made.round.pk)  # SQLite gives the numbers of rolled back rounds again
    factory.reseal(made)
    return made


def code_of(error: pytest.ExceptionInfo[RefusedError]) -> str:
    return error.value.problems[0].code


def test_the_file_opens_with_its_passphrase_alone() -> None:
    made = rules.new_key_file(PASSPHRASE, "auditor")
    assert rules.public_of(rules.open_key_file(made.file, PASSPHRASE)) == made.public_key
    with pytest.raises(rules.WrongPassphraseError):
        rules.open_key_file(made.file, PASSPHRASE.upper())
    assert rules.open_key_file(made.file, PASSPHRASE) not in made.file


@pytest.mark.parametrize("damage", ["sealed", "public_key", "kdf", "format"])
def test_a_damaged_file_is_refused(damage: str) -> None:
    content = json.loads(rules.new_key_file(PASSPHRASE, "auditor").file)
    other = json.loads(rules.new_key_file(PASSPHRASE, "auditor").file)
    content[damage] = {"name": "scrypt", "n": 2**30, "r": 8, "p": 1} if damage == "kdf" else other[damage]
    if damage == "format":
        content["format"] = "something else"
    with pytest.raises((rules.NotAKeyFileError, rules.WrongPassphraseError)):
        rules.open_key_file(json.dumps(content).encode(), PASSPHRASE)


@pytest.mark.parametrize("junk", [b"", b"{}", b"null", b"[1]", b"\xff\xfe", b'{"format":1}'])
def test_any_other_file_is_refused(junk: bytes) -> None:
    with pytest.raises(rules.NotAKeyFileError):
        rules.open_key_file(junk, PASSPHRASE)


def test_any_two_of_three_open_and_nobody_else() -> None:
    keys = dict(enumerate((rules.new_pair() for _n in range(3)), 1))
    secret, _public = rules.new_pair()
    boxes = rules.wrap_for_pairs(secret, {number: pair[1] for number, pair in keys.items()}, "round 1")
    assert len(boxes) == 6
    for first, second in permutations(keys, 2):
        pair = rules.Pair(first, second)
        inner = rules.open_outer(boxes[pair], keys[first][0], pair, "round 1")
        assert rules.open_inner(inner, keys[second][0], pair, "round 1") == secret
        with pytest.raises(rules.NotForThisKeyError):
            rules.open_inner(inner, keys[first][0], pair, "round 1")
        with pytest.raises(rules.NotForThisKeyError):
            rules.open_outer(boxes[pair], keys[second][0], pair, "round 1")
        with pytest.raises(rules.NotForThisKeyError):
            rules.open_outer(boxes[pair], keys[first][0], pair, "round 2")


def test_a_key_counts_only_after_its_file_was_tried() -> None:
    made = factory.keeper(Body.BUREAU, proven=False)
    assert custody.holders_now() == {}
    assert not StagedEntry.objects.filter(kind="custodian.named").exists()
    custody.drill(made.scope, made.file, PASSPHRASE)
    assert set(custody.holders_now()) == {Body.BUREAU}
    assert StagedEntry.objects.filter(kind="custodian.named").count() == 1


def test_a_lost_download_is_made_again_and_the_first_file_is_worthless() -> None:
    made = factory.keeper(Body.AUDITOR, proven=False)
    again, file = custody.make_key(made.scope, Body.AUDITOR, PASSPHRASE)
    assert Custodian.objects.count() == 1
    with pytest.raises(RefusedError) as error:
        custody.drill(made.scope, made.file, PASSPHRASE)
    assert code_of(error) == "custody.other_key"
    custody.drill(made.scope, file, PASSPHRASE)
    assert custody.holders_now()[Body.AUDITOR].pk == again.pk


def test_the_wrong_passphrase_is_said(keepers: dict[Body, Keeper]) -> None:
    with pytest.raises(RefusedError) as error:
        custody.drill(keepers[Body.BUREAU].scope, keepers[Body.BUREAU].file, "some other sentence")
    assert code_of(error) == "custody.wrong_passphrase"


def test_nobody_keeps_a_key_for_a_body_that_is_not_theirs(keepers: dict[Body, Keeper]) -> None:
    with pytest.raises(PermissionDenied):
        custody.make_key(keepers[Body.BUREAU].scope, Body.AUDITOR, PASSPHRASE)


def test_a_round_is_not_sealed_without_all_three(district: SmallDistrict) -> None:
    for body in (Body.BUREAU, Body.AUDITOR):
        factory.keeper(body)
    made = open_round(district, n=1)
    RoundKey.objects.all().delete()
    with pytest.raises(RefusedError) as error:
        custody.make_round_key(made.round.pk)
    assert code_of(error) == "custody.bodies_missing"
    assert not RoundKey.objects.exists()


def test_neither_database_nor_files_hold_the_private_key(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.BUREAU])
    folder = key_folder(ready.round.pk)
    assert key_files.read_private(ready.round.pk) is None
    factory.bring(ready, keepers[Body.AUDITOR])
    private = key_files.read_private(ready.round.pk)
    assert private is not None
    row = RoundKey.objects.get(pk=ready.round.pk)
    assert private not in bytes(row.public_key)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.rglob("*") if path.is_file())
    others = [path for path in folder.rglob("*") if path.is_file() and path.name != key_files.PRIVATE]
    assert not any(private in path.read_bytes() for path in others)
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    assert closing.job is not None
    assert closing.job.arguments == {"round_id": ready.round.pk}
    assert closing.job.actor_id is None


@pytest.mark.parametrize("lost", list(Body))
def test_one_lost_custodian_loses_nothing(ready: OpenRound, keepers: dict[Body, Keeper], lost: Body) -> None:
    factory.end_voting(ready, keepers)
    factory.bring(ready, *(keeper for body, keeper in keepers.items() if body != lost))
    private = key_files.read_private(ready.round.pk)
    assert private is not None
    assert rules.public_of(private) == bytes(RoundKey.objects.get(pk=ready.round.pk).public_key)


def test_the_same_person_twice_is_refused(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.BUREAU])
    with pytest.raises(RefusedError) as error:
        factory.bring(ready, keepers[Body.BUREAU])
    assert code_of(error) == "closing.same_custodian"
    assert key_files.read_private(ready.round.pk) is None


def test_a_wrong_passphrase_at_closing_changes_nothing(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    factory.end_voting(ready, keepers)
    with pytest.raises(RefusedError) as error:
        bring_key(keepers[Body.BUREAU].scope, ready.round.pk, keepers[Body.BUREAU].file, "not this one")
    assert code_of(error) == "custody.wrong_passphrase"
    assert RoundClosing.objects.get(pk=ready.round.pk).first_custodian is None


def test_a_successor_cannot_open_what_was_sealed_for_the_former(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    former = keepers[Body.AUDITOR]
    custody.retire(former.scope, former.row.pk, reason="变动")
    successor = factory.keeper(Body.AUDITOR)
    factory.end_voting(ready, keepers)
    with pytest.raises(RefusedError) as error:
        factory.bring(ready, successor)
    assert code_of(error) == "closing.not_a_custodian"
    factory.bring(ready, former, keepers[Body.BUREAU])
    assert key_files.read_private(ready.round.pk) is not None


def test_voting_ends_neither_early_nor_twice(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    scope = keepers[Body.BUREAU].scope
    with pytest.raises(RefusedError) as error:
        start_closing(scope, ready.round.pk)
    assert code_of(error) == "closing.too_early"
    factory.end_voting(ready, keepers)
    with pytest.raises(RefusedError) as error:
        start_closing(scope, ready.round.pk)
    assert code_of(error) == "closing.not_open"
    with pytest.raises(PermissionDenied):
        start_closing(keepers[Body.AUDITOR].scope, ready.round.pk)


def test_a_stopped_round_waits_for_its_end_like_any_other(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    SurveyRound.objects.filter(pk=ready.round.pk).update(state=SurveyRound.State.STOPPED)
    assert not closing_page(ready.round.pk).may_start
    with pytest.raises(RefusedError) as error:
        start_closing(keepers[Body.BUREAU].scope, ready.round.pk)
    assert code_of(error) == "closing.too_early"
    assert SurveyRound.objects.get(pk=ready.round.pk).state == SurveyRound.State.STOPPED
    factory.end_voting(ready, keepers)
    assert SurveyRound.objects.get(pk=ready.round.pk).state == SurveyRound.State.CLOSING


@pytest.mark.parametrize("state", [SurveyRound.State.OPEN, SurveyRound.State.STOPPED])
def test_two_persons_end_the_voting_early_with_a_reason_in_the_ledger(
    ready: OpenRound, keepers: dict[Body, Keeper], state: str
) -> None:
    SurveyRound.objects.filter(pk=ready.round.pk).update(state=state)
    first, second = keepers[Body.BUREAU].scope, scope_with("district_bureau", fresh=True)
    with pytest.raises(RefusedError) as error:
        propose_early_end(first, ready.round.pk, reason=" ")
    assert code_of(error) == "closing.reason_missing"
    proposal = propose_early_end(first, ready.round.pk, reason="洪水，撤离群众")
    assert SurveyRound.objects.get(pk=ready.round.pk).state == state
    assert waiting_early_end(ready.round.pk) == proposal
    with pytest.raises(RefusedError) as error:
        propose_early_end(second, ready.round.pk, reason="洪水，撤离群众")
    assert code_of(error) == "closing.proposed_already"
    with pytest.raises(RefusedError) as error:
        approve(first, proposal.pk)
    assert code_of(error) == "approval.same_person"
    with pytest.raises(PermissionDenied):
        approve(keepers[Body.AUDITOR].scope, proposal.pk)
    approve(second, proposal.pk)
    assert SurveyRound.objects.get(pk=ready.round.pk).state == SurveyRound.State.CLOSING
    told = StagedEntry.objects.get(kind="round.closing").record["early"]
    who = (first.user_id, second.user_id)
    assert (told["by"], told["approved_by"]) == who
    assert commits_to(told, "reason", "洪水，撤离群众")


def test_an_early_end_does_not_survive_a_moved_end(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    first, second = keepers[Body.BUREAU].scope, scope_with("district_bureau", fresh=True)
    proposal = propose_early_end(first, ready.round.pk, reason="洪水，撤离群众")
    later = SurveyRound.objects.get(pk=ready.round.pk).closes_at + timedelta(days=1)
    SurveyRound.objects.filter(pk=ready.round.pk).update(closes_at=later)
    with pytest.raises(RefusedError) as error:
        approve(second, proposal.pk)
    assert code_of(error) == "closing.end_moved"
    SurveyRound.objects.filter(pk=ready.round.pk).update(closes_at=now())
    with pytest.raises(RefusedError) as error:
        propose_early_end(first, ready.round.pk, reason="洪水，撤离群众")
    assert code_of(error) == "closing.over_already"


def test_without_a_fresh_second_factor_no_key_is_taken(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    from dataclasses import replace
    from datetime import timedelta

    from django.utils import timezone

    factory.end_voting(ready, keepers)
    stale = replace(keepers[Body.BUREAU].scope, second_factor_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(RefusedError) as error:
        bring_key(stale, ready.round.pk, keepers[Body.BUREAU].file, PASSPHRASE)
    assert code_of(error) == "approval.factor_needed"


def test_who_left_the_body_opens_nothing_for_it(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    factory.end_voting(ready, keepers)
    auditor = keepers[Body.AUDITOR]
    factory.bring(ready, auditor)
    Grant.objects.filter(user_id=auditor.scope.user_id).delete()
    with pytest.raises(RefusedError) as error:
        factory.bring(ready, auditor)
    assert code_of(error) == "closing.role_ended"
    factory.bring(ready, keepers[Body.BUREAU])
    assert key_files.read_private(ready.round.pk) is None
    assert RoundClosing.objects.get(pk=ready.round.pk).first_custodian == keepers[Body.BUREAU].row
    factory.bring(ready, keepers[Body.THIRD_PARTY])
    assert key_files.read_private(ready.round.pk) is not None


def test_no_round_is_sealed_for_somebody_who_left_the_body(
    district: SmallDistrict, keepers: dict[Body, Keeper]
) -> None:
    Grant.objects.filter(user_id=keepers[Body.AUDITOR].scope.user_id).delete()
    with pytest.raises(RefusedError) as error:
        factory.reseal(open_round(district, n=1))
    assert code_of(error) == "custody.bodies_missing"


def test_a_public_key_that_was_swapped_in_the_database_takes_no_vote(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    """Who can write to the database, and nothing else, could read every ballot sealed to a key of theirs."""
    own = bytes(RoundKey.objects.get(pk=ready.round.pk).public_key)
    RoundKey.objects.filter(pk=ready.round.pk).update(public_key=rules.new_pair()[1])
    assert factory.vote(ready.token).kind is Kind.STOPPED
    assert not BallotSlot.objects.exists()
    RoundKey.objects.filter(pk=ready.round.pk).update(public_key=own)
    assert factory.vote(ready.token).kind is Kind.ACCEPTED


def test_what_changed_while_the_file_was_opened_counts_at_closing(
    ready: OpenRound, keepers: dict[Body, Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two browsers of one person, at the same moment: the second finds the first's half."""
    factory.end_voting(ready, keepers)
    plain = rules.open_key_file

    def opened(file: bytes, passphrase: str) -> bytes:
        monkeypatch.setattr(rules, "open_key_file", plain)
        factory.bring(ready, keepers[Body.BUREAU])
        return plain(file, passphrase)

    monkeypatch.setattr(rules, "open_key_file", opened)
    with pytest.raises(RefusedError) as error:
        factory.bring(ready, keepers[Body.BUREAU])
    assert code_of(error) == "closing.same_custodian"
    assert key_files.read_private(ready.round.pk) is None


@pytest.fixture
def dumps_allowed() -> Iterator[None]:
    """As a system may be set; where it forbids them for good there is nothing to forbid."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("this system writes no core dumps at all")
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.mark.usefixtures("dumps_allowed")
def test_wherever_a_private_key_is_open_no_crash_writes_it_to_a_file(
    ready: OpenRound, keepers: dict[Body, Keeper], district: SmallDistrict
) -> None:
    bureau, auditor = keepers[Body.BUREAU], keepers[Body.AUDITOR]
    another = open_round(district, n=1)
    assert _core_limit_after(lambda: factory.reseal(another)) == 0
    assert _core_limit_after(lambda: custody.drill(bureau.scope, bureau.file, PASSPHRASE)) == 0
    factory.end_voting(ready, keepers)
    assert _core_limit_after(lambda: factory.bring(ready, bureau)) == 0
    assert _core_limit_after(lambda: factory.bring(ready, auditor)) == 0
    assert _core_limit_after(lambda: key_files.read_private(ready.round.pk)) == 0
    custody.retire(auditor.scope, auditor.row.pk, reason="变动")
    assert _core_limit_after(lambda: factory.keeper(Body.AUDITOR, proven=False)) == 0


def _core_limit_after(act: Callable[[], object]) -> int:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    act()
    return resource.getrlimit(resource.RLIMIT_CORE)[0]
