"""The demonstration's rounds go through the vote: frame, draw, messages, votes, custodians, count, purge."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.utils import timezone

import minping_web.site.demo.tasks  # noqa: F401  (registers the job, as a demonstration does)
from minping_engine.demo import DemoParameters, make_district
from minping_engine.errors import Severity
from minping_engine.snapshot import json_sha256
from minping_engine.verification import verify_year
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.ballots.models import BallotSlot, CountedReceipt, RoundClosing, RoundKey
from minping_web.ballots.rules import custody
from minping_web.ballots.rules.words import Body, ClosingState
from minping_web.ballots.selectors.slips import find
from minping_web.channels.models import Provider
from minping_web.common.approval import approve
from minping_web.common.clock import today
from minping_web.common.crypto import make_keys
from minping_web.common.models import Proposal
from minping_web.common.scope import Scope, entered, system_scope
from minping_web.frames.models import ContactExport
from minping_web.frames.services.exporting import ask_export, open_export
from minping_web.jobs.models import Job
from minping_web.jobs.rules import WorkerStoppingError
from minping_web.jobs.services import WorkerSettings, run_worker
from minping_web.ledger.models import Log
from minping_web.ledger.services import export_opened, sequence
from minping_web.objections.models import Correction, Objection, Preview
from minping_web.objections.rules.words import Outcome
from minping_web.publications.models import Publication
from minping_web.publications.services.publish import publish_now
from minping_web.rounds.models import Invitation, SampledUnit, SurveyRound, TokenBatch
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.services.folders import draw_folder
from minping_web.rounds.services.secrets import rounds_with_secrets
from minping_web.site.demo import story_seed
from minping_web.site.demo.closing_seed import PASSPHRASE, key_file
from minping_web.site.demo.round_plan import (
    AUDITOR,
    BUREAU,
    FIRM,
    LAST,
    RUNNING,
    RoundSize,
    acting,
    demo_folder,
)
from minping_web.site.demo.round_stages import TASK, make_rounds, queue_rounds
from minping_web.site.demo.seed import fill
from minping_web.site.demo.votes_seed import links_of
from minping_web.site.years import export_year
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.services.downloads import take_copy
from tests.web.site.records import records, walk
from tests.web.site.running import MINPING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
SIZE = RoundSize(communities=1, per_area=20, open_per_area=6, history=3)
SHORT = replace(SIZE, history=1)


@pytest.fixture
def demonstration(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small district whose rounds wait to be made."""
    settings.DEMO, settings.DATA_FOLDER, settings.KEY_FOLDER = True, tmp_path / "data", tmp_path / "keys"
    settings.ROOT_URLCONF = "tests.web.site.demo_addresses"
    monkeypatch.setattr(custody, "SCRYPT_N", 2**10)  # guessing passphrases is not under test
    make_keys(settings.KEY_FOLDER)
    # A migration makes it; the flush of another test may have taken it away.
    Provider.objects.get_or_create(name="outbox", defaults={"title": "文件", "kind": "file", "price_li": 45})
    fill(make_district(DemoParameters.small(), 1), households=400, tell=lambda line: None)


class Stopped:
    """Progress of a worker that is stopped at a report."""

    def __init__(self, reports: int) -> None:
        self.left = reports

    @property
    def scope(self) -> Scope:
        """As periodic jobs have it."""
        return system_scope()

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """One report less."""
        self.left -= 1
        if self.left < 0:
            raise WorkerStoppingError


def _made() -> tuple[SurveyRound, SurveyRound]:
    """Both rounds, when the worker has nothing left to do."""
    queue_rounds(1, SIZE, small=True)
    run_worker(threading.Event(), WorkerSettings(until_idle=True, periodic=False))
    bad = Job.objects.exclude(state__in=(Job.State.DONE, Job.State.QUEUED))
    assert not list(bad.values_list("task", "error"))
    return SurveyRound.objects.get(name=LAST.name), SurveyRound.objects.get(name=RUNNING.name)


