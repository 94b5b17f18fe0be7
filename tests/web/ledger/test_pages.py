"""Pages of the log: what auditors see, what everybody may fetch, what nobody gets."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minping_engine.verification import verify_log
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import KeptWords, Log, StagedEntry
from minping_web.ledger.services import export_opened, forget, sequence
from minping_web.ledger.services.committing import salt_of
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, scope_with, user
from tests.web.ledger.logs import backup, restore, stage_some
from tests.web.ledger_words import commits_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client: Client, district: SmallDistrict) -> Client:
    """A browser with an auditor in it."""
    who = user()
    grant(who, "auditor")
    return sign_in(client, who, factor_minutes_ago=30)


def test_everybody_can_copy_the_log_and_check_it(client: Client, tmp_path: Path) -> None:
    stage_some(300)
    sequence()
    for path in ("checkpoint", "tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44",
                 "tile/1/000.p/1"):  # fmt: skip
        answer = client.get(f"/log/{path}")
        assert answer.status_code == 200
        target = tmp_path / "copy" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(answer.content)
    key = client.get("/log/key").content.decode()
    report = verify_log(tmp_path / "copy", key)
    assert report.is_sound
    assert report.kinds == {"test.step": 300}


def test_tiles_are_kept_for_ever_and_checkpoints_are_fresh(client: Client) -> None:
    stage_some(1)
    sequence()
    assert "immutable" in client.get("/log/tile/0/000.p/1").headers["Cache-Control"]
    assert client.get("/log/checkpoint").headers["Cache-Control"] == "public, max-age=5"
    assert client.get("/log/checkpoint").headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/../checkpoint", "tile/0/../../../keys/ledger-key-1", "tile/entries/x", ".lock"],
)
def test_nothing_but_the_files_of_the_log_is_served(client: Client, path: str) -> None:
    stage_some(1)
    sequence()
    assert client.get(f"/log/{path}").status_code == 404


def test_an_unopened_log_says_so_and_has_no_files(client: Client) -> None:
    assert "还没有公布任何内容" in client.get("/log/").content.decode()
    assert client.get("/log/key").status_code == 404
    assert client.get("/log/checkpoint").status_code == 404


def test_auditors_see_size_kinds_and_what_waits(auditor: Client) -> None:
    stage_some(3)
    sequence()
    stage_some(2, "waiting")
    page = auditor.get("/ledger/").content.decode()
    assert Log.objects.get().verifier in page
    assert "test.step" in page
    listed = auditor.get("/ledger/entries/?state=waiting").content.decode()
    assert "waiting:1" in listed
    assert "step:1<" not in listed
    assert "waiting:1" in auditor.get("/ledger/entries/?format=csv").content.decode("utf-8-sig")


def test_a_log_that_must_be_recovered_is_told_in_red(auditor: Client) -> None:
    stage_some(1)
    sequence()
    taken = backup()
    stage_some(1, "later")
    sequence()
    restore(taken)
    page = auditor.get("/ledger/").content.decode()
    assert "ledger.database_behind" in page
    assert "ledger recover" in page


def test_street_staff_and_visitors_see_no_staff_page(client: Client, district: SmallDistrict) -> None:
    assert client.get("/ledger/").status_code == 302
    who = user()
    grant(who, "street_staff", area=district.streets[0])
    sign_in(client, who)
    for path in ("/ledger/", "/ledger/entries/", "/ledger/open/"):
        assert client.get(path).status_code == 403


def test_opening_records_asks_for_a_second_factor_first(auditor: Client) -> None:
    assert auditor.get("/ledger/open/").status_code == 302
    assert auditor.post("/ledger/open/", {"reason": "audit"}).status_code == 302
    assert not StagedEntry.objects.exists()


def test_opened_records_open_their_entries_and_the_export_is_entered(
    district: SmallDistrict, tmp_path: Path
) -> None:
    stage_some(4)
    sequence()
    forget(["step:3"])
    content = export_opened(scope_with("auditor"), reason="yearly audit", kind="test.step", first=1)
    opened = tmp_path / "opened.jsonl"
    opened.write_bytes(content)
    report = verify_log(selectors.folder_of(1), Log.objects.get().verifier, opened=opened)
    assert (report.opened, report.is_sound) == (2, True)
    entry = StagedEntry.objects.get(kind="ledger.export")
    assert entry.record["entries"] == 2
    assert commits_to(entry.record, "reason", "yearly audit")
    assert KeptWords.objects.get(step_id=entry.step_id).text == "yearly audit"
    (stated,) = selectors.stated_reasons(salt_of)
    assert (stated.kind, stated.reason) == ("ledger.export", "yearly audit")
    promised = hashlib.sha256(f"{stated.salt}\nyearly audit".encode()).hexdigest()
    assert entry.record["reason_sha256"] == promised
    assert salt_of(promised, "another reason", step=entry.step_id) == ""
    forget([entry.step_id])
    assert not KeptWords.objects.exists()


def test_records_are_not_opened_without_a_reason(district: SmallDistrict) -> None:
    with pytest.raises(RefusedError):
        export_opened(scope_with("auditor"), reason=" ")


def test_the_list_of_entries_takes_a_fixed_number_of_queries(
    auditor: Client, django_assert_max_num_queries: Any
) -> None:
    StagedEntry.objects.bulk_create(
        StagedEntry(step_id=f"s:{n}", kind="test.step", commitment=b"x" * 32, staged_at=timezone.now())
        for n in range(120)
    )
    with django_assert_max_num_queries(15):
        auditor.get("/ledger/entries/?page=2")
