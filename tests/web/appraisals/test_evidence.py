"""Values with their source, workbooks, findings, a closing that was killed (S35, S94, D11)."""

from __future__ import annotations

import dataclasses
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from openpyxl import Workbook, load_workbook

from minping_engine.snapshot import open_snapshot
from minping_web.appraisals.imports import VALUE_IMPORT
from minping_web.appraisals.models import EvidenceBook, EvidenceSeal, EvidenceValue, Finding
from minping_web.appraisals.rules.words import BookState, SealState
from minping_web.appraisals.selectors.evidence import asked_of
from minping_web.appraisals.selectors.known import known_values
from minping_web.appraisals.selectors.missing import state_of
from minping_web.appraisals.services import findings, tables
from minping_web.appraisals.services.books import ACT, propose_book
from minping_web.appraisals.services.findings import FindingDraft, propose_finding, propose_taking_back
from minping_web.appraisals.services.founding import Wanted, begin_without_survey
from minping_web.appraisals.services.reading import Upload, template_of
from minping_web.appraisals.services.sealing import ask_for_seal, carry_out
from minping_web.appraisals.services.values import ValueDraft, remove_value, save_values
from minping_web.common import approval
from minping_web.common.changes import undo
from minping_web.common.clock import today
from minping_web.common.import_flow import carry_out as import_for_good
from minping_web.common.import_flow import keep_draft, plan_of
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import system_scope
from minping_web.people.models import Person, Posting
from minping_web.places.models import Area
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.services.versions import Correction, make_version
from tests.web.appraisals import factory
from tests.web.appraisals.factory import Quarter
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict
from tests.web.snapshots.factory import Quiet

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture
def made(district: SmallDistrict) -> object:
    """A quarter of two contractors; minima of raters are those of the demonstration."""
    with override_settings(DEMO=True):
        yield factory.quarter(district)


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    """Codes of everything that was refused."""
    return [problem.code for problem in refused.value.problems]


def second() -> object:
    """Another person of the bureau."""
    return factory.fresh(factory.of_role("district_bureau")[0])


def test_values_have_a_source_and_are_undone_and_all_faults_come_at_once(made: Quarter) -> None:
    """An unknown assessee, a missing source, a fact nobody asks, half a fen: nothing is written."""
    good = made.ids[0]
    wrong = [
        ValueDraft("O999999", "facts:contract_fen", "1", "台账"),
        ValueDraft(good, "facts:contract_fen", "1", " "),
        ValueDraft(good, "facts:steps_walked", "1", "台账"),
        ValueDraft(good, "facts:contract_fen", "1.5", "台账"),
        ValueDraft(good, "costs:yuan", "-1", "台账"),
    ]
    with pytest.raises(RefusedError) as refused:
        save_values(made.scope, made.round, wrong)
    assert codes(refused) == [
        "appraisal.unknown_assessee", "appraisal.source_missing", "appraisal.not_asked",
        "appraisal.not_whole", "appraisal.not_a_number",
    ]  # fmt: skip
    assert not EvidenceValue.objects.exists()
    save_values(made.scope, made.round, [ValueDraft(good, "facts:contract_fen", "100", "台账")])
    save_values(made.scope, made.round, [ValueDraft(good, "facts:contract_fen", "200", "补充协议")])
    assert [row.value_milli for row in EvidenceValue.objects.all()] == [200_000]
    undo(made.scope, ChangeSet.objects.latest("pk"))
    assert [(row.value_milli, row.document) for row in EvidenceValue.objects.all()] == [(100_000, "台账")]


def test_a_table_of_values_is_previewed_and_imported_and_read_back(made: Quarter) -> None:
    """The export of the page is the import's own table; costs come with their error."""
    head = "轮次编号,考核对象编号,姓名/名称,事项,数值或取值,标准误,来源文件,链接\n"
    rows = "".join(
        f"{made.round.pk},{who},,costs:yuan,{yuan},12.5,财务台账,\n"
        for who, yuan in zip(made.ids, ("300000", "250000.5"), strict=True)
    )
    draft = keep_draft(made.scope, VALUE_IMPORT, SimpleUploadedFile("成本.csv", (head + rows).encode()))
    plan = plan_of(made.scope, VALUE_IMPORT, draft)
    assert plan.recorder is not None, plan.problems
    import_for_good(made.scope, VALUE_IMPORT, draft, plan.recorder.digest)
    found = EvidenceValue.objects.order_by("assessee_id").values_list("value_milli", "spread_milli")
    assert list(found) == [(300_000_000, 12_500), (250_000_500, 12_500)]
    page = sign_in(Client(), made.bureau).get(f"/appraisals/rounds/{made.round.pk}/values/?format=csv")
    assert "costs:yuan,250000.5,12.5,财务台账" in page.content.decode("utf-8-sig")


