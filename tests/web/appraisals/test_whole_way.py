"""From an assessment without a survey to scores: calls, marks, facts, a finding, the closing (S47)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.test import override_settings

from minping_engine.assessment import assess
from minping_engine.evidence import scheduler_named
from minping_engine.snapshot import json_sha256, open_snapshot
from minping_web.appraisals.models import EvidenceSeal, Finding
from minping_web.appraisals.rules.words import SealState
from minping_web.appraisals.selectors.missing import state_of
from minping_web.appraisals.services.findings import FindingDraft, propose_finding
from minping_web.appraisals.services.sealing import ask_for_seal, carry_out
from minping_web.appraisals.services.values import ValueDraft, save_values
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.services import running
from minping_web.common import approval
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of
from tests.web.appraisals import factory
from tests.web.appraisals.factory import Quarter
from tests.web.factories import SmallDistrict
from tests.web.snapshots.factory import Quiet

SCORES = (85.4, 62.75)
"""30 % of 90 and 88, 40 % of 80; 30 % of 60 and 62.5, 40 % of 70, 2 points for the finding."""

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def demo_values() -> object:
    """Minima of raters were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


def test_a_quarter_of_contractors_from_calls_to_the_same_score_as_the_command_gives(
    district: SmallDistrict, demo_values: None, tmp_path: Path
) -> None:
    """Three rater groups, one of them too small; a deduction that two persons decided; the engine agrees."""
    made = factory.quarter(district)
    _marked(made)
    _facts(made)
    _finding(made)
    _missing_is_named(made)
    version = _closed(made)
    run = _assessed(made, version)
    assert {row.status for row in run.results.all()} == {"not_assessed"}
    version, run = _with_representatives(made)
    scheme = loaded(made.round.scheme, demo=True)
    result = assess(
        open_snapshot(folder_of(version)),
        scheme,
        tmp_path,
        scheduler_named("serial"),
        clock=time.perf_counter,
    )
    assert json_sha256(result.head) == run.result_sha256
    rows = {row["assessee_id"]: row for row in result["outcomes"].to_pylist()}
    found = {row.assessee_id: (row.status, row.score) for row in run.results.all()}
    assert found == {who: (row["status"], row["score"]) for who, row in rows.items()}
    assert {who: round(score, 2) for who, (_status, score) in found.items()} == {
        made.ids[0]: SCORES[0],
        made.ids[1]: SCORES[1],
    }


def _marked(made: Quarter) -> None:
    (chief,) = factory.of_role("district_bureau")
    experts = factory.of_role("expert", 5)
    for rater in factory.call(made, "bureau", [chief]):
        factory.mark(made, rater, "contract", ("90", "60"))
    for n, rater in enumerate(factory.call(made, "experts", experts)):
        factory.mark(made, rater, "quality", (str(86 + n), "62.5"))


def _facts(made: Quarter) -> None:
    drafts = [
        ValueDraft(who, f"facts:{name}", value, "三季度合同台账")
        for who in made.ids
        for name, value in (("contract_fen", "30000000"), ("passed_on_fen", "0"))
    ]
    drafts.append(ValueDraft(made.ids[0], "costs:yuan", "300000", "财务台账"))
    assert save_values(made.scope, made.round, drafts) == 5
    with pytest.raises(RefusedError) as refused:
        save_values(
            made.scope, made.round, [ValueDraft(made.ids[1], "facts:overdue_findings", "1", "巡查记录")]
        )
    assert refused.value.problems[0].code == "appraisal.takes_two_persons"


def _finding(made: Quarter) -> None:
    draft = FindingDraft(
        assessee_id=made.ids[1], fact="overdue_findings", amount=1, happened_on=factory.DAY,
        what="八月二十日巡查发现的问题逾期未整改", document="联合会巡查单 8 号", heard="statement",
        heard_on=today(), statement="因材料未到货，已在落实整改",
    )  # fmt: skip
    finding = propose_finding(made.scope, made.round, draft)
    assert not finding.counts
    with pytest.raises(RefusedError) as refused:
        approval.approve(made.scope, finding.proposal_id)
    assert refused.value.problems[0].code == "approval.same_person"
    (second,) = factory.of_role("district_bureau")
    approval.approve(factory.fresh(second), finding.proposal_id)
    assert Finding.objects.get().counts
    assert "材料" not in bytes(Finding.objects.get().sealed or b"").decode("latin-1")


def _missing_is_named(made: Quarter) -> None:
    gaps = {(one.gap.value, one.name): (one.n, one.of) for one in state_of(made.round).missing}
    assert gaps["no_call", "representatives"] == (2, 2)
    assert ("too_few_raters", "experts") not in gaps
    with pytest.raises(RefusedError) as refused:
        ask_for_seal(made.scope, made.round)
    assert refused.value.problems[0].code == "appraisal.reason_missing"


def _closed(made: Quarter) -> SealedSnapshot:
    parent = SealedSnapshot.objects.get(round=made.round)
    seal = ask_for_seal(made.scope, made.round, reason="社区代表本季度未到位")
    for _again in range(2):
        carry_out(seal.pk, Quiet())
    seal.refresh_from_db()
    assert (seal.state, seal.problems) == (SealState.DONE, [])
    version = EvidenceSeal.objects.get().snapshot
    assert version is not None
    assert version.parent_id == parent.pk
    opened = open_snapshot(folder_of(version))
    marks = opened.table("appraisals").to_pylist()
    assert len(marks) == 12
    assert len({row["rater"] for row in marks}) == 6
    facts = {
        (row["assessee_id"], row["fact"]): row["value_milli"] for row in opened.table("facts").to_pylist()
    }
    assert facts[made.ids[1], "overdue_findings"] == 1000
    assert opened.table("costs").to_pylist() == [
        {"assessee_id": made.ids[0], "yuan": 300000.0, "yuan_se": None}
    ]
    entry = StagedEntry.objects.get(kind="evidence.sealed")
    assert {"group": "experts", "called": 5, "handed_in": 5, "by_link": 0} in entry.record["groups"]
    assert entry.record["snapshot_sha256"] == version.sha256
    return version


def _with_representatives(made: Quarter) -> tuple[SealedSnapshot, AssessmentRun]:
    """The group that was missing comes after all; the evidence is closed again with a reason."""
    for rater in factory.call(
        made, "representatives", factory.of_role("representative", 10, area=made.place)
    ):
        factory.mark(made, rater, "service", ("80", "70"))
    factory.end_calls(made)
    assert state_of(made.round).missing == []
    seal = ask_for_seal(made.scope, made.round, reason="社区代表评分已补齐")
    carry_out(seal.pk, Quiet())
    seal.refresh_from_db()
    assert seal.snapshot is not None, seal.problems
    return seal.snapshot, _assessed(made, seal.snapshot, reason="补齐社区代表评分")


def _assessed(made: Quarter, version: SealedSnapshot, reason: str = "") -> AssessmentRun:
    run = running.ask_for_run(made.scope, version, reason=reason)
    running.carry_out(run.pk, Quiet())
    run.refresh_from_db()
    assert run.problems == []
    return run
