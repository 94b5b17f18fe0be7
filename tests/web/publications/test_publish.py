"""From a result to public pages whose hashes the ledger holds; a correction leaves both public (D11, S14)."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import closing
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from minping_engine.proof import check_inclusion, leaf_hash, open_checkpoint, verifier_key
from minping_engine.reporting import PaperSpan, write_annual_cards
from minping_engine.verification import published_part, verify_log, verify_page
from minping_web.assessments.models import AssessmentRun
from minping_web.common import approval, events
from minping_web.common.clock import now, today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, system_scope
from minping_web.jobs.models import Job
from minping_web.jobs.services import enqueue
from minping_web.ledger.models import StagedEntry
from minping_web.ledger.selectors import current_log
from minping_web.ledger.selectors import folder_of as log_folder_of
from minping_web.ledger.services import sequence
from minping_web.objections.models import Preview
from minping_web.publications.events import Published
from minping_web.publications.models import Publication, PublicationOrder
from minping_web.publications.rules.words import OrderState
from minping_web.publications.selectors.current import folder_of, publication_of_round
from minping_web.publications.services import copies, folder, publish
from minping_web.publications.services.contents import tells_no_few
from minping_web.publications.services.folder import publications_folder
from minping_web.publications.services.publish import publish_now, publish_order
from minping_web.snapshots.services.versions import Correction, make_version
from tests.web import factories
from tests.web.entering import sign_in
from tests.web.publications import factory
from tests.web.snapshots.factory import Quiet

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def client_of(role: str) -> Client:
    """Somebody with that role."""
    who = factories.user()
    factories.grant(who, role)
    return sign_in(Client(), who)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Published]:
    """Events `Published`, instead of the reactions of other apps."""
    import_module("minping_web.site.urls")  # the first load of the addresses sets the reactions anew
    heard: list[Published] = []
    monkeypatch.setitem(events._handlers, Published, (heard.append,))
    return heard


def test_two_persons_publish_and_a_correction_leaves_both_public(
    told: list[Published], tmp_path: Path
) -> None:
    """Proposal, approval, job; page, files, proof; no person in anything public; correction, difference."""
    run = factory.assessed_district()
    _two_persons_publish(run)
    first = publication_of_round(run.round_id)
    assert first is not None
    assert told == [Published(first.pk, run.pk)]
    _nobody_is_named(first)
    _everything_is_where_its_hash_says(first)
    sequence()
    _the_ledger_holds(first, tmp_path)
    second = _corrected(first)
    assert told[1:] == [Published(second.pk, second.run_id, first.pk)]
    _both_are_public(first, second)


def _two_persons_publish(run: AssessmentRun) -> None:
    proposer, approver = client_of("district_bureau"), client_of("district_bureau")
    page = f"/publications/runs/{run.pk}/"
    assert "预览" in proposer.get(page).content.decode()
    assert proposer.post(page, {"reason": "按期公布"}).status_code == 422
    Preview.objects.create(run=run, opened_at=now(), ends_on=today() - timedelta(days=1))
    assert client_of("auditor").post(page, {"reason": "x"}).status_code == 403
    assert proposer.post(page, {"reason": "按期公布"}).headers["Location"] == page
    assert proposer.post(page, {"reason": "再次"}).status_code == 422
    proposal = Proposal.objects.get()
    decide, seen = f"/approvals/{proposal.pk}/approve/", {"seen": approval.told_digest(proposal)}
    proposer.post(decide, seen)
    assert not PublicationOrder.objects.exists()
    approver.post(decide, seen)
    order = PublicationOrder.objects.get()
    assert order.job == Job.objects.get(task=publish.TASK)
    order.with_cards = False  # printed in a test of their own
    order.save()
    publish_order(order.pk, Quiet())
    made = Publication.objects.get()
    assert made.proposed_by_id not in (None, made.published_by_id)
    assert publish_order(order.pk, Quiet()) == {"state": OrderState.DONE}
    assert f"/publications/{made.pk}/" in approver.get("/publications/").content.decode()


def _nobody_is_named(made: Publication) -> None:
    """Neither names nor ids of persons in any public file, nor on the page (G1)."""
    people = [(one.name, one.assessee_id) for one in made.run.results.all()]
    assert len(people) > 40
    text = b"".join(path.read_bytes() for path in (folder_of(made) / "public").rglob("*") if path.is_file())
    text += Client().get(f"/published/{made.pk}/").content
    assert not [name for pair in people for name in pair if name.encode() in text]
    office = (folder_of(made) / "office" / "outcomes.html").is_file()
    assert office or (folder_of(made) / "office" / "report.xlsx").is_file()
    manifest = (folder_of(made) / "public" / "publication.json").read_text()
    assert not [one.path for one in made.files.filter(is_public=False) if one.sha256 in manifest][1:]


def _everything_is_where_its_hash_says(made: Publication) -> None:
    visitor = Client()
    manifest = json.loads(visitor.get(f"/published/{made.pk}/files/publication.json").content)
    assert {one["path"] for one in manifest["files"]} >= {
        "page.zh.html",
        "page.en.html",
        "open-data/points.csv",
    }
    for one in manifest["files"]:
        content = visitor.get(f"/published/{made.pk}/files/{one['path']}").content
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
    office = made.files.filter(is_public=False).first()
    assert office is not None
    assert visitor.get(f"/published/{made.pk}/files/../{office.path}").status_code == 404
    assert visitor.get(f"/publications/{made.pk}/files/{office.pk}").status_code == 302
    assert client_of("street_staff").get(f"/publications/{made.pk}/files/{office.pk}").status_code == 403
    auditor = client_of("auditor")
    with closing(auditor.get(f"/publications/{made.pk}/files/{office.pk}")) as taken:
        assert taken.status_code == 200
    assert StagedEntry.objects.filter(kind="publication.handed_out").count() == 1


def _the_ledger_holds(made: Publication, tmp_path: Path) -> None:
    """The record opens, names each public file, and the proof leads to the signed checkpoint."""
    log = current_log()
    assert log is not None
    opened = tmp_path / "record.jsonl"
    opened.write_bytes(Client().get(f"/published/{made.pk}/record.jsonl").content)
    assert verify_log(log_folder_of(log.number), log.verifier, None, opened=opened).is_sound
    record = json.loads(opened.read_text())["record"]
    public = {one.path: one.sha256 for one in made.files.filter(is_public=True)}
    assert public.items() <= record["files"].items()
    assert set(record["files"]) - set(public) == {"office/office.json"}
    told = json.loads(Client().get(f"/published/{made.pk}/proof.json").content)
    checkpoint = open_checkpoint(told["checkpoint"].encode(), verifier_key(log.verifier))
    proof = [base64.b64decode(one) for one in told["proof"]]
    leaf = leaf_hash(base64.b64decode(told["entry"]))
    assert check_inclusion(proof, index=told["index"], size=told["size"], leaf=leaf, root=checkpoint.root)
    opened.write_text(opened.read_text().replace(made.manifest_sha256, "0" * 64))
    assert not verify_log(log_folder_of(log.number), log.verifier, None, opened=opened).is_sound


def _corrected(first: Publication) -> Publication:
    """A whole area is left out after an objection."""
    area = first.run.results.exclude(ballots=None).first()
    snapshot = first.run.snapshot
    targets = {row["area_id"] for row in _targets(snapshot)}
    assert area is not None
    with pytest.raises(RefusedError) as refused:
        publish_now(system_scope(), first.run, reason="x")
    assert {one.code for one in refused.value.problems} == {"publications.published_already"}
    correction = Correction("访问员代填", ("objection-1",), excluded_areas=frozenset([min(targets)]))
    version = make_version(system_scope(), snapshot, correction)
    run = factory.assessed(version, "异议成立")
    with pytest.raises(RefusedError) as refused:
        publish_now(system_scope(), run)
    assert [one.code for one in refused.value.problems] == ["publications.reason_missing"]
    return publish_now(system_scope(), run, reason="一个片区的访问被代填，整轮剔除")


def _targets(snapshot: object) -> list[dict[str, object]]:
    from minping_engine.snapshot import open_snapshot
    from minping_web.snapshots.selectors.register import folder_of as snapshot_folder_of

    rows: list[dict[str, object]] = open_snapshot(snapshot_folder_of(snapshot)).table("targets").to_pylist()  # type: ignore[arg-type]
    return rows


def _both_are_public(first: Publication, second: Publication) -> None:
    first.refresh_from_db()
    assert (first.is_current, second.supersedes_id) == (False, first.pk)
    assert publication_of_round(first.round_id) == second
    visitor = Client()
    old, new = (visitor.get(f"/published/{one.pk}/").content.decode() for one in (first, second))
    assert "一个片区的访问被代填" in old
    assert f'href="/published/{second.pk}/"' in old
    assert "更正了什么" in new
    assert "<del>11,832</del>" in new
    assert published_part(old.encode()) != published_part(new.encode())
    manifest = (folder_of(second) / "public" / "publication.json").read_bytes()
    assert verify_page(new.encode(), manifest).path == "page.zh.html"
    assert verify_page(old.encode(), manifest).path is None
    assert second.facts["open_data"] == "written"
    tables = visitor.get(f"/published/{second.pk}/files/open-data/answers.csv").content.decode("utf-8-sig")
    assert ",corrected" in tables
    assert (
        "更正后改变的数字"
        in visitor.get(f"/published/{second.pk}/files/open-data/README.zh-CN.md").content.decode()
    )
    _a_copy_tells_no_more_than_the_page(second)
    assert "前后两个数字对照会透露个人得分" in new
    listed = visitor.get("/published/").content.decode()
    assert f"/published/{first.pk}/" in listed
    assert f"/published/{second.pk}/" in listed


def _a_copy_tells_no_more_than_the_page(corrected: Publication) -> None:
    """Of places that a correction leaves out a card shows no mean either: the first copy has the other."""
    spans: list[PaperSpan] = []

    def noted(span: PaperSpan, *given: Any, **named: Any) -> Any:
        spans.append(span)
        return write_annual_cards(span, *given, **named)

    row = corrected.run.results.exclude(score=None).first()
    assert row is not None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(copies, "write_annual_cards", noted)
        for one in (corrected, corrected.supersedes):
            copies.card_of(one, row, "zh")
    hidden = [one.left_out[corrected.round.period] for one in spans]
    assert hidden[0]
    assert not hidden[1]


def test_counts_of_comments_that_few_make_differ_are_not_told_beside_the_first_ones() -> None:
    """Twelve before and eleven now would tell what the one in the left out place wrote of."""
    assert [now_ for now_ in range(5, 20) if tells_no_few(now_, 12, 5)] == [5, 6, 7, 12, 17, 18, 19]


def test_a_job_that_is_killed_between_folder_and_rows_begins_again(
    told: list[Published], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is public before everything is; what was left is removed; a user cannot go past the second
    person; changed input is refused."""
    run = factory.assessed_district()
    monkeypatch.setattr(folder, "write_open_tables", lambda *given: "none")
    with pytest.raises(PermissionDenied):
        publish_now(Scope(user_id=1, reaches=system_scope().reaches), run)
    order = publish.open_order_for(system_scope(), run, reason="", persons=(None, None), cards=False)
    order.job = enqueue(system_scope(), publish.TASK, title="公布", order_id=order.pk)
    order.save(update_fields=["job"])
    with monkeypatch.context() as killed:
        killed.setattr(publish, "stage", _killed)
        with pytest.raises(KeyboardInterrupt):
            publish_order(order.pk, Quiet())
    assert not Publication.objects.exists()
    assert not StagedEntry.objects.filter(kind="publication.made").exists()
    assert Client().get("/published/").content.decode().count("2020Q4") == 0
    left = {path.name for path in publications_folder().iterdir()}
    with pytest.raises(RefusedError) as refused:
        publish_now(system_scope(), run)
    assert [one.code for one in refused.value.problems] == ["publications.under_way"]
    publish_order(order.pk, Quiet())
    made = Publication.objects.get()
    after = {path.name for path in publications_folder().iterdir() if path.name.startswith(f"run-{run.pk}-")}
    assert after == {made.folder}
    assert left.isdisjoint(after)
    assert len(told) == 1


def _killed(*args: object) -> None:
    raise KeyboardInterrupt
