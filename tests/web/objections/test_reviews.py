"""Who may object, check and decide, what is refused, and what a lost objection leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from minping_web.appraisals.models import EvidenceSeal
from minping_web.appraisals.services.sealing import ask_for_seal
from minping_web.assessments.models import AssessmentRun
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.objections.models import Objection, Preview
from minping_web.objections.selectors import counts, hindrances, objections_of
from minping_web.objections.selectors.objections import may_check, may_decide, objection_of, to_check
from minping_web.objections.services.correcting import ask_for_correction
from minping_web.objections.services.evidence import File
from minping_web.objections.services.filing import Draft, file_for_place, file_own, withdraw
from minping_web.objections.services.previews import close_finished, open_preview
from minping_web.objections.services.reviewing import Decision, check, decide
from minping_web.people.models import Person
from minping_web.snapshots.services.versions import Correction, make_version
from tests.web import factories
from tests.web.objections import factory
from tests.web.objections.factory import Assessed, bureau, scope, staff

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def codes(act: Callable[[], object]) -> set[str]:
    """The problems that an act is refused with."""
    with pytest.raises(RefusedError) as refused:
        act()
    return {one.code for one in refused.value.problems}


def test_a_lost_objection_leaves_the_result_and_stands_in_the_record(made: Assessed) -> None:
    """Refused with reasons; nothing to carry out; the public counts it; the ledger names nobody."""
    preview = factory.previewed(made)
    assert codes(lambda: open_preview(bureau(), made.run)) == {"objections.previewed_already"}
    objection = factory.checked(made, factory.filed(made, "round"))
    empty = Decision("granted", " ", areas=("nowhere",))
    assert codes(lambda: decide(bureau(), objection, empty)) == {
        "objections.text_missing", "objections.cause_missing", "objections.area_not_asked",
    }  # fmt: skip
    changed = Decision("refused", "查无实据", areas=("x",), cause="pressure")
    assert "objections.remedy_of_refused" in codes(lambda: decide(bureau(), objection, changed))
    lost = decide(bureau(), objection, Decision("refused", "查无实据"))
    assert (lost.outcome, lost.reasons) == ("refused", "查无实据")
    assert codes(lambda: decide(bureau(), objection, Decision("refused", "再议"))) == {"objections.ended"}
    assert [one.code for one in hindrances(made.run)] == ["objections.window_open"]
    factory.window_over(preview)
    assert hindrances(made.run) == []
    assert codes(lambda: ask_for_correction(bureau(), made.run)) == {"objections.nothing_to_carry_out"}
    assert close_finished() == 1
    assert counts(made.run)["objections"]["refused"] == counts(made.run)["by_subject"]["round"] == 1
    record = StagedEntry.objects.get(kind="objection.decided").record
    assert (record["outcome"], record["subject"]) == ("refused", "round")
    told = str([one.record for one in StagedEntry.objects.filter(kind__startswith="objection.")])
    for word in ("王试", made.result().assessee_id, "查无实据", "不是入户"):
        assert word not in told


def test_another_result_on_the_same_snapshot_is_previewed_anew_but_drops_no_objection(made: Assessed) -> None:
    """A mended engine gives another hash; the same one is not previewed twice."""
    factory.previewed(made)
    same = factory.run_on(made.run.snapshot, "复算")
    assert same.result_sha256 == made.run.result_sha256
    assert codes(lambda: open_preview(bureau(), same)) == {"objections.previewed_already"}
    AssessmentRun.objects.filter(pk=same.pk).update(result_sha256="f" * 64)
    objection = factory.filed(made, "round")
    assert codes(lambda: open_preview(bureau(), same)) == {"objections.undecided"}
    withdraw(scope(made.bad), objection)
    follows = open_preview(bureau(), same).follows
    assert follows is not None
    assert follows.run == made.run


def test_nobody_acts_in_his_own_matter_and_each_node_is_another_person(made: Assessed) -> None:
    """Not a rival, not who filed, not who checked; an auditor and a foreign street not at all."""
    factory.previewed(made)
    objection = factory.filed(made)
    street = scope(staff("street_staff", area=made.district.streets[0]))
    rival = staff("community_staff", area=made.district.communities[0])
    Person.objects.filter(name="王试0").update(user=rival)
    foreign = scope(staff("street_staff", area=made.district.streets[1]))
    for one in (scope(rival), foreign, scope(made.good)):
        with pytest.raises(Http404):
            objection_of(one, objection.pk)
        assert not to_check(one).exists()
    auditor = factories.scope_with("auditor", fresh=True)
    assert objections_of(auditor, made.result()).get() == objection
    for one in (scope(rival), foreign, auditor, bureau(), scope(made.bad)):
        assert not may_check(one, objection)
        assert codes(lambda one=one: check(one, objection, "属实")) == {"objections.not_yours"}
    assert codes(lambda: decide(bureau(), objection, Decision("refused", "无"))) == {"objections.ended"}
    objection = check(street, objection, "属实")
    both = staff("district_bureau")
    assert may_decide(scope(both), objection)
    objection.reviews.update(by=both)
    assert not may_decide(scope(both), objection)
    assert codes(lambda: decide(scope(both), objection, Decision("refused", "无"))) == {
        "objections.not_yours"
    }
    stale = scope(staff("district_bureau"), fresh=False)
    assert codes(lambda: decide(stale, objection, Decision("refused", "无"))) == {"approval.factor_needed"}


def test_the_district_takes_over_what_is_overdue_and_the_delay_is_counted(made: Assessed) -> None:
    """The clock runs in working days; who takes over does not decide."""
    factory.previewed(made)
    objection = factory.filed(made)
    assert objection.due_on > today()
    one = staff("district_bureau")
    assert not may_check(scope(one), objection)
    Objection.objects.update(due_on=today() - timedelta(days=1))
    objection.refresh_from_db()
    assert objection.is_overdue(today())
    objection = check(scope(one), objection, "街道逾期未核对")
    review = objection.reviews.get()
    assert (review.is_late, review.took_over) == (True, True)
    assert not may_decide(scope(one), objection)
    assert may_decide(bureau(), objection)
    assert counts(made.run)["late_reviews"] == 1


def test_what_may_be_filed_when_and_by_whom(made: Assessed) -> None:
    """All problems at once; own results only; after the window nothing; withdrawn stays withdrawn."""
    preview = factory.previewed(made)
    many = tuple(File(f"{n}.pdf", b"%PDF-") for n in range(6))
    bad = Draft("secret_ballot", " ", (*many, File("a.exe", b"MZ"), File("b.pdf", b"MZ")))
    assert codes(lambda: file_own(scope(made.bad), made.result(), bad)) == {
        "objections.not_of_this_kind", "objections.text_missing", "objections.too_many_files",
        "objections.file_kind",
    }  # fmt: skip
    large = Draft("fact", "见附件", (File("b.pdf", b"%PDF-" + bytes(5_000_001)),))
    assert codes(lambda: file_own(scope(made.bad), made.result(), large)) == {"objections.file_too_large"}
    with pytest.raises(PermissionDenied):
        file_own(scope(made.good), made.result(), Draft("fact", "不对"))
    objection = factory.filed(made)
    with pytest.raises(PermissionDenied):
        withdraw(scope(made.good), objection)
    withdraw(scope(made.bad), objection)
    assert codes(lambda: withdraw(scope(made.bad), objection)) == {"objections.ended"}
    factory.window_over(preview)
    assert codes(lambda: factory.filed(made)) == {"objections.window_over"}
    assert hindrances(made.run) == []


def test_an_explanation_by_a_person_may_be_granted_without_a_change(made: Assessed) -> None:
    """PIPL 24: the automated score is explained and looked at; the number may stay as it is."""
    factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "automated"))
    decided = decide(bureau(), objection, Decision("granted", "已人工复核，计算无误"))
    assert decided.outcome == "granted"
    other = factory.checked(made, factory.filed(made, "other"))
    assert codes(lambda: decide(bureau(), other, Decision("granted", "同意"))) == {"objections.no_remedy"}


def test_newer_evidence_overtakes_no_objection(made: Assessed) -> None:
    """While one waits evidence is not closed anew; a newer result waits for it and is shown to everybody."""
    factory.previewed(made)
    factory.filed(made)
    EvidenceSeal.objects.create(
        round=made.run.round, parent=made.run.snapshot.parent, snapshot=made.run.snapshot, at=now(),
        state="done", reason="佐证材料",
    )  # fmt: skip
    refused = codes(lambda: ask_for_seal(bureau(), made.run.round, reason="补录"))
    assert refused == {"objections.undecided"}
    newer = make_version(bureau(), made.run.snapshot, Correction("补录", ("evidence-0",)))
    run = factory.run_on(newer, reason="补录佐证材料")
    again = open_preview(bureau(), run)
    assert again.concerned is None
    factory.window_over(again)
    assert [one.code for one in hindrances(run)] == ["objections.undecided"]


def test_a_place_objects_and_the_office_above_checks(made: Assessed) -> None:
    """Community staff file for the community; its own colleagues do not check it, the street does."""
    preview: Preview = factory.previewed(made)
    community = made.district.communities[0]
    filer = scope(staff("community_staff", area=community))
    draft = Draft("place_data", "老龄人口比例登记有误")
    objection = file_for_place(filer, preview, community, draft)
    with pytest.raises(PermissionDenied):
        file_for_place(filer, preview, made.district.communities[1], draft)
    automated = Draft("automated", "请说明")
    refused = codes(lambda: file_for_place(filer, preview, community, automated))
    assert refused == {"objections.not_of_this_kind"}
    colleague = scope(staff("community_staff", area=community))
    street = scope(staff("street_staff", area=made.district.streets[0]))
    assert not may_check(colleague, objection)
    assert may_check(street, objection)
    assert objection_of(colleague, objection.pk) == objection
    with pytest.raises(Http404):
        objection_of(scope(made.bad), objection.pk)
    streets_own = file_for_place(street, preview, made.district.streets[0], draft)
    assert not may_check(street, streets_own)
    assert may_check(bureau(), streets_own)
