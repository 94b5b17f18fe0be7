"""What is left out: two signatures, whole areas and batches only, appeals, and cells that are corrected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

from minping_engine.snapshot import open_snapshot
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.services.running import ask_for_run
from minping_web.common import approval
from minping_web.common.problems import RefusedError
from minping_web.jobs.models import Job
from minping_web.ledger.models import StagedEntry
from minping_web.objections.models import Evidence, EvidenceContent, Exclusion, Objection
from minping_web.objections.selectors import counts, hindrances
from minping_web.objections.selectors.cells import choices_of
from minping_web.objections.selectors.standing import stuck
from minping_web.objections.services.correcting import ask_for_correction, carry_out
from minping_web.objections.services.evidence import File, delete_what_is_due
from minping_web.objections.services.excluding import Wanted, answer_appeal, note_appeal, propose_exclusion
from minping_web.objections.services.reviewing import Decision, decide, reopen
from minping_web.snapshots.selectors.register import folder_of
from tests.web import factories
from tests.web.ledger_words import commits_to
from tests.web.objections import factory
from tests.web.objections.factory import Assessed, bureau, scope, staff

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def codes(act: Callable[[], object]) -> set[str]:
    """The problems that an act is refused with."""
    with pytest.raises(RefusedError) as refused:
        act()
    return {one.code for one in refused.value.problems}


def corrected(made: Assessed) -> AssessmentRun:
    """Carried out and assessed again."""
    made_one = ask_for_correction(bureau(), made.run)
    carry_out(made_one.pk)
    made_one.refresh_from_db()
    assert made_one.state == "made", made_one.problems
    return factory.finished(made_one.new_run)


def test_without_its_area_nobody_is_assessed_there(made: Assessed) -> None:
    """The bureau leaves out a whole area: two signatures, counted, its worker is not assessed (D8, D10)."""
    preview = factory.previewed(made)
    area = made.district.responsibility_areas[1]
    first = staff("district_bureau")
    wanted = Wanted("area", "pressure", "有人逐户授意", area=area.code)
    exclusion = propose_exclusion(scope(first), made.run, wanted)
    again = codes(lambda: propose_exclusion(bureau(), made.run, wanted))
    assert again == {"objections.left_out_already"}
    own = codes(lambda: approval.approve(scope(first), exclusion.proposal_id))
    assert own == {"approval.same_person"}
    factory.window_over(preview)
    assert [one.code for one in hindrances(made.run)] == ["objections.exclusions_waiting"]
    factory.signed([exclusion])
    new_run = corrected(made)
    assert new_run.results.get(name="王试0").is_assessed
    gone = new_run.results.filter(name="王试1").first()
    assert gone is None or not gone.is_assessed
    assert made.run.results.get(name="王试1").score is not None
    told = counts(new_run)
    assert (told["exclusions"]["areas"], told["ballots_left_out"]) == (1, 34)
    assert told["exclusions"]["by_cause"] == {"pressure": 1}


def test_single_ballots_are_neither_offered_nor_taken(made: Assessed) -> None:
    """Batches with a handful of ballots, cells of ballots, batches nobody knows: refused by the services."""
    factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "other"))
    offered = choices_of(objection)
    assert {cell.table for cell in offered.cells} == {"facts", "costs", "appraisals", "area_covariates"}
    assert [(one.number, one.may_go) for one in offered.batches] == [(7, True), (8, False)]
    ballot = Decision("granted", "改答卷", becomes={"ballots-1": "5"}, removes=("ballots-2",))
    assert codes(lambda: decide(bureau(), objection, ballot)) == {"objections.not_correctable"}
    small = Decision("granted", "代答", batches=(8,), cause="fabricated")
    assert codes(lambda: decide(bureau(), objection, small)) == {"objections.batch_too_small"}
    wanted = Wanted("batches", "fabricated", "代答", batches=(8, 99))
    assert codes(lambda: propose_exclusion(bureau(), made.run, wanted)) == {
        "objections.batch_too_small", "objections.batch_unknown",
    }  # fmt: skip
    marks = next(cell for cell in offered.cells if cell.table == "appraisals")
    assert marks.value == ""
    rewritten = Decision("granted", "改评分", becomes={marks.token: "90"})
    assert codes(lambda: decide(bureau(), objection, rewritten)) == {"objections.not_correctable"}
    assert not Exclusion.objects.exists()


def test_evidence_is_corrected_cell_by_cell_in_a_further_version(made: Assessed) -> None:
    """A fact set, a rater's marks taken out, a place's figure put right; all else is as it was."""
    preview = factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "other"))
    who, area = made.result().assessee_id, made.district.responsibility_areas[1].code
    wrong = Decision("partly", "更正", becomes={f"facts-{who}-complaints": "一"})
    assert codes(lambda: decide(bureau(), objection, wrong)) == {"objections.value_wrong"}
    right = Decision(
        "partly", "更正", removes=(f"appraisals-{who}-peers-3",),
        becomes={f"facts-{who}-complaints": "0.5", f"area_covariates-{area}-share_aged_60": "0.31"},
    )  # fmt: skip
    decide(bureau(), objection, right)
    factory.window_over(preview)
    new_run = corrected(made)
    before, after = (open_snapshot(folder_of(run.snapshot)) for run in (made.run, new_run))
    assert after.table("facts")["value_milli"].to_pylist() == [500]
    assert after.table("area_covariates")["value"].to_pylist() == [0.31]
    assert after.table("appraisals").num_rows == 0
    assert after.table("costs").equals(before.table("costs"))
    assert before.table("facts")["value_milli"].to_pylist() == [1000]
    files = {one["path"]: one["sha256"] for one in before.manifest["files"]}
    kept = {one["path"]: one["sha256"] for one in after.manifest["files"]}
    changed = {path for path in files if kept[path] != files[path]}
    assert changed == {"facts.parquet", "area_covariates.parquet", "appraisals.parquet"}
    assert Objection.objects.get().correction is not None


def test_a_run_under_way_does_not_leave_a_version_without_its_correction(made: Assessed) -> None:
    """Asked for meanwhile, the carrying out is refused; begun already, it goes on when tried again."""
    preview = factory.previewed(made)
    area = made.district.responsibility_areas[1]
    factory.signed(
        [propose_exclusion(bureau(), made.run, Wanted("area", "accident", "停电", area=area.code))]
    )
    factory.window_over(preview)
    other = ask_for_run(bureau(), made.run.snapshot, reason="复算")
    refused = codes(lambda: ask_for_correction(bureau(), made.run))
    assert refused == {"assessments.under_way"}
    AssessmentRun.objects.filter(pk=other.pk).update(state="failed")
    correction = ask_for_correction(bureau(), made.run)
    AssessmentRun.objects.filter(pk=other.pk).update(state="waiting")
    assert codes(lambda: carry_out(correction.pk)) == {"assessments.under_way"}
    AssessmentRun.objects.filter(pk=other.pk).update(state="failed")
    assert carry_out(correction.pk)["state"] == "made"


def test_two_decisions_on_one_cell_do_not_overwrite_each_other(made: Assessed) -> None:
    """Different values for one cell stop the carrying out instead of the later one winning."""
    preview = factory.previewed(made)
    token = f"facts-{made.result().assessee_id}-complaints"
    for value in ("0", "2"):
        objection = factory.checked(made, factory.filed(made, "fact"))
        decide(bureau(), objection, Decision("granted", "更正", becomes={token: value}))
    factory.window_over(preview)
    assert codes(lambda: ask_for_correction(bureau(), made.run)) == {"objections.two_values"}


def test_what_nobody_signs_is_decided_anew_and_appeals_are_answered_by_others(made: Assessed) -> None:
    """A refused signature does not block for ever; an appeal that is followed lifts an exclusion."""
    preview = factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "batch"))
    decided = Decision("granted", "代答", batches=(7,), cause="fabricated")
    decide(bureau(), objection, decided)
    first = Exclusion.objects.get()
    approval.refuse(bureau(), first.proposal_id, note="证据不足")
    first.refresh_from_db()
    assert first.standing == "not_signed"
    objection.refresh_from_db()
    told = [one.code for one in hindrances(made.run)]
    assert "objections.exclusion_not_signed" in told
    stuck_one = codes(lambda: ask_for_correction(bureau(), made.run))
    assert "objections.exclusion_not_signed" in stuck_one
    reopen(bureau(), objection, "王试1 的剔除未获签字")
    record = StagedEntry.objects.get(kind="objection.reopened").record
    assert "王试1" not in str(record)
    assert commits_to(record, "reason", "王试1 的剔除未获签字")
    objection.refresh_from_db()
    assert objection.reopened == "王试1 的剔除未获签字"
    decide(bureau(), objection, decided)
    second = Exclusion.objects.exclude(pk=first.pk).get()
    factory.signed([second])
    noter = bureau()
    appeal = note_appeal(noter, second, "concerned", "多数访问是真实的")
    alone = codes(lambda: answer_appeal(noter, appeal, "成立", follows=True))
    assert alone == {"objections.noter_answers"}
    signer = scope(second.signed_by)
    refused = codes(lambda: answer_appeal(signer, appeal, "不成立", follows=False))
    assert refused == {"objections.signer_answers"}
    answer_appeal(bureau(), appeal, "成立", follows=True)
    second.refresh_from_db()
    assert second.state == "lifted"
    factory.window_over(preview)
    assert hindrances(made.run) == []
    told = counts(made.run)
    assert (told["exclusions"]["lifted"], told["exclusions"]["not_signed"]) == (1, 1)
    assert told["appeals"] == {"all": 1, "followed": 1}


def test_one_of_two_exclusions_that_is_not_signed_is_not_dropped(made: Assessed) -> None:
    """The first is refused, the second signed: the objection is decided anew, and what was signed stays."""
    factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "other"))
    code = choices_of(objection).areas[0][0]
    decide(bureau(), objection, Decision("granted", "代答", batches=(7,), areas=(code,), cause="fabricated"))
    first, second = Exclusion.objects.order_by("pk")
    factory.signed([second])
    assert stuck(made.run) == []
    approval.refuse(bureau(), first.proposal_id, note="证据不足")
    assert stuck(made.run) == [objection.pk]
    assert "objections.exclusion_not_signed" in codes(lambda: ask_for_correction(bureau(), made.run))
    reopen(bureau(), objection, "一项未获签字")
    decide(bureau(), objection, Decision("partly", "一项成立"))
    assert stuck(made.run) == []
    second.refresh_from_db()
    assert second.state == "holds"


def test_a_correction_whose_job_was_cancelled_does_not_block_the_next(made: Assessed) -> None:
    preview = factory.previewed(made)
    area = made.district.responsibility_areas[1]
    wanted = Wanted("area", "accident", "停电", area=area.code)
    factory.signed([propose_exclusion(bureau(), made.run, wanted)])
    factory.window_over(preview)
    first = ask_for_correction(bureau(), made.run)
    assert codes(lambda: ask_for_correction(bureau(), made.run)) == {"objections.carried_out_already"}
    Job.objects.filter(pk=first.job_id).update(state=Job.State.CANCELLED)
    first.refresh_from_db()
    assert first.is_broken
    second = ask_for_correction(bureau(), made.run)
    first.refresh_from_db()
    assert (first.state, second.state) == ("failed", "waiting")


def test_who_is_assessed_in_the_round_neither_proposes_nor_signs_an_exclusion(made: Assessed) -> None:
    """An official of the bureau who is assessed himself would leave out what speaks against him."""
    factory.previewed(made)
    factories.grant(made.bad, "district_bureau")
    wanted = Wanted("batches", "fabricated", "代答", batches=(7,))
    own = codes(lambda: propose_exclusion(scope(made.bad), made.run, wanted))
    assert own == {"objections.not_yours"}
    proposed = propose_exclusion(bureau(), made.run, wanted)
    own = codes(lambda: approval.approve(scope(made.bad), proposed.proposal_id))
    assert own == {"objections.not_yours"}
    factory.signed([proposed])
    assert proposed.state == "holds"


def test_evidence_is_deleted_after_its_term_and_the_hash_stays(made: Assessed, settings: Settings) -> None:
    """The clock counts from the decision; the record keeps name, size and hash."""
    factory.previewed(made)
    objection = factory.filed(made, files=(File("../证据.pdf", b"%PDF-1.7"),))
    objection = factory.checked(made, objection)
    assert delete_what_is_due() == 0
    decide(bureau(), objection, Decision("refused", "查无实据"))
    assert delete_what_is_due() == 0
    settings.OBJECTION_EVIDENCE_DAYS = 0
    assert delete_what_is_due() == 1
    assert not EvidenceContent.objects.exists()
    kept = Evidence.objects.get()
    assert (kept.name, kept.deleted_at is not None, len(kept.sha256)) == ("证据.pdf", True, 64)
    assert delete_what_is_due() == 0