def test_a_workbook_names_all_its_faults_and_counts_when_a_second_person_agreed(made: Quarter) -> None:
    """Marks of people without an account and costly facts come so; strangers are refused."""
    with pytest.raises(RefusedError) as refused:
        propose_book(made.scope, made.round, _book(made, mark="many", who="O777777"))
    assert {"snapshot.book_not_a_number", "snapshot.book_unknown_id"} <= set(codes(refused))
    assert not EvidenceBook.objects.exists()
    book = propose_book(made.scope, made.round, _book(made))
    assert not EvidenceValue.objects.exists()
    with pytest.raises(RefusedError):
        approval.approve(made.scope, book.proposal_id)
    approval.approve(second(), book.proposal_id)  # type: ignore[arg-type]
    values = {(row.assessee_id, row.name): row.value_milli for row in EvidenceValue.objects.all()}
    assert values[made.ids[1], "overdue_findings"] == 2_000
    assert all(row.book_id == book.pk for row in EvidenceValue.objects.all())
    state = state_of(made.round)
    assert [one.from_book for one in state.groups if one.group.id == "representatives"] == [10]
    seal = _sealed(made)
    assert seal.snapshot is not None, seal.problems
    marks = open_snapshot(folder_of(seal.snapshot)).table("appraisals").to_pylist()
    assert len(marks) == 20
    assert not {row["rater"] for row in marks} & set(range(11)), "numbers of the workbook are replaced"
    again = propose_book(made.scope, made.round, _book(made))
    approval.approve(second(), again.proposal_id)  # type: ignore[arg-type]
    assert list(EvidenceBook.objects.order_by("pk").values_list("state", flat=True)) == [
        BookState.REPLACED, BookState.COUNTS,
    ]  # fmt: skip


def test_what_a_former_workbook_alone_brought_goes_with_it_and_is_undone_by_nobody_alone(
    made: Quarter,
) -> None:
    """The second person reads each costly fact; a workbook without it takes it out, sealed ones too."""
    first = propose_book(made.scope, made.round, _book(made))
    told = str(approval.act_of(ACT).describe({"book": first.pk}))
    assert made.poor.name in told
    approval.approve(second(), first.proposal_id)  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        undo(made.scope, ChangeSet.objects.filter(kind="appraisals.values").get())
    assert codes(refused) == ["appraisal.takes_two_persons"]
    _sealed(made)
    again = propose_book(made.scope, made.round, _book(made, costly=False))
    approval.approve(second(), again.proposal_id)  # type: ignore[arg-type]
    assert not EvidenceValue.objects.exists()
    seal = _sealed(made)
    assert seal.snapshot is not None, seal.problems
    opened = open_snapshot(folder_of(seal.snapshot))
    assert not opened.has("facts") or not opened.table("facts").num_rows


def _book(made: Quarter, *, mark: object = 80, who: str = "", costly: bool = True) -> Upload:
    """The scheme's own workbook with marks of ten representatives and two facts."""
    book = load_workbook(io.BytesIO(template_of(made.round)))
    marks = _sheet(book, "service")
    for rater in range(1, 11):
        for one in made.ids:
            marks.append([rater, who or one, mark])
    if costly:
        _sheet(book, "overdue_findings").append([made.ids[1], 1000, 0, 2])
    out = io.BytesIO()
    book.save(out)
    return Upload("评议材料.xlsx", out.getvalue())


def _sheet(book: Workbook, column: str) -> object:
    """The sheet that has a column of this id."""
    return next(page for page in book.worksheets[1:] if column in [cell.value for cell in page[2]])


