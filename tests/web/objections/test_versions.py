"""Versions of the sealed input: taken up after a broken correction, carried over to newer evidence."""

from __future__ import annotations

import pytest

from minping_engine.snapshot import open_snapshot
from minping_web.appraisals.models import EvidenceSeal
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.jobs.models import Job
from minping_web.ledger.models import StagedEntry
from minping_web.objections.models import Correction, Exclusion
from minping_web.objections.selectors import hindrances
from minping_web.objections.selectors.cells import choices_of
from minping_web.objections.selectors.standing import not_carried_out, unfinished_in
from minping_web.objections.services import correcting
from minping_web.objections.services.correcting import ask_for_correction, carry_out
from minping_web.objections.services.excluding import Wanted, answer_appeal, note_appeal, propose_exclusion
from minping_web.objections.services.previews import open_preview
from minping_web.objections.services.reviewing import Decision, decide, reopen
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.services.versions import Correction as Wish
from minping_web.snapshots.services.versions import make_version
from tests.web.objections import factory
from tests.web.objections.factory import Assessed, bureau
from tests.web.objections.test_exclusions import codes

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


class KilledError(Exception):
    """The worker died."""


def left_out(made: Assessed) -> Exclusion:
    """The area of the badly marked worker, signed; the window is over."""
    preview = factory.previewed(made)
    wanted = Wanted("area", "accident", "停电", area=made.district.responsibility_areas[1].code)
    exclusion = propose_exclusion(bureau(), made.run, wanted)
    factory.signed([exclusion])
    factory.window_over(preview)
    return exclusion


def killed_after_sealing(made: Assessed, monkeypatch: pytest.MonkeyPatch, ended: str) -> SealedSnapshot:
    """The version is sealed, nothing else is kept, and the job ends for good."""
    first = ask_for_correction(bureau(), made.run)

    def dies(*given: object) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(correcting, "_keep", dies)
        with pytest.raises(KilledError):
            carry_out(first.pk)
    Job.objects.filter(pk=first.job_id).update(state=ended)
    return SealedSnapshot.objects.filter(round=made.run.round_id).latest("pk")


