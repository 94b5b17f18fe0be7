"""Pages of objections: who sees what, files, deadlines, and that nobody decides in their own matter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from minping_web.common.clock import today
from minping_web.objections.models import (
    Correction,
    Evidence,
    EvidenceContent,
    EvidenceOpening,
    Exclusion,
    Objection,
)
from minping_web.objections.services.correcting import carry_out
from tests.web.objections import factory
from tests.web.objections.factory import Assessed, client_of, staff

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]
PDF = b"%PDF-1.7 invented"


def test_the_whole_way_by_pages(made: Assessed) -> None:
    """Opened, objected with a file, checked, decided, signed, carried out, compared."""
    first, second = (client_of(staff("district_bureau")) for _each in range(2))
    worker, run = client_of(made.bad), made.run.pk
    home = f"/objections/results/{run}/"
    assert first.get(home + "open/").status_code == 200
    assert first.post(home + "open/").headers["Location"] == home
    assert "预览" in worker.get("/objections/mine/").content.decode()
    objection = _filed_by_page(made, worker)
    page = f"/objections/{objection.pk}/"
    _only_those_concerned_see_it(made, page, objection.evidence.get())
    street = client_of(staff("street_staff", area=made.district.streets[0]))
    assert f"/objections/{objection.pk}/" in street.get("/objections/check/").content.decode()
    assert street.post(page + "check/", {"findings": "情况属实", "advises": "granted"}).status_code == 302
    _overdue_is_shown(objection, first)
    assert "第 7 批" in first.get(page + "decide/").content.decode()
    said = {"outcome": "granted", "reasons": "代答属实", "batch 7": "on", "cause": "fabricated"}
    wrong = first.post(page + "decide/", {"outcome": "granted", "reasons": "代答属实"})
    assert wrong.status_code == 422
    assert first.post(page + "decide/", said).status_code == 302
    exclusion = Exclusion.objects.get()
    assert first.post(f"/approvals/{exclusion.proposal_id}/approve/").status_code == 422
    factory.signed([exclusion])
    factory.window_over(objection.preview)
    assert second.post(home + "correct/").headers["Location"] == home
    carry_out(Correction.objects.get().pk)
    factory.finished(Correction.objects.get().new_run)
    shown = second.get(home + "difference/").content.decode()
    assert "王试1" in shown
    assert "王试0" not in shown
    for one in ("", "exclusions/", f"exclusions/{exclusion.pk}/", "results/", f"results/{run}/"):
        assert second.get(f"/objections/{one}").status_code == 200, one
    assert "已采纳" in worker.get(page).content.decode()
    for table in ("", "exclusions/", f"results/{run}/difference/"):
        assert second.get(f"/objections/{table}?format=csv").status_code == 200, table


def _filed_by_page(made: Assessed, worker: object) -> Objection:
    address = f"/objections/mine/{made.result().pk}/new/"
    assert worker.get(address).status_code == 200
    told = {"subject": "batch", "text": "这批访问不是入户做的"}
    bad = SimpleUploadedFile("证据.pdf", b"MZ no pdf")
    refused = worker.post(address, {**told, "evidence": [bad]})
    assert refused.status_code == 422
    assert "证据.pdf" in refused.content.decode()
    good = SimpleUploadedFile("证据.pdf", PDF)
    assert worker.post(address, {**told, "evidence": [good]}).status_code == 302
    return Objection.objects.get()


def _only_those_concerned_see_it(made: Assessed, page: str, file: Evidence) -> None:
    address = f"/objections/evidence/{file.pk}/"
    streets = made.district.streets
    seen = {
        "objector": (made.bad, 200, 200), "rival": (made.good, 404, 404),
        "own street": (staff("street_staff", area=streets[0]), 200, 200),
        "other street": (staff("street_staff", area=streets[1]), 404, 404),
        "auditor": (staff("auditor"), 200, 404), "bureau": (staff("district_bureau"), 200, 200),
    }  # fmt: skip
    for name, (who, sees, reads) in seen.items():
        client = client_of(who)
        assert client.get(page).status_code == sees, name
        answer = client.get(address)
        assert answer.status_code == reads, name
        if reads == 200:
            assert answer.content == PDF
            assert answer.headers["Content-Disposition"].startswith("attachment")
    assert EvidenceOpening.objects.count() == 3
    assert PDF not in bytes(EvidenceContent.objects.get().sealed)


def _overdue_is_shown(objection: Objection, bureau: object) -> None:
    Objection.objects.filter(pk=objection.pk).update(due_on=today() - timedelta(days=1))
    assert f"/objections/{objection.pk}/" in bureau.get("/objections/?outcome=overdue").content.decode()