def _spent(survey_round: SurveyRound) -> int:
    return Invitation.objects.filter(round=survey_round, spent_token__isnull=False).count()


@pytest.mark.deep
def test_the_last_quarter_runs_from_frame_to_snapshot_and_is_assessed(
    demonstration: None, client: Client, tmp_path: Path
) -> None:
    last, running = _made()
    closing, snapshot = RoundClosing.objects.get(pk=last.pk), SealedSnapshot.objects.get(round=last)
    assert (last.state, closing.state) == (SurveyRound.State.CLOSED, ClosingState.PURGED)
    assert last.frame.sealed_at is not None
    assert last.fixed_at is not None
    assert last.frame.sealed_at < last.fixed_at
    decided = Proposal.objects.filter(kind="rounds.fix", state=Proposal.State.EXECUTED)
    assert decided.count() == 2
    assert all(one.proposer_id != one.decider_id for one in decided)
    assert closing.first_custodian_id != closing.second_custodian_id
    assert closing.n_counted == closing.n_slots == CountedReceipt.objects.filter(round=last).count() > 60
    assert not BallotSlot.objects.filter(round=last).exists()
    assert rounds_with_secrets() == [running.pk]
    assert RoundKey.objects.get(pk=last.pk).destroyed_on is not None
    _assess(folder_of(snapshot), tmp_path / "result", closing.n_counted or 0)
    run = AssessmentRun.objects.get(round=last)
    outside = json.loads((tmp_path / "result" / "result.json").read_text("utf-8"))
    assert (run.state, run.result_sha256) == (RunState.DONE, json_sha256(outside))
    assert Preview.objects.get(run=run).is_open(today())
    _look_at_the_quarters_before()
    _verify_draw(draw_folder(last.pk))
    _look_at_the_page(client, running)


def _look_at_the_quarters_before() -> None:
    """Published one after the other; in the disputed one an objection was lost, one won."""
    published = Publication.objects.select_related("run", "round").order_by("round__period")
    assert [one.round.period for one in published] == ["2020Q2", "2020Q3", "2020Q4"]
    outcomes = Objection.objects.values_list("outcome", flat=True)
    assert sorted(outcomes) == [Outcome.GRANTED, Outcome.REFUSED]
    corrected = Correction.objects.get()
    assert corrected.new_run == published[0].run
    assert corrected.run.counts["ballots_read"] > corrected.new_run.counts["ballots_read"]


