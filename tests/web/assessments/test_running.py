"""From a sealed snapshot to scores that explain themselves; the same input makes the same hash (S7)."""

from __future__ import annotations

import shutil
from contextlib import closing as closing_file

import pytest
from django.test import Client, override_settings

from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.assessments.selectors.runs import folder_of, results_folder
from minping_web.assessments.services.running import ask_for_run, carry_out
from minping_web.common.problems import RefusedError
from minping_web.common.scope import system_scope
from minping_web.jobs.models import Job
from minping_web.ledger.models import StagedEntry
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of as snapshot_folder_of
from tests.web import factories
from tests.web.assessments import factory
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict
from tests.web.snapshots import factory as closing

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sealed(district: SmallDistrict, monkeypatch: pytest.MonkeyPatch) -> SealedSnapshot:
    """A closed round."""
    closing.cheap_scrypt(monkeypatch)
    return factory.close_for_two(factory.open_for_two(district))


@pytest.fixture
def demo_values() -> object:
    """gulou-worker's 2019 bands were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


def assessed(snapshot: SealedSnapshot, reason: str = "") -> AssessmentRun:
    """Asked for and carried out."""
    run = ask_for_run(system_scope(), snapshot, reason=reason)
    carry_out(run.pk, closing.Quiet())
    run.refresh_from_db()
    return run


def client_of(role: str) -> Client:
    """Somebody with that role."""
    who = factories.user()
    factories.grant(who, role)
    return sign_in(Client(), who)


def test_from_a_sealed_round_to_scores_that_explain_themselves(
    sealed: SealedSnapshot, demo_values: None
) -> None:
    """Rows, files, ledger entry; a killed run begins again; equal input, equal hash; pages to the sums."""
    bureau = client_of("district_bureau")
    asked = bureau.post("/assessments/new/", {"snapshot": sealed.pk})
    run = AssessmentRun.objects.get()
    assert asked.headers["Location"] == f"/assessments/{run.pk}/"
    with pytest.raises(RefusedError) as refused:
        ask_for_run(system_scope(), sealed)
    assert refused.value.problems[0].code == "assessments.under_way"
    _left_by_a_killed_run(run)
    for _again in range(2):
        carry_out(run.pk, closing.Quiet())
    run.refresh_from_db()
    _counted_once(run, sealed)
    _pages_lead_to_the_sums(bureau, run)
    _repeated_gives_the_same_hash(run, sealed)
    for role, status in (("auditor", 200), ("survey_manager", 403)):
        assert client_of(role).get(f"/assessments/{run.pk}/").status_code == status


def _left_by_a_killed_run(run: AssessmentRun) -> None:
    left = results_folder() / f".run-{run.pk}"
    left.mkdir(parents=True)
    (left / "half").write_text("half")


def _counted_once(run: AssessmentRun, sealed: SealedSnapshot) -> None:
    assert (run.state, run.problems) == (RunState.DONE, [])
    rows = {row.name: row for row in run.results.all()}
    assert {name: (row.score, row.ballots) for name, row in rows.items()} == {
        "王试0": (100.0, factory.N),
        "王试1": (15.0, factory.N - 2),
    }
    assert all(row.person_id and row.area_id and row.low <= row.score <= row.high for row in rows.values())
    assert (folder_of(run) / "result.json").is_file()
    assert not (folder_of(run) / "half").exists()
    entry = StagedEntry.objects.get(kind="assessment.result")
    assert entry.record["result_sha256"] == run.result_sha256
    assert entry.record["snapshot_sha256"] == sealed.sha256


def _pages_lead_to_the_sums(bureau: Client, run: AssessmentRun) -> None:
    assert f"/assessments/{run.pk}/" in bureau.get("/assessments/").content.decode()
    row = run.results.get(name="王试1")
    page = bureau.get(f"/assessments/{run.pk}/?state=assessed").content.decode()
    assert f"/assessments/{run.pk}/results/{row.pk}/" in page
    reason = bureau.get(f"/assessments/{run.pk}/results/{row.pk}/").content.decode()
    assert "计入 34 份答卷" in reason
    assert "原得分 = 各片区均值按权加权平均 = 15.000000" in reason
    with closing_file(bureau.get(f"/assessments/{run.pk}/files/report.xlsx")) as book:
        assert b"".join(book.streaming_content).startswith(b"PK")
    assert bureau.get(f"/assessments/{run.pk}/files/result.json").status_code == 404
    export = bureau.get(f"/assessments/{run.pk}/?format=csv").content.decode("utf-8-sig")
    assert "王试1" in export


def _repeated_gives_the_same_hash(first: AssessmentRun, sealed: SealedSnapshot) -> None:
    with pytest.raises(RefusedError) as refused:
        ask_for_run(system_scope(), sealed)
    assert refused.value.problems[0].code == "assessments.reason_missing"
    second = assessed(sealed, "Probe")
    assert (second.parent, second.result_sha256) == (first, first.result_sha256)
    assert AssessedResult.objects.count() == 4
    assert folder_of(first) != folder_of(second)


def test_what_hinders_a_run_is_told_and_nothing_is_written(sealed: SealedSnapshot) -> None:
    """Values that nobody published stop a real run; a lost job and a lost folder do not block the next."""
    before = set(results_folder().glob("*run-*"))
    lost = ask_for_run(system_scope(), sealed)
    Job.objects.filter(pk=lost.job_id).update(state=Job.State.FAILED)
    bureau = client_of("district_bureau")
    assert "没有写入任何内容" in bureau.get(f"/assessments/{lost.pk}/").content.decode()
    assert f'value="{sealed.pk}"' in bureau.get("/assessments/new/").content.decode()
    run = assessed(sealed)
    lost.refresh_from_db()
    assert (lost.state, run.state) == (RunState.FAILED, RunState.FAILED)
    codes = {one["code"] for one in run.problems}
    assert codes == {"scheme.not_published"}
    page = bureau.get(f"/assessments/{run.pk}/").content.decode()
    assert "没有写入任何内容" in page
    shutil.rmtree(snapshot_folder_of(sealed))
    gone = assessed(sealed)
    assert [one["code"] for one in gone.problems] == ["snapshots.folder_gone"]
    assert not AssessedResult.objects.exists()
    assert set(results_folder().glob("*run-*")) == before
    assert not StagedEntry.objects.filter(kind="assessment.result").exists()
