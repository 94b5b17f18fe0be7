"""A round is closed: every acknowledged vote is in the snapshot, none twice, and nothing leads back."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from django.conf import settings

from minping_engine.snapshot import (
    check_snapshot,
    file_sha256,
    open_snapshot,
    read_parquet,
    write_json,
    write_parquet,
)
from minping_engine.terms import Mode
from minping_web.ballots.models import (
    BallotSlot,
    CountedReceipt,
    OpenBallot,
    RoundClosing,
    RoundKey,
    SealedComment,
)
from minping_web.ballots.rules.words import Body, ClosingState
from minping_web.ballots.selectors.slips import find
from minping_web.ballots.services import key_files
from minping_web.ballots.services.casting import Kind
from minping_web.ballots.services.closing import cancelled_with_secrets, resume_broken_off
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import Invitation, RoundArea, RoundInstrument, SurveyRound
from minping_web.rounds.services.secrets import key_folder, secrets_of
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import counted_lines, counted_round
from minping_web.snapshots.services import writing
from minping_web.snapshots.services.closing import discard_round
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, instrument_version, open_round
from tests.web.snapshots import factory
from tests.web.snapshots.factory import Keeper

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    factory.cheap_scrypt(monkeypatch)


@pytest.fixture
def keepers(db: None) -> dict[Body, Keeper]:
    """Three custodians."""
    return factory.three_keepers()


@pytest.fixture
def ready(district: SmallDistrict, keepers: dict[Body, Keeper]) -> OpenRound:
    """Six areas with seven households each."""
    made = open_round(district, n=7)
    factory.reseal(made)
    return made


def snapshot_of(ready: OpenRound) -> Path:
    row = SealedSnapshot.objects.get(round=ready.round)
    return Path(settings.DATA_FOLDER) / "snapshots" / row.folder


def closed(ready: OpenRound, keepers: dict[Body, Keeper], first: Body, second: Body) -> None:
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[first], keepers[second])
    factory.close(ready)


def test_every_receipt_is_counted_once_and_the_engine_accepts_the_snapshot(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    tokens = ready.all_tokens[:-3]
    receipts = [factory.vote(token, comment="路灯坏了，请找王建国13812345678").receipt for token in tokens]
    closed(ready, keepers, Body.AUDITOR, Body.BUREAU)
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    assert (closing.state, closing.n_slots, closing.n_counted, closing.n_invalid) == (
        ClosingState.PURGED, len(tokens), len(tokens), 0,
    )  # fmt: skip
    found = list(CountedReceipt.objects.order_by("pk").values_list("receipt", flat=True))
    assert found == sorted(receipts)
    folder = snapshot_of(ready)
    assert check_snapshot(folder) == ()
    snapshot = open_snapshot(folder)
    assert snapshot.sha256 == closing.snapshot_sha256
    withheld = sum(row["withheld"] for row in closing.counts)
    assert sum(part.rows for part in snapshot.parts) == len(tokens) - withheld
    assert SurveyRound.objects.get(pk=ready.round.pk).state == SurveyRound.State.CLOSED
    texts = snapshot.table("comments")["text"].to_pylist()
    assert len(texts) == len(tokens) - withheld
    assert not any("13812345678" in text for text in texts)
    assert SealedComment.objects.count() == len(tokens)
    assert StagedEntry.objects.filter(step_id=f"round-{ready.round.pk}-counted").exists()


def test_slots_and_keys_are_gone_afterwards(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    for token in ready.all_tokens:
        factory.vote(token)
    closed(ready, keepers, Body.BUREAU, Body.THIRD_PARTY)
    assert not BallotSlot.objects.exists()
    assert not key_folder(ready.round.pk).exists()
    assert RoundKey.objects.get(pk=ready.round.pk).destroyed_on is not None
    left = [path.name for path in snapshot_of(ready).parent.glob(f"*round-{ready.round.pk}-*")]
    assert left == [snapshot_of(ready).name]


def test_answers_arrive_as_they_were_given(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    for number, token in enumerate(ready.all_tokens):
        factory.vote(token, (5 if number % 2 else None, 4, 3, 2, 1))
    closed(ready, keepers, Body.BUREAU, Body.THIRD_PARTY)
    (part,) = open_snapshot(snapshot_of(ready)).parts
    table = read_parquet(part.path)
    n = len(ready.all_tokens)
    assert table["item_q1"].to_pylist().count(5) == n // 2
    assert table["item_q1"].null_count == n - n // 2
    assert set(table["item_q5"].to_pylist()) == {1}
    assert "cell_age_band" in table.column_names


def problem_of(ready: OpenRound) -> str:
    return str(RoundClosing.objects.get(pk=ready.round.pk).problem.get("code", ""))


def begun(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.AUDITOR], keepers[Body.BUREAU])


def refused(ready: OpenRound) -> str:
    with pytest.raises(RefusedError) as error:
        factory.close(ready)
    return error.value.problems[0].code


def test_a_tampered_slot_is_counted_invalid_and_said(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    receipts = {token: factory.vote(token).receipt for token in ready.all_tokens}
    slot = BallotSlot.objects.order_by("h2")[0]
    slot.sealed = bytes(slot.sealed)[:-1] + bytes([bytes(slot.sealed)[-1] ^ 1])
    slot.save(update_fields=["sealed"])
    begun(ready, keepers)
    factory.close(ready)
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    assert (closing.n_slots, closing.n_counted, closing.n_invalid) == (len(receipts), len(receipts) - 1, 1)
    lost = set(receipts.values()) - set(CountedReceipt.objects.values_list("receipt", flat=True))
    assert len(lost) == 1
    assert sum(row["spent"] - row["ballots"] for row in closing.counts) == 1


def test_a_ballot_copied_to_another_slot_is_not_counted_there(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    for token in ready.all_tokens:
        factory.vote(token)
    first, second = BallotSlot.objects.order_by("h2")[:2]
    BallotSlot.objects.filter(pk=second.pk).update(sealed=bytes(first.sealed))
    begun(ready, keepers)
    factory.close(ready)
    assert RoundClosing.objects.get(pk=ready.round.pk).n_invalid == 1


def test_a_slot_that_nobody_cast_stops_the_closing(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    for token in ready.all_tokens[:5]:
        factory.vote(token)
    copied = BallotSlot.objects.all()[0]
    BallotSlot.objects.create(
        h2=bytes(32), round=ready.round, form_mac=bytes(16), sealed=bytes(copied.sealed)
    )
    begun(ready, keepers)
    assert refused(ready) == "closing.slots_differ" == problem_of(ready)
    assert BallotSlot.objects.count() == 6
    assert key_files.read_private(ready.round.pk) is None
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    assert (closing.first_custodian, closing.second_custodian) == (None, None)
    assert secrets_of(ready.round.pk) is not None
    BallotSlot.objects.filter(pk=bytes(32)).delete()
    factory.bring(ready, keepers[Body.THIRD_PARTY], keepers[Body.BUREAU])
    factory.close(ready)
    assert RoundClosing.objects.get(pk=ready.round.pk).n_counted == 5


def test_ballots_beyond_the_households_of_an_area_stop_the_closing(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    """Who can write to the database may move a household, but not into an area without being seen."""
    for token in ready.all_tokens:
        factory.vote(token)
    one = Invitation.objects.filter(round=ready.round).order_by("pk")[0]
    other = next(area for area in ready.areas if area.pk != one.area_id)
    Invitation.objects.filter(pk=one.pk).update(area=other)
    begun(ready, keepers)
    assert refused(ready) == "closing.area_exceeds"
    assert not CountedReceipt.objects.exists()
    assert not list(writing.snapshot_folder().glob(f"*round-{ready.round.pk}-*"))


def test_a_second_process_that_counts_otherwise_stops_the_closing(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    for token in ready.all_tokens:
        factory.vote(token)
    begun(ready, keepers)

    def swapped(step: str) -> None:
        """A faulty disk: a file of the folder is another than was written, with a manifest that fits it."""
        if step == "written":
            (folder,) = writing.snapshot_folder().glob(f"round-{ready.round.pk}-*")
            _rewrite(folder)

    with pytest.raises(RefusedError) as error:
        factory.close(ready, swapped)
    assert error.value.problems[0].code == "closing.recount_differs"
    assert BallotSlot.objects.count() == len(ready.all_tokens)
    assert not StagedEntry.objects.filter(kind="round.counted").exists()


def _rewrite(folder: Path) -> None:
    (part,) = open_snapshot(folder).parts
    table = read_parquet(part.path)
    codes = table["item_q1"].to_pylist()
    codes[0] = 1 if codes[0] == 5 else 5
    at = table.column_names.index("item_q1")
    write_parquet(table.set_column(at, "item_q1", pa.array(codes, pa.int16())), part.path)
    manifest = json.loads((folder / "snapshot.json").read_text("utf-8"))
    for file in manifest["files"]:
        file["sha256"] = file_sha256(folder / file["path"])
    write_json(manifest, folder / "snapshot.json")


def test_no_vote_is_taken_once_the_round_is_being_closed(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    first, second, *_rest = ready.all_tokens
    factory.vote(first)
    slip = find(second)
    factory.end_voting(ready, keepers)
    assert slip is not None
    assert factory.vote(second).kind is Kind.ENDED
    assert BallotSlot.objects.count() == 1


def test_a_voided_area_is_set_aside_and_said(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    for token in ready.all_tokens:
        factory.vote(token)
    gone = ready.areas[0]
    RoundArea.objects.filter(round=ready.round, area=gone).update(voided=True)
    begun(ready, keepers)
    factory.close(ready)
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    assert closing.n_set_aside == len(ready.tokens[gone.pk])
    assert closing.n_counted == len(ready.all_tokens) - len(ready.tokens[gone.pk])
    assert not CountedReceipt.objects.filter(area=gone).exists()


def test_a_cancelled_round_is_destroyed_without_a_count(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    for token in ready.all_tokens[:3]:
        factory.vote(token)
    SurveyRound.objects.filter(pk=ready.round.pk).update(state=SurveyRound.State.CANCELLED)
    assert discard_round(ready.round.pk)
    assert not BallotSlot.objects.exists()
    assert not key_folder(ready.round.pk).exists()
    assert not SealedSnapshot.objects.exists()


def test_answers_to_the_open_link_are_kept_apart(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    """S24: two figures, never one."""
    for token in ready.all_tokens:
        factory.vote(token)
    for area, many in ((ready.areas[0], 6), (ready.areas[1], 2)):
        for _n in range(many):
            factory.open_answer(ready, area)
    begun(ready, keepers)
    factory.close(ready)
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    assert closing.n_counted == len(ready.all_tokens)
    folder = snapshot_of(ready)
    snapshot = open_snapshot(folder)
    (part,) = snapshot.parts
    modes = read_parquet(part.path)["mode"].to_pylist()
    assert modes.count(Mode.OPEN_ONLINE) == 6
    assert snapshot.manifest["import_rule"]["open_online"] == 8
    assert snapshot.manifest["import_rule"]["open_online_withheld"] == 2
    assert not OpenBallot.objects.exists()
    assert check_snapshot(folder) == ()


def test_a_lone_ballot_of_a_questionnaire_in_an_area_is_counted_and_not_released(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    """The office knows which household of the area got the other questionnaire."""
    other = instrument_version(id="test-special")
    asked = RoundInstrument.objects.filter(round=ready.round).order_by("pk")[0]
    RoundInstrument.objects.filter(pk=asked.pk).update(version=other)
    lone, *rest = ready.tokens[ready.areas[0].pk]
    receipt = factory.vote(lone, (1, 1, 1, 1, 1), instrument="test-special@1").receipt
    for token in (*rest, *ready.tokens[ready.areas[1].pk], *ready.tokens[ready.areas[2].pk][:4]):
        factory.vote(token)
    begun(ready, keepers)
    factory.close(ready)
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    ballots = {row["area"]: (row["ballots"], row["withheld"]) for row in closing.counts if row["ballots"]}
    assert ballots == {
        ready.areas[0].code: (7, 1), ready.areas[1].code: (7, 0), ready.areas[2].code: (4, 4),
    }  # fmt: skip
    assert CountedReceipt.objects.filter(receipt=receipt).exists()
    assert CountedReceipt.objects.count() == closing.n_counted == 18
    snapshot = open_snapshot(snapshot_of(ready))
    assert {part.instrument: part.rows for part in snapshot.parts if part.rows} == {"test-worker@1": 13}
    rule = snapshot.manifest["import_rule"]
    assert (rule["withheld"], rule["open_online_withheld"]) == (5, 0)
    assert set(rule["small_areas"]) == {ready.areas[0].code, ready.areas[2].code}
    record = StagedEntry.objects.get(kind="round.counted").record
    assert (record["counted"], record["withheld"]) == (18, 5)
    assert check_snapshot(snapshot_of(ready)) == ()
    listed = "".join(counted_lines(counted_round(ready.round.pk)))
    assert "withheld" in listed
    assert receipt in listed


def test_comments_are_released_only_beside_released_ballots_of_invited_households(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    """Who knows the one household of an area that voted would know who wrote its comment."""
    other = instrument_version(id="test-special")
    asked = RoundInstrument.objects.filter(round=ready.round).order_by("pk")[0]
    RoundInstrument.objects.filter(pk=asked.pk).update(version=other)
    many, few, *_rest = ready.areas
    lone, *others = ready.tokens[many.pk]
    factory.vote(lone, instrument="test-special@1", comment="另一种问卷")
    for number, token in enumerate(others):
        factory.vote(token, comment="路灯不亮" if number < 2 else "")
    factory.vote(ready.tokens[few.pk][0], comment="只有一户投票")
    for _n in range(6):
        factory.open_answer(ready, many, comment="公开链接")
    closed(ready, keepers, Body.AUDITOR, Body.BUREAU)
    snapshot = open_snapshot(snapshot_of(ready))
    released = snapshot.table("comments").to_pylist()
    assert [row["text"] for row in released] == ["路灯不亮", "路灯不亮"]
    (target,) = {row["target"] for row in released}
    assert snapshot.table("targets")["area_id"].to_pylist()[target] == many.code
    assert snapshot.manifest["import_rule"]["open_online_comments"] == 6
    numbers = set(SealedComment.objects.values_list("comment_number", flat=True))
    assert len(numbers) == 10
    assert {row["comment_id"] for row in released} < numbers


def test_a_round_of_lone_ballots_alone_is_closed_all_the_same(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    for area in ready.areas:
        factory.vote(ready.tokens[area.pk][0])
    begun(ready, keepers)
    factory.close(ready)
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    assert (closing.state, closing.n_counted) == (ClosingState.PURGED, len(ready.areas))
    assert sum(part.rows for part in open_snapshot(snapshot_of(ready)).parts) == 0


def test_secrets_that_a_crash_left_of_a_round_cancelled_before_its_opening_go(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    RoundKey.objects.filter(pk=ready.round.pk).delete()
    assert resume_broken_off() == 0
    assert secrets_of(ready.round.pk) is not None
    SurveyRound.objects.filter(pk=ready.round.pk).update(state=SurveyRound.State.CANCELLED)
    assert cancelled_with_secrets() == [ready.round.pk]
    resume_broken_off()
    assert not key_folder(ready.round.pk).exists()
    assert cancelled_with_secrets() == []