def _assess(snapshot: Path, result: Path, ballots: int) -> None:
    """`minping assess` takes the snapshot as it is."""
    words = ["assess", "gulou-worker", str(snapshot), "--demo-values", "--no-cards", "-o", str(result)]
    done = subprocess.run([*MINPING, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    scores = pq.read_table(result / "scores.parquet")
    assert sum(scores["n_ballots"].to_pylist()) == ballots
    known = [score for score in scores["direct"].to_pylist() if score is not None]
    assert len(known) > 3
    assert all(60 < score <= 100 for score in known)


def _verify_draw(folder: Path) -> None:
    """`minping verify draw` finds the sample again, unit by unit."""
    done = subprocess.run(
        [*MINPING, "verify", "draw", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _look_at_the_page(client: Client, running: SurveyRound) -> None:
    """Live links of unspent households, a paper code, a receipt that is counted, the custodians' files."""
    assert running.state == SurveyRound.State.OPEN
    assert 0 < _spent(running) < Invitation.objects.filter(round=running).count()
    shown = client.get("/demo/vote/").content.decode()
    links = [token for token in links_of(running) if f"/v/{token}/" in shown]
    assert len(links) == 3
    assert all((slip := find(token)) and not slip.slip.spent for token in links)
    assert client.get(f"/v/{links[0]}/").status_code == 200
    assert client.get("/demo/").status_code == 200
    receipt = CountedReceipt.objects.earliest("receipt").receipt
    assert receipt in shown
    assert PASSPHRASE in shown
    for body in Body:
        held = client.get(f"/demo/vote/keys/{body.value}/")
        assert held.content == (demo_folder() / key_file(body)).read_bytes()
    assert client.get("/demo/vote/keys/nobody/").status_code == 404


@pytest.mark.deep
def test_the_record_of_one_round_holds_every_kind_from_its_frame_to_its_correction(
    demonstration: None, tmp_path: Path
) -> None:
    """Frame, seed, draw, questionnaire, opening, count, objection, correction, publication, exports."""
    queue_rounds(1, SHORT, small=True)
    run_worker(threading.Event(), WorkerSettings(until_idle=True, periodic=False))
    last = SurveyRound.objects.get(name=LAST.name)
    correction = story_seed._disputed(AssessmentRun.objects.get(round=last))
    run_worker(threading.Event(), WorkerSettings(until_idle=True, periodic=False))
    correction.refresh_from_db()
    assert correction.new_run is not None
    publish_now(system_scope(), correction.new_run)
    _hand_out(last)
    sequence()
    made = walk(last.pk)
    assert {"objection.decided", "exclusion.signed", "correction.made"} <= made.keys()
    for area in made["round.counted"]["areas"]:
        assert bool(area["ballots"]) == bool(area["receipts_root"])
        assert bool(area["ballots"] - area["withheld"]) == bool(area["ballots_root"])
    for kind in ("access.grant", "snapshot.copied", "frame.contacts_exported", "ledger.export"):
        assert records(kind), kind
    year, log = timezone.localdate().year, Log.objects.get()
    export_year(acting(AUDITOR), year, tmp_path / "year", reason="yearly audit")
    report = verify_year(tmp_path / "year", log.verifier, processes=2)
    assert [one for one in report.problems if one.severity is Severity.ERROR] == []
    assert report.counts["ballot roots"] == len(made["round.counted"]["areas"])


def _hand_out(last: SurveyRound) -> None:
    """Single ballots to the auditor, contacts to the firm, records to the auditor."""
    auditor, firm = acting(AUDITOR), acting(FIRM)
    with entered(auditor):
        take_copy(auditor, SealedSnapshot.objects.filter(round=last).earliest("pk"), reason="抽查").close()
        export_opened(auditor, reason="抽查")
    with entered(firm):
        area = SampledUnit.objects.filter(round=last).earliest("pk").area
        permit = ask_export(firm, last.frame_id, area_id=area.parent_id, instrument="", reason="入户复核")
    if isinstance(permit, Proposal):  # so many take a second person
        second = acting(BUREAU)
        with entered(second):
            permit = approve(second, permit.pk)
    assert isinstance(permit, ContactExport)
    with entered(firm):
        assert list(open_export(firm, permit.pk))


@pytest.mark.deep
def test_a_start_that_is_stopped_again_and_again_makes_nothing_twice(demonstration: None) -> None:
    """Each run may report a little longer than the one before it; the product's jobs run in between."""
    seen, done = [], False
    for reports in range(60):
        if done:
            break
        with suppress(WorkerStoppingError):
            done = make_rounds(Stopped(reports), 1, SHORT, small=True)
        seen.append(Invitation.objects.filter(round__name=LAST.name, spent_token__isnull=False).count())
        Job.objects.filter(task=TASK, state=Job.State.QUEUED).delete()  # this test goes on instead
        run_worker(threading.Event(), WorkerSettings(until_idle=True, periodic=False))
    last, running = (SurveyRound.objects.get(name=plan.name) for plan in (LAST, RUNNING))
    assert done
    assert len({count for count in seen if 0 < count < seen[-1]}) > 2, "no run was stopped amid the votes"
    assert SurveyRound.objects.count() == 2 + SHORT.history
    assert TokenBatch.objects.filter(round=last, channel=Channel.SMS).count() == 1
    assert CountedReceipt.objects.filter(round=last).count() == _spent(last) == seen[-1]
    assert BallotSlot.objects.filter(round=running).count() == _spent(running) > 0
