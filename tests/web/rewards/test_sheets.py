"""From a published result to signed pay: others sign, the budget holds, corrections add up (S8, D11, D14)."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import override_settings
from django.utils import timezone

from minping_engine.snapshot import json_sha256
from minping_web.common.problems import RefusedError
from minping_web.common.scope import system_scope
from minping_web.ledger.models import StagedEntry
from minping_web.people.models import Person
from minping_web.publications.models import Publication
from minping_web.rewards.models import Line, PayrollExport, Sheet
from minping_web.rewards.rules.words import LineState, Origin, SheetState
from minping_web.rewards.services.drafting import draft_sheets
from minping_web.rewards.services.exporting import take_export
from minping_web.rewards.services.lines import enter_budget, make_supplement, note_statement, withhold
from minping_web.rewards.services.signing import content_of, prepare, send_back, sign
from minping_web.snapshots.services.versions import Correction, make_version
from tests.web import factories
from tests.web.publications import factory as publishing
from tests.web.rewards import factory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
PAY = "performance_pay"


@pytest.fixture(autouse=True)
def demo_values() -> object:
    """gulou-worker's bands and amounts were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    """What was refused, all of it."""
    return [problem.code for problem in refused.value.problems]


def engine_total(publication: Publication) -> int:
    """What the engine's own table adds up to."""
    return sum(fen or 0 for fen in factory.proposals_of(publication, PAY).values())


def test_pay_is_prepared_by_one_signed_by_two_others_and_then_frozen() -> None:
    """No budget, too small a budget, no factor, the preparer, the same person twice: all refused."""
    made = publishing.published_district()
    sheet = Sheet.objects.get(use=PAY)
    assert sheet.total_fen == sum(line.fen or 0 for line in sheet.lines.all()) == engine_total(made) > 0
    assert {line.assessee_id: line.fen for line in sheet.lines.all()} == factory.proposals_of(made, PAY)
    who, first, second = factory.bureau(), factory.bureau(), factory.bureau()
    with pytest.raises(RefusedError) as refused:
        prepare(factory.fresh(who), sheet.pk)
    assert codes(refused) == ["rewards.no_budget"]
    enter_budget(factory.fresh(who), sheet, fen=sheet.total_fen - 1, source="区财〔2020〕1号")
    with pytest.raises(RefusedError) as refused:
        prepare(factory.fresh(who), sheet.pk)
    assert codes(refused) == ["rewards.over_budget"]
    assert refused.value.problems[0].params["over"] == "0.01"
    enter_budget(factory.fresh(who), sheet, fen=sheet.total_fen, source="区财〔2020〕2号")
    sheet = prepare(factory.fresh(who), sheet.pk)
    assert sheet.sha256 == json_sha256(content_of(sheet))
    _only_others_with_a_factor_sign(sheet, who, first)
    assert sign(factory.fresh(second), sheet.pk, seen=sheet.sha256).state == SheetState.SIGNED
    _nothing_of_it_changes(sheet)
    record = StagedEntry.objects.get(kind="rewards.signed").record
    assert (record["total_fen"], record["sha256"], record["signatures"]) == (sheet.total_fen, sheet.sha256, 2)
    assert not any(line.name in str(record) for line in sheet.lines.all())


def _only_others_with_a_factor_sign(sheet: Sheet, who: object, first: object) -> None:
    for scope, code in (
        (factory.fresh(who), "rewards.same_person"),
        (replace(factory.fresh(first), second_factor_at=None), "approval.factor_needed"),
        (
            replace(factory.fresh(first), second_factor_at=timezone.now() - timedelta(hours=1)),
            "approval.factor_needed",
        ),
    ):
        with pytest.raises(RefusedError) as refused:
            sign(scope, sheet.pk, seen=sheet.sha256)
        assert codes(refused) == [code]
    with pytest.raises(RefusedError) as refused:
        sign(factory.fresh(first), sheet.pk, seen="0" * 64)
    assert codes(refused) == ["rewards.changed"]
    person = Person.objects.create(code="S900", name="列名人", kind="community_worker")
    sheet.lines.filter(pk=sheet.lines.values("pk")[:1]).update(person=person)
    with pytest.raises(RefusedError) as refused:
        sign(replace(factory.fresh(first), person_id=person.pk), sheet.pk, seen=sheet.sha256)
    assert codes(refused) == ["rewards.own_case"]
    assert sign(factory.fresh(first), sheet.pk, seen=sheet.sha256).state == SheetState.PREPARED
    with pytest.raises(RefusedError) as refused:
        sign(factory.fresh(first), sheet.pk, seen=sheet.sha256)
    assert codes(refused) == ["rewards.signed_before"]
    for role in ("auditor", "street_staff", "worker"):
        area = None
        if role == "street_staff":
            area = factories.small_district().streets[0]
        with pytest.raises(PermissionDenied):
            sign(factories.scope_with(role, area=area, fresh=True), sheet.pk, seen=sheet.sha256)


