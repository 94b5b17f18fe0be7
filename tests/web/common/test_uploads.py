"""Uploads stay in memory: nothing plain on a disk, nothing kept of strangers."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from minping_web.common.clock import now
from minping_web.common.import_flow import draft_of, drop_old_drafts, keep_draft, table_of
from minping_web.common.models import ImportDraft
from minping_web.common.uploads import MOST_BYTES, MemoryUploadHandler, opened_in_memory
from minping_web.jobs.rules import registry
from minping_web.people.imports import PEOPLE, PEOPLE_IMPORT
from tests.web.factories import SmallDistrict, scope_with, user
from tests.web.places.factory import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
TABLE = "工号,姓名,工作手机\nS1,试验,10000000001\n".encode()


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files of this process alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_draft_is_read_without_a_plain_file(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = scope_with("district_bureau")
    draft = keep_draft(scope, PEOPLE_IMPORT, SimpleUploadedFile("people.csv", TABLE))
    written: list[Path] = []
    monkeypatch.setattr(Path, "write_bytes", lambda path, _data: written.append(path))
    table = table_of(draft_of(scope, PEOPLE_IMPORT, draft.pk), PEOPLE)
    assert table.rows[0].values["work_phone"] == "10000000001"
    assert written == []
    assert list(watched.iterdir()) == []


def test_the_path_in_memory_is_gone_with_its_block() -> None:
    with opened_in_memory([b"a,b\n", b"1,2\n"], "Table.CSV") as path:
        assert path.suffix == ".csv"
        assert path.read_bytes() == b"a,b\n1,2\n"
    assert not path.exists()


def test_a_large_upload_of_an_official_is_not_spooled(
    client: Client, district: SmallDistrict, watched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled: list[str] = []
    monkeypatch.setattr(tempfile, "mkstemp", lambda *_args, **_names: spooled.append("file"))
    signed_in(client, "district_bureau")
    content = TABLE + b"\n" * 6_000_000
    answer = client.post(reverse("people:people_import"), {"file": SimpleUploadedFile("p.csv", content)})
    assert answer.status_code == 302
    assert spooled == []
    assert list(watched.iterdir()) == []


def test_what_is_too_large_is_refused_and_not_kept(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "district_bureau")
    file = SimpleUploadedFile("p.csv", b"x" * (MOST_BYTES + 1))
    answer = client.post(reverse("people:people_import"), {"file": file})
    assert [line.code for line in answer.context["problems"]] == ["import.too_large"]
    assert not ImportDraft.objects.exists()


@pytest.mark.parametrize("known", [True, False])
def test_of_a_stranger_no_byte_is_kept(rf: Any, known: bool) -> None:
    """The body is read before any page asks who sends it."""
    request = rf.post("/anything/", {"file": SimpleUploadedFile("p.csv", TABLE), "word": "kept"})
    request.user = user() if known else AnonymousUser()
    request.upload_handlers = [MemoryUploadHandler(request)]
    assert request.POST["word"] == "kept"
    assert ("file" in request.FILES) is known


def test_drafts_that_nobody_confirmed_are_erased_by_a_nightly_job() -> None:
    scope = scope_with("district_bureau")
    for _draft in range(2):
        keep_draft(scope, PEOPLE_IMPORT, SimpleUploadedFile("people.csv", TABLE))
    ImportDraft.objects.filter(pk=ImportDraft.objects.latest("pk").pk).update(
        made_at=now() - timedelta(days=2)
    )
    assert drop_old_drafts() == 1
    assert "imports.drop_drafts" in registry.periodic