def test_a_finding_is_heard_first_and_taken_back_by_two_persons_as_well(made: Quarter) -> None:
    """Without a statement or before the matter nothing is proposed; what is refused never counts."""
    day = date(2019, 8, 20)
    draft = {
        "assessee_id": made.ids[1], "fact": "overdue_findings", "amount": 1, "happened_on": day,
        "what": "巡查发现的问题逾期未整改", "document": "巡查单", "heard": "statement", "heard_on": today(),
    }  # fmt: skip
    with pytest.raises(RefusedError) as refused:
        propose_finding(made.scope, made.round, FindingDraft(**draft | {"heard_on": date(2019, 8, 1)}))
    assert codes(refused) == ["appraisal.too_short", "appraisal.heard_before"]
    with pytest.raises(RefusedError) as refused:
        propose_finding(
            made.scope, made.round, FindingDraft(**draft | {"fact": "contract_fen", "heard": "declined"})
        )
    assert codes(refused) == ["appraisal.not_asked"]
    first = propose_finding(made.scope, made.round, FindingDraft(**draft | {"heard": "declined"}))
    approval.refuse(second(), first.proposal_id, note="证据不足")  # type: ignore[arg-type]
    one = propose_finding(made.scope, made.round, FindingDraft(**draft | {"heard": "unreached"}))
    approval.approve(second(), one.proposal_id)  # type: ignore[arg-type]
    assert list(Finding.objects.order_by("pk").values_list("counts", flat=True)) == [False, True]
    one.refresh_from_db()
    bureau = sign_in(Client(), made.bureau)
    assert "巡查发现的问题逾期未整改" in bureau.get(f"/appraisals/findings/{one.pk}/").content.decode()
    propose_taking_back(made.scope, one, reason="复核发现记录有误")
    with pytest.raises(RefusedError):
        propose_taking_back(made.scope, one, reason="再次提议")
    approval.approve(second(), one.taken_back_id)  # type: ignore[arg-type]
    one.refresh_from_db()
    assert not one.counts


def _sealed(made: Quarter) -> EvidenceSeal:
    seal = ask_for_seal(made.scope, made.round, reason="本季度材料到此为止")
    carry_out(seal.pk, Quiet())
    seal.refresh_from_db()
    return seal


def test_a_closing_that_was_killed_finds_its_version_and_none_writes_over_a_correction(made: Quarter) -> None:
    """The job may die between the version and its row; after an objection's version this way is shut."""
    save_values(made.scope, made.round, [ValueDraft(made.ids[0], "facts:contract_fen", "100", "台账")])
    seal = _sealed(made)
    EvidenceSeal.objects.filter(pk=seal.pk).update(state=SealState.RUNNING, snapshot=None)
    with pytest.raises(RefusedError) as refused:
        save_values(made.scope, made.round, [ValueDraft(made.ids[0], "facts:contract_fen", "1", "台账")])
    assert codes(refused) == ["appraisal.being_closed"]
    EvidenceSeal.objects.filter(pk=seal.pk).update(job=seal.job)
    carry_out(seal.pk, Quiet())
    seal.refresh_from_db()
    assert (seal.state, SealedSnapshot.objects.filter(round=made.round).count()) == (SealState.DONE, 2)
    assert seal.snapshot is not None
    facts = open_snapshot(folder_of(seal.snapshot)).table("facts")
    make_version(made.scope, seal.snapshot, Correction("异议成立", ("objection-1",), {"facts": facts}))
    with pytest.raises(RefusedError) as refused:
        ask_for_seal(made.scope, made.round, reason="再次封存")
    assert codes(refused) == ["appraisal.corrected_since"]


def test_what_the_registers_know_is_taken_and_not_typed(district: SmallDistrict) -> None:
    """S64-S67 on workers: households of the areas that somebody answers for; what was entered stays."""
    with override_settings(DEMO=True):
        areas = district.responsibility_areas[:3]
        Area.objects.filter(pk__in=[one.pk for one in areas]).update(households=310)
        people = [Person.objects.create(code=f"W{n}", name=f"王试{n}") for n in range(2)]
        for area, person in zip(areas, (people[0], people[0], people[1]), strict=True):
            Posting.objects.create(person=person, area=area, starts_on=date(2018, 1, 1))
        scheme = freeze_version(system_scope(), "xianning-3456", "2021.1")
        (bureau,) = factory.of_role("district_bureau")
        scope = factory.fresh(bureau)
        wanted = Wanted(scheme, "上半年考核", "2021H1", None, ("community_worker",), ())
        found = begin_without_survey(scope, wanted)
        known = {one.assessee_id: one.value for one in known_values(found)}
        assert known == {f"P{people[0].pk:06d}": "620", f"P{people[1].pk:06d}": "310"}
        who = f"P{people[1].pk:06d}"
        with pytest.raises(RefusedError) as refused:  # one person alone says nothing else than a register
            save_values(scope, found, [ValueDraft(who, "facts:households", "300", "实地核对")])
        assert codes(refused) == ["appraisal.register_says"]
        _two_persons_say(scope, found, who, 300)
        page = f"/appraisals/rounds/{found.pk}/"
        browser = sign_in(Client(), bureau)
        assert browser.post(f"{page}values/known/").status_code == 302
        values = {row.assessee_id: row.value_milli for row in EvidenceValue.objects.all()}
        assert values == {f"P{people[0].pk:06d}": 620_000, who: 300_000}
        with pytest.raises(RefusedError) as refused:  # nor does one take back what two said
            save_values(scope, found, [ValueDraft(who, "facts:households", "310", "地点台账")])
        assert codes(refused) == ["appraisal.register_says"]
        counted = EvidenceValue.objects.get(is_counted=True)
        assert today().isoformat() in counted.document
        with pytest.raises(RefusedError):
            remove_value(scope, found, counted)
        Area.objects.filter(pk=areas[0].pk).update(households=400)
        assert [(one.assessee_id, one.value) for one in known_values(found)] == [(counted.assessee_id, "710")]
        told = browser.get(page).content.decode()
        assert "服务对象" in told
        with pytest.raises(RefusedError) as refused:
            begin_without_survey(scope, Wanted(scheme, "错", "2021Q1", None, ("grid_head",), ()))
        assert codes(refused) == ["snapshots.other_period_kind", "snapshots.nobody_assessed"]


