"""Pages of custodians, of closing, and what everybody may check of a closed round."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minping_engine.proof import commitment_of, leaf_hash, root_of_hashes
from minping_engine.snapshot import open_snapshot
from minping_web.accounts.models import User
from minping_web.ballots.models import Custodian, RoundClosing
from minping_web.ballots.rules.words import Body, ClosingState
from minping_web.ledger.models import StagedEntry
from minping_web.ledger.services import sequence
from minping_web.snapshots.models import SealedSnapshot, SnapshotDownload
from minping_web.snapshots.selectors.register import folder_of
from tests.web import factories
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.snapshots import factory
from tests.web.snapshots.factory import PASSPHRASE, Keeper

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    factory.cheap_scrypt(monkeypatch)
    settings.LEDGER_FOLDER = tmp_path / "ledger"


@pytest.fixture
def keepers(db: None) -> dict[Body, Keeper]:
    """Three custodians."""
    return factory.three_keepers()


@pytest.fixture
def ready(district: SmallDistrict, keepers: dict[Body, Keeper]) -> OpenRound:
    """Two areas with six households each; all but one voted."""
    made = open_round(district, n=6, areas=district.responsibility_areas[:2])
    factory.reseal(made)
    return made


def client_of(keeper: Keeper) -> Client:
    return sign_in(Client(), User.objects.get(pk=keeper.scope.user_id))


def key_form(keeper: Keeper, passphrase: str = PASSPHRASE) -> dict[str, object]:
    return {"file": SimpleUploadedFile("minping-key.json", keeper.file), "passphrase": passphrase}


def closed(ready: OpenRound, keepers: dict[Body, Keeper]) -> list[str]:
    """Close the round; the receipts."""
    receipts = [factory.vote(token).receipt for token in ready.all_tokens[:-1]]
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.AUDITOR], keepers[Body.BUREAU])
    factory.close(ready)
    return receipts


def test_a_key_is_downloaded_once_and_tried(db: None) -> None:
    who = factories.user()
    factories.grant(who, "auditor")
    client = sign_in(Client(), who)
    form = {"body": "auditor", "passphrase": PASSPHRASE, "again": PASSPHRASE}
    answer = client.post("/custodians/make/", form)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    file = answer.content
    assert json.loads(file)["body"] == "auditor"
    row = Custodian.objects.get()
    assert row.proven_on is None
    tried = client.post(
        "/custodians/drill/", {"file": SimpleUploadedFile("k.json", file), "passphrase": PASSPHRASE}
    )
    assert tried.status_code == 302
    row.refresh_from_db()
    assert row.proven_on is not None
    assert client.post("/custodians/make/", form).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"again": "another sentence"}, {"passphrase": "short", "again": "short"}, {"body": "bureau"}]
)
def test_a_slip_of_the_finger_makes_no_key(db: None, wrong: dict[str, str]) -> None:
    who = factories.user()
    factories.grant(who, "auditor")
    form = {"body": "auditor", "passphrase": PASSPHRASE, "again": PASSPHRASE} | wrong
    answer = sign_in(Client(), who).post("/custodians/make/", form)
    assert answer.status_code == 422
    assert PASSPHRASE not in answer.content.decode()
    assert not Custodian.objects.exists()


def test_a_stale_second_factor_is_asked_for_again(keepers: dict[Body, Keeper], ready: OpenRound) -> None:
    factory.end_voting(ready, keepers)
    client = sign_in(
        Client(), User.objects.get(pk=keepers[Body.AUDITOR].scope.user_id), factor_minutes_ago=60
    )
    answer = client.post(f"/closing/{ready.round.pk}/key/", key_form(keepers[Body.AUDITOR]))
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"] or "totp" in answer.headers["Location"]
    assert RoundClosing.objects.get().first_custodian is None


def test_two_custodians_close_a_round_on_their_pages(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    for token in ready.all_tokens:
        factory.vote(token)
    bureau, auditor = client_of(keepers[Body.BUREAU]), client_of(keepers[Body.AUDITOR])
    page = f"/closing/{ready.round.pk}/"
    assert "closing_start" not in bureau.get(page).content.decode()
    assert bureau.post(f"{page}start/").status_code == 422
    factory.end_voting(ready, keepers)
    assert auditor.post(f"{page}key/", key_form(keepers[Body.AUDITOR], "wrong passphrase")).status_code == 422
    assert auditor.post(f"{page}key/", key_form(keepers[Body.AUDITOR])).status_code == 302
    assert auditor.post(f"{page}key/", key_form(keepers[Body.AUDITOR])).status_code == 422
    assert bureau.post(f"{page}key/", key_form(keepers[Body.BUREAU])).status_code == 302
    factory.close(ready)
    text = auditor.get(page).content.decode()
    assert ready.areas[0].code in text
    assert RoundClosing.objects.get().state == ClosingState.PURGED


def test_whoever_holds_no_key_of_the_round_sees_no_form(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    factory.end_voting(ready, keepers)
    who = factories.user()
    factories.grant(who, "survey_manager")
    stranger = sign_in(Client(), who)
    page = f"/closing/{ready.round.pk}/"
    assert f"{page}key/" not in stranger.get(page).content.decode()
    assert stranger.post(f"{page}key/", key_form(keepers[Body.THIRD_PARTY])).status_code == 422
    worker = factories.user()
    factories.grant(worker, "street_staff")
    assert sign_in(Client(), worker).get(page).status_code == 403


def test_a_receipt_is_found_however_it_is_typed(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    receipt = closed(ready, keepers)[0]
    spaced = " ".join(receipt[at : at + 4].lower() for at in range(0, 16, 4))
    for typed in (receipt, spaced):
        text = Client().post("/counted/", {"receipt": typed}).content.decode()
        assert "notice ok" in text
        assert ready.round.name in text
    text = Client().post("/counted/", {"receipt": "A" * 16}).content.decode()
    assert "notice ok" not in text
    assert "notice warn" in text
    assert Client().post("/counted/", {"receipt": "too short"}).status_code == 422


def test_before_the_end_no_receipt_is_found(ready: OpenRound, keepers: dict[Body, Keeper]) -> None:
    receipt = factory.vote(ready.token).receipt
    assert "notice ok" not in Client().post("/counted/", {"receipt": receipt}).content.decode()
    assert Client().get(f"/counted/{ready.round.pk}/").status_code == 404
    assert Client().get(f"/counted/{ready.round.pk}/counted.txt").status_code == 404


def test_the_published_list_gives_the_roots_that_the_ledger_sealed(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    receipts = closed(ready, keepers)
    text = b"".join(Client().get(f"/counted/{ready.round.pk}/counted.txt").streaming_content).decode()  # type: ignore[attr-defined]
    listed = [line for line in text.splitlines() if len(line) == 16 and not line.startswith(("#", "["))]
    assert sorted(listed) == sorted(receipts)
    assert Client().get(f"/counted/{ready.round.pk}/record.jsonl").status_code == 404
    sequence()
    opened = json.loads(Client().get(f"/counted/{ready.round.pk}/record.jsonl").content)
    record = opened["record"]
    roots = {}
    for section in text.split("\n[")[1:]:
        head, *lines = section.splitlines()
        roots[head.split("]")[0]] = root_of_hashes([leaf_hash(line.encode()) for line in lines if line])
    assert {row["area"]: row["receipts_root"] for row in record["areas"]} == {
        code: root.hex() for code, root in roots.items()
    }
    whole = root_of_hashes([leaf_hash(code.encode() + roots[code]) for code in sorted(roots)])
    assert record["receipts_root"] == whole.hex()
    entry = StagedEntry.objects.get(kind="round.counted")
    assert commitment_of(record, bytes.fromhex(opened["nonce"])) == bytes(entry.commitment)
    assert all(row["ballots"] <= row["spent"] <= row["drawn"] for row in record["areas"])


def test_only_the_auditor_takes_a_copy_and_it_is_remembered(
    ready: OpenRound, keepers: dict[Body, Keeper], tmp_path: Path
) -> None:
    closed(ready, keepers)
    row = SealedSnapshot.objects.get()
    address = f"/snapshots/{row.pk}/download/"
    assert client_of(keepers[Body.BUREAU]).post(address, {"reason": "x"}).status_code == 403
    auditor = client_of(keepers[Body.AUDITOR])
    assert auditor.post(address, {"reason": ""}).status_code == 422
    answer = auditor.post(address, {"reason": "复核"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    assert open_snapshot(tmp_path / row.folder).sha256 == row.sha256
    assert SnapshotDownload.objects.get().reason == "复核"
    assert "复核" in auditor.get(f"/snapshots/{row.pk}/").content.decode()


def test_lists_take_the_same_number_of_queries_however_long(
    ready: OpenRound, keepers: dict[Body, Keeper], django_assert_max_num_queries: object
) -> None:
    closed(ready, keepers)
    client = client_of(keepers[Body.AUDITOR])
    for address in ("/snapshots/", f"/snapshots/{SealedSnapshot.objects.get().pk}/", "/custodians/"):
        with django_assert_max_num_queries(24):  # type: ignore[operator]
            assert client.get(address).status_code == 200
    assert client.get("/snapshots/?format=csv").status_code == 200


def test_merged_cells_are_folded_by_variable_and_leave_as_a_table(
    ready: OpenRound, keepers: dict[Body, Keeper]
) -> None:
    closed(ready, keepers)
    row, client = SealedSnapshot.objects.get(), client_of(keepers[Body.AUDITOR])
    file = folder_of(row) / "snapshot.json"
    manifest = json.loads(file.read_text("utf-8"))
    code = ready.areas[0].code
    manifest["merged_cells"] = [
        {"area": code, "variable": "mode", "levels": [3, 4], "into": 0} for _number in range(60)
    ] + [{"area": code, "variable": "tenure", "levels": [0, 1], "into": 9}]
    file.write_text(json.dumps(manifest), "utf-8")
    page = client.get(f"/snapshots/{row.pk}/")
    assert [(kind.variable, kind.areas, kind.count, kind.is_open) for kind in page.context["merges"]] == [
        ("mode", 1, 60, False), ("tenure", 1, 1, False),
    ]  # fmt: skip
    assert page.content.decode().count('<tr><th scope="row" data-label="区域">') == 51
    second = client.get(f"/snapshots/{row.pk}/", {"variable": "mode", "page": "2"})
    assert [(kind.is_open, len(kind.page.object_list)) for kind in second.context["merges"]] == [
        (True, 10), (False, 1),
    ]  # fmt: skip
    exported = client.get(f"/snapshots/{row.pk}/?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(exported) == 62