@pytest.mark.parametrize("ended", [Job.State.CANCELLED, Job.State.FAILED])
def test_what_a_broken_correction_sealed_is_taken_up_by_the_next(
    made: Assessed, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    """The register has one further version, the ledger says whose it was, and the result can go on."""
    left_out(made)
    version = killed_after_sealing(made, monkeypatch, ended)
    assert version.pk != made.run.snapshot_id
    assert [one.code for one in hindrances(made.run)] == ["objections.exclusions_not_carried"]
    second = ask_for_correction(bureau(), made.run)
    assert carry_out(second.pk)["snapshot"] == version.sha256
    second.refresh_from_db()
    assert (second.state, second.snapshot) == ("made", version)
    assert SealedSnapshot.objects.filter(round=made.run.round_id).latest("pk") == version
    entry = StagedEntry.objects.get(kind="correction.made").record
    assert entry["took_up"] == [Correction.objects.earliest("pk").pk]
    assert [one.code for one in hindrances(made.run)] == ["objections.newer_input"]
    new_run = factory.finished(second.new_run)
    assert new_run.results.get(name="王试1").status == "not_assessed"
    assert open_preview(bureau(), new_run).follows == made.run.preview


def test_what_was_sealed_is_not_lifted_changed_or_previewed_before_it_is_taken_up(
    made: Assessed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next correction would go on with something else than what was signed."""
    exclusion = left_out(made)
    version = killed_after_sealing(made, monkeypatch, Job.State.CANCELLED)
    appeal = note_appeal(bureau(), exclusion, "concerned", "当天有电")
    late = codes(lambda: answer_appeal(bureau(), appeal, "成立", follows=True))
    assert late == {"objections.appeal_too_late"}
    more = Wanted("batches", "fabricated", "代答", batches=(7,))
    assert "objections.carried_out_already" in codes(lambda: propose_exclusion(bureau(), made.run, more))
    half = factory.run_on(version, reason="复算")
    assert codes(lambda: open_preview(bureau(), half)) == {"objections.half_corrected"}


def newer_evidence(made: Assessed) -> SealedSnapshot:
    """Evidence closed anew while the first preview is open: marks and facts as before, other numbers."""
    opened = open_snapshot(folder_of(made.run.snapshot))
    marks = opened.table("appraisals")
    at = marks.schema.get_field_index("rater")
    again = marks.set_column(at, marks.schema.field(at), [[9] * marks.num_rows])
    wish = Wish("补录", ("evidence-0",), {"appraisals": again})
    return make_version(bureau(), made.run.snapshot, wish)


def test_what_is_granted_on_an_overtaken_preview_is_carried_out_on_the_newest_data(made: Assessed) -> None:
    """Nobody loses an objection because evidence was closed anew after the preview had opened."""
    first = factory.previewed(made)
    newer = newer_evidence(made)
    objection = factory.checked(made, factory.filed(made, "appraisal"))
    tokens = [one.token for one in choices_of(objection).cells]
    assert [token.rpartition("-")[2] for token in tokens] == ["9"]  # as raters are numbered in the newest
    fact = factory.checked(made, factory.filed(made, "fact"))
    batch = factory.checked(made, factory.filed(made, "batch"))
    run = factory.run_on(newer, reason="补录佐证材料")
    second = open_preview(bureau(), run)
    decide(bureau(), objection, Decision("granted", "评分人有利害关系", removes=tokens))
    who = made.result().assessee_id
    decide(bureau(), fact, Decision("granted", "更正", becomes={f"facts-{who}-complaints": "0"}))
    decide(bureau(), batch, Decision("granted", "代答", batches=(7,), cause="fabricated"))
    factory.signed(Exclusion.objects.all())
    for one in (first, second):
        factory.window_over(one)
    assert next(one.code for one in hindrances(made.run)) == "objections.newer_input"
    told = {one.code: one.params["n"] for one in hindrances(run)}
    assert told == {"objections.not_carried_out": 3, "objections.exclusions_not_carried": 1}
    assert sorted(not_carried_out(run)) == sorted(one.pk for one in (objection, fact, batch))
    correction = ask_for_correction(bureau(), run)
    assert carry_out(correction.pk)["state"] == "made", Correction.objects.get().problems
    correction.refresh_from_db()
    assert correction.snapshot.parent == newer
    opened = open_snapshot(folder_of(correction.snapshot))
    assert not opened.has("appraisals") or opened.table("appraisals").num_rows == 0
    assert opened.table("facts").to_pylist()[0]["value_milli"] == 0
    assert correction.objections.count() == 3
    assert hindrances(factory.finished(correction.new_run))[0].code == "objections.no_preview"


def test_while_evidence_is_being_closed_nothing_is_granted_that_changes_it(made: Assessed) -> None:
    """Raters have other numbers in the next version: what was chosen would be somebody else's marks."""
    factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "appraisal"))
    token = choices_of(objection).cells[0].token
    job = Job.objects.create(task="appraisals.close_evidence", run_at=now(), queued_at=now())
    seal = EvidenceSeal.objects.create(round=made.run.round, parent=made.run.snapshot, at=now(), job=job)
    said = Decision("granted", "有利害关系", removes=(token,))
    assert codes(lambda: decide(bureau(), objection, said)) == {"objections.sealing"}
    EvidenceSeal.objects.filter(pk=seal.pk).update(state="done")
    assert decide(bureau(), objection, said).is_won


def test_evidence_is_not_closed_anew_while_an_exclusion_waits(made: Assessed) -> None:
    """It was chosen in the data that would be overtaken."""
    factory.previewed(made)
    wanted = Wanted("area", "accident", "停电", area=made.district.responsibility_areas[1].code)
    exclusion = propose_exclusion(bureau(), made.run, wanted)
    round_id = made.run.round_id
    assert [one.code for one in unfinished_in(round_id)] == ["objections.exclusions_waiting"]
    factory.signed([exclusion])
    assert [one.code for one in unfinished_in(round_id)] == ["objections.exclusions_not_carried"]
    approval_left = propose_exclusion(bureau(), made.run, Wanted("batches", "fabricated", "代", batches=(7,)))
    approval.refuse(bureau(), approval_left.proposal_id, note="证据不足")
    assert [one.code for one in unfinished_in(round_id)] == ["objections.exclusions_not_carried"]


def test_two_decisions_that_contradict_each_other_can_be_decided_anew(made: Assessed) -> None:
    """Else the result could never be carried out."""
    preview = factory.previewed(made)
    token = f"facts-{made.result().assessee_id}-complaints"
    filed = [factory.checked(made, factory.filed(made, "fact")) for _each in range(2)]
    for objection, value in zip(filed, ("0", "2"), strict=True):
        decide(bureau(), objection, Decision("granted", "更正", becomes={token: value}))
    factory.window_over(preview)
    assert codes(lambda: ask_for_correction(bureau(), made.run)) == {"objections.two_values"}
    again = reopen(bureau(), filed[1], "与另一件矛盾")
    decide(bureau(), again, Decision("granted", "更正", becomes={token: "0"}))
    assert codes(lambda: reopen(bureau(), filed[0], "再看")) == {"objections.ended"}
    assert ask_for_correction(bureau(), made.run).state == "waiting"