def _two_persons_say(scope: object, found: object, who: str, households: int) -> None:
    """A workbook with one number that a second person approves."""
    book = load_workbook(io.BytesIO(template_of(found)))  # type: ignore[arg-type]
    sheet = _sheet(book, "households")
    ids = [cell.value for cell in sheet[2]]  # type: ignore[index]
    given = {"assessee_id": who, "households": households}
    sheet.append([given.get(name) for name in ids])  # type: ignore[attr-defined]
    out = io.BytesIO()
    book.save(out)
    made = propose_book(scope, found, Upload("核对.xlsx", out.getvalue()))  # type: ignore[arg-type]
    approval.approve(second(), made.proposal_id)  # type: ignore[arg-type]


def test_pages_of_evidence_are_for_bureau_and_auditor_and_the_auditor_changes_nothing(made: Quarter) -> None:
    """The list, the round, its values; a worker and a street see none of it."""
    page = f"/appraisals/rounds/{made.round.pk}/"
    for role, status, changed in (("auditor", 200, 403), ("worker", 403, 403)):
        (who,) = factory.of_role(role)
        browser = sign_in(Client(), who)
        assert [browser.get(one).status_code for one in ("/appraisals/", page, f"{page}values/")] == [
            status
        ] * 3
        assert browser.get(f"{page}close/").status_code == changed
    (street,) = factory.of_role("street_staff", area=made.place)
    assert sign_in(Client(), street).get(page).status_code == 403


def test_the_page_of_a_round_asks_the_database_a_fixed_number_of_times(
    made: Quarter, django_assert_max_num_queries: object
) -> None:
    """Not more with every rater."""
    raters = factory.call(made, "experts", factory.of_role("expert", 6))
    for rater in raters:
        factory.mark(made, rater, "quality", ("50", "50"))
    browser = sign_in(Client(), made.bureau)
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        assert browser.get(f"/appraisals/rounds/{made.round.pk}/").status_code == 200


def test_a_yes_or_no_fact_stays_yes_however_many_findings_say_it_and_falls_back_with_the_last(
    made: Quarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two findings of one yes are one yes; one taken back leaves it; without any there is no row."""
    asked = asked_of(made.round)
    truth = dataclasses.replace(asked.fact("overdue_findings"), unit="truth")  # type: ignore[type-var]
    told = dataclasses.replace(
        asked, facts=tuple(truth if one.id == truth.id else one for one in asked.facts)
    )
    for module in (tables, findings):
        monkeypatch.setattr(module, "asked_of", lambda _found: told)
    draft = {
        "assessee_id": made.ids[1], "fact": truth.id, "happened_on": date(2019, 8, 20), "link": "",
        "what": "巡查发现的问题逾期未整改", "document": "巡查单", "heard": "declined", "heard_on": today(),
    }  # fmt: skip
    with pytest.raises(RefusedError) as refused:
        propose_finding(made.scope, made.round, FindingDraft(**draft, amount=2))
    assert codes(refused) == ["appraisal.not_a_number"]
    with pytest.raises(RefusedError) as refused:
        propose_finding(made.scope, made.round, FindingDraft(**draft | {"link": "file:///c"}, amount=1))
    assert codes(refused) == ["appraisal.not_a_link"]
    two = [propose_finding(made.scope, made.round, FindingDraft(**draft, amount=1)) for _again in range(2)]
    for one in two:
        approval.approve(second(), one.proposal_id)  # type: ignore[arg-type]
    assert _values(made) == [1_000]
    for left, one in ((1, two[0]), (0, two[1])):
        one.refresh_from_db()
        propose_taking_back(made.scope, one, reason="复核发现记录有误")
        approval.approve(second(), one.taken_back_id)  # type: ignore[arg-type]
        assert _values(made) == [1_000] * left


def _values(made: Quarter) -> list[int | None]:
    return [row["value_milli"] for row in tables._facts(made.round)]