def _nothing_of_it_changes(sheet: Sheet) -> None:
    for change in (
        lambda: Line.objects.filter(sheet=sheet).update(fen=1),
        lambda: Line.objects.filter(sheet=sheet).update(state=LineState.WITHHELD),
        lambda: Sheet.objects.filter(pk=sheet.pk).update(total_fen=1),
        lambda: Sheet.objects.filter(pk=sheet.pk).update(state=SheetState.DRAFT),
        lambda: sheet.signatures.update(sha256="0" * 64),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(RefusedError) as refused:
        send_back(factory.fresh(factory.bureau()), sheet.pk, reason="x")
    assert codes(refused) == ["rewards.not_waiting"]


def test_a_correction_makes_a_difference_to_the_fen_and_leaves_what_is_signed() -> None:
    """Signed before plus difference = the engine's new total; withheld lines stay withheld, and unsigned
    sheets of the former result bind nobody."""
    before = publishing.published_district()
    sheet = Sheet.objects.get(use=PAY)
    held = sheet.lines.order_by("assessee_id").first()
    assert held
    withhold(factory.fresh(factory.bureau()), held, reason="异议办理中")
    sheet.refresh_from_db()
    signed = factory.signed(sheet)
    assert signed.total_fen == engine_total(before) - (held.fen or 0)
    supplement = make_supplement(factory.fresh(factory.bureau()), sheet.pk)
    assert (supplement.origin, supplement.total_fen) == (Origin.SUPPLEMENT, held.fen)
    said = supplement.lines.get()
    note_statement(
        factory.fresh(factory.bureau()), said, heard_on=timezone.localdate(), text="请求复核", declined=False
    )
    after = _corrected(before, held.assessee_id)
    supplement.refresh_from_db()
    assert supplement.state == SheetState.REPLACED
    difference = Sheet.objects.get(use=PAY, publication=after)
    assert (difference.origin, difference.follows_id) == (Origin.DIFFERENCE, sheet.pk)
    kept = difference.lines.get(assessee_id=held.assessee_id)
    assert [one.text for one in kept.statements.all()] == ["请求复核"], "not lost to who signs"
    changed = difference.lines.get(change="withdrawn")
    assert changed.fen == -(changed.before_fen or 0) < 0
    assert signed.total_fen + difference.total_fen == engine_total(after)
    again = factory.signed(difference)
    assert again.state == SheetState.SIGNED
    sheet.refresh_from_db()
    assert (sheet.total_fen, sheet.state) == (signed.total_fen, SheetState.SIGNED)
    assert sheet.sha256 == json_sha256(content_of(sheet))


def _corrected(before: Publication, spared: str) -> Publication:
    """Another result of the same round, in which somebody else's area is left out."""
    places = {row.assessee_id: row for row in before.run.results.exclude(assessee_id=spared)}
    who = Sheet.objects.get(use=PAY, origin=Origin.FIRST).lines.exclude(assessee_id=spared).last()
    assert who is not None
    assert who.assessee_id in places
    code = publishing_area_of(before, who.assessee_id)
    version = make_version(
        system_scope(),
        before.run.snapshot,
        Correction("片区整体剔除", ("objection-1",), {}, frozenset({code})),
    )
    run = publishing.assessed(version, "更正")
    return factory.published(run, supersedes=before)


def publishing_area_of(publication: Publication, assessee_id: str) -> str:
    """The area whose round counts for this assessee."""
    from minping_engine.snapshot import open_snapshot
    from minping_web.snapshots.selectors.register import folder_of

    opened = open_snapshot(folder_of(publication.run.snapshot))
    posted = {
        row["target"] for row in opened.table("postings").to_pylist() if row["assessee_id"] == assessee_id
    }
    return next(row["area_id"] for row in opened.table("targets").to_pylist() if row["target"] in posted)


@override_settings(PAYROLL_COLUMNS="number=人员编码,amount_fen=实发分,period,rule")
def test_a_payroll_file_is_the_signed_sheet_and_leaves_a_trace() -> None:
    """Nothing before all have signed; reason and factor; the file's sum is the sheet's; log and ledger."""
    publishing.published_district()
    sheet = Sheet.objects.get(use=PAY)
    who = factory.bureau()
    with pytest.raises(RefusedError) as refused:
        take_export(factory.fresh(who), sheet.pk, reason="十二月工资", form="csv")
    assert codes(refused) == ["rewards.not_signed"]
    sheet = factory.signed(sheet)
    for scope, reason, code in (
        (replace(factory.fresh(who), second_factor_at=None), "十二月工资", "approval.factor_needed"),
        (factory.fresh(who), " ", "rewards.reason_missing"),
    ):
        with pytest.raises(RefusedError) as refused:
            take_export(scope, sheet.pk, reason=reason, form="csv")
        assert codes(refused) == [code]
    taken = take_export(factory.fresh(who), sheet.pk, reason="十二月工资", form="csv")
    rows = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert list(rows[0]) == ["人员编码", "实发分", "考核期", "规则"]
    found = {row["人员编码"]: int(row["实发分"]) for row in rows}
    assert found == {line.number: line.fen for line in sheet.lines.all()}
    log = PayrollExport.objects.get()
    assert (log.reason, log.rows, log.total_fen) == ("十二月工资", len(rows), sheet.total_fen)
    assert log.sha256 == hashlib.sha256(taken.content).hexdigest()
    assert StagedEntry.objects.get(kind="rewards.exported").record["file_sha256"] == log.sha256


def test_demonstration_values_decide_nothing_outside_a_demonstration() -> None:
    """A result with invented amounts drafts nothing where it could be paid."""
    run = publishing.assessed_district()
    with override_settings(DEMO=False):
        factory.published(run)
    assert not Sheet.objects.exists()
    assert draft_sheets(Publication.objects.get())
