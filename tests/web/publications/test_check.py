"""Anybody checks a page, a file, a hash or a code; a changed byte is found; no code tells whose card."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minping_web.accounts.models import User
from minping_web.assessments.models import AssessedResult
from minping_web.common.clock import now
from minping_web.common.models import Erasure
from minping_web.ledger.models import StagedEntry
from minping_web.people.models import Person
from minping_web.publications.models import CertifiedCopy, Publication
from minping_web.publications.selectors.copies import same_year
from minping_web.publications.selectors.current import folder_of
from minping_web.publications.services.clearing import clear_what_is_due, is_anything_due
from minping_web.publications.services.folder import publications_folder
from minping_web.rounds.models import SurveyRound
from tests.web import factories
from tests.web.entering import sign_in
from tests.web.publications import factory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

CHECK = "/published/check/"


def answer(text: str = "", content: bytes | None = None) -> str:
    """What the page says."""
    data: dict[str, object] = {"text": text}
    if content is not None:
        data["file"] = SimpleUploadedFile("saved.html", content)
    return Client().post(CHECK, data).content.decode()


def test_pages_files_hashes_and_codes_are_recognised_and_changed_ones_are_not() -> None:
    """A saved page in either language, a file, a hash as typed, a code; then the same with one change."""
    made = factory.published_district()
    saved = Client().get(f"/published/{made.pk}/").content
    assert "您保存的网页与公布内容一致" in answer(content=saved)
    assert "您保存的网页与公布内容一致" in answer(content=saved.replace(b"\n", b"\r\n"))
    assert "从未公布过" in answer(content=saved.replace(b"11,832", b"11,833"))
    file = made.files.get(path="public/bulletin.zh.json")
    content = (folder_of(made) / file.path).read_bytes()
    assert "该文件已公布" in answer(content=content)
    assert "从未公布过" in answer(content=content + b" ")
    spelled = " ".join([file.sha256[:32].upper(), file.sha256[32:]])
    assert "该文件已公布" in answer(f"sha256:{spelled}")
    assert "此核对码印在一个已公布的页面上" in answer(made.code.replace("-", "").lower())
    assert "此核对码印在" in Client().get(f"{CHECK}?code={made.code}").content.decode()
    assert "从未公布过" in answer("0000-0000-0000-0000")
    unreadable = Client().post(CHECK, {"text": "abc"})
    assert unreadable.status_code == 422
    assert "no-store" in unreadable.headers["Cache-Control"]
    _a_changed_file_is_not_given_out(made)


def _a_changed_file_is_not_given_out(made: Publication) -> None:
    page = folder_of(made) / "public" / "page.zh.html"
    page.write_text(page.read_text().replace("11,832", "91,832"))
    seen = Client().get(f"/published/{made.pk}/")
    assert (seen.status_code, "91,832" in seen.content.decode()) == (500, False)
    file = Client().get(f"/published/{made.pk}/files/page.zh.html")
    assert (file.status_code, "91,832" in file.content.decode()) == (500, False)


def test_copies_are_remembered_and_their_codes_tell_nobody_whose_they_are() -> None:
    """The person without a reason, the office with one; others find nothing; the clock forgets who."""
    made = factory.published_district()
    one, other = made.run.results.exclude(score=None)[:2]
    worker = _worker(one)
    own, foreign = (f"/publications/{made.pk}/copies/{row.pk}/" for row in (one, other))
    assert sign_in(Client(), worker).get(foreign).status_code == 404
    taken = sign_in(Client(), worker).post(own, {"language": "zh"})
    assert taken.content.startswith(b"%PDF")
    bureau = factories.user()
    factories.grant(bureau, "district_bureau")
    office = sign_in(Client(), bureau)
    assert office.post(own, {"language": "zh", "reason": ""}).status_code == 422
    again = office.post(own, {"language": "zh", "reason": "入职档案"})
    assert again.content == taken.content
    copies = list(CertifiedCopy.objects.order_by("pk"))
    assert [(row.is_own, row.reason) for row in copies] == [(True, ""), (False, "入职档案")]
    said = answer(copies[0].code)
    assert "出具过带有此核对码的证明副本" in said
    assert one.name not in said
    assert one.assessee_id not in said
    assert "逐字节相同" in answer(content=taken.content)
    assert "从未公布过" in answer(content=taken.content + b"\n")
    _the_clock_forgets_who(copies[0])
    _a_year_is_not_put_together_with_another_one(made)


def _a_year_is_not_put_together_with_another_one(made: Publication) -> None:
    """Of a scheme of the year each period is a year of its own."""
    found, run = made.round, made.run
    SurveyRound.objects.filter(pk=found.pk).update(period="2020")
    found.pk, found.period = None, "2019"
    found.save()
    run.pk, run.round = None, found
    run.save()
    Publication.objects.create(run=run, round=found, manifest_sha256="0" * 64, published_at=now())
    assert same_year(Publication.objects.get(pk=made.pk)) == [made]


def _worker(row: AssessedResult) -> User:
    """Somebody signed in whose card this is."""
    who = factories.user()
    row.person = Person.objects.create(code="W1", name=row.name, user=who)
    row.save()
    factories.grant(who, "worker")
    return who


def _the_clock_forgets_who(copy: CertifiedCopy) -> None:
    assert not is_anything_due()
    CertifiedCopy.objects.filter(pk=copy.pk).update(taken_at=now() - timedelta(days=4 * 365))
    (publications_folder() / ".run-999-torso").mkdir()
    stamp = (now() - timedelta(days=3)).timestamp()
    os.utime(publications_folder() / ".run-999-torso", (stamp, stamp))
    assert clear_what_is_due() == {"drafts": 1, "copies": 1}
    copy.refresh_from_db()
    assert (copy.result, copy.taken_by) == (None, None)
    entry = StagedEntry.objects.get(step_id=f"publication-copy-{copy.pk}")
    assert (entry.record, entry.nonce) == (None, None)
    assert "出具过带有此核对码的证明副本" in answer(copy.code)
    assert Erasure.objects.count() == StagedEntry.objects.filter(kind="publication.cleared").count() == 2
