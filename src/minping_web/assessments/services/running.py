"""Ask for a run, and carry it out in the background.

The engine is a pure function of snapshot and scheme, so a killed run is begun again from nothing and makes
the same result. Its folder has its name only when all bytes are on disk; rows, state and ledger entry follow
in one transaction.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from minping_engine.assessment import Result, assess, write_result
from minping_engine.errors import MinpingError, Problem
from minping_engine.evidence import scheduler_named
from minping_engine.reporting import write_papers
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot, json_sha256, open_snapshot
from minping_web.assessments.models import BROKEN, AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import OPEN, RunState
from minping_web.assessments.selectors.runs import RUN, results_folder
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.people.models import Person
from minping_web.places.models import Area
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of as snapshot_folder_of
from minping_web.snapshots.services.writing import put_durably

TASK = "assessments.run"
ENTRY = "assessment.result"
AT_ONCE = 1_000
NORMAL_95 = 1.959963984540054


def ask_for_run(scope: Scope, snapshot: SealedSnapshot, *, reason: str = "") -> AssessmentRun:
    """Queue a run on a snapshot with its round's scheme.

    Raises `RefusedError` for a round without a frozen scheme or with a run under way, and without a reason
    where the round was assessed before.
    """
    scope.require(RUN)
    scheme = snapshot.round.scheme
    if scheme is None:
        raise RefusedError.of("assessments.no_scheme", round=snapshot.round.name)
    _give_up_broken(snapshot.round_id)
    earlier = AssessmentRun.objects.filter(round=snapshot.round_id, state=RunState.DONE).first()
    if earlier and not reason.strip():
        raise RefusedError.of("assessments.reason_missing")
    try:
        with transaction.atomic():
            run = AssessmentRun.objects.create(
                round=snapshot.round, snapshot=snapshot, scheme=scheme, parent=earlier,
                reason=reason.strip(), asked_by_id=scope.user_id, asked_at=now(),
            )  # fmt: skip
            title = _("Assessment of %(round)s") % {"round": snapshot.round.name}
            run.job = enqueue(scope, TASK, title=title[:200], run_id=run.pk)
            run.save(update_fields=["job"])
    except IntegrityError:
        raise RefusedError.of("assessments.under_way", round=snapshot.round.name) from None
    return run


def _give_up_broken(round_id: int) -> None:
    """A run whose job was cancelled or failed for good does not block the next."""
    AssessmentRun.objects.filter(round=round_id, state__in=OPEN, job__state__in=BROKEN).update(
        state=RunState.FAILED, ended_at=now()
    )


def carry_out(run_id: int, progress: Progress) -> dict[str, Any]:
    """Run the engine and keep what it made; may be repeated, also after a crash."""
    run = AssessmentRun.objects.select_related("round", "scheme", "snapshot").get(pk=run_id)
    if not run.is_open:
        return {"state": run.state}
    AssessmentRun.objects.filter(pk=run_id).update(state=RunState.RUNNING)
    try:
        snapshot, scheme = _opened(run)
        result, folder = _made(run, snapshot, scheme, progress)
    except MinpingError as error:
        _failed(run, error)
        return {"state": RunState.FAILED.value}
    _keep(run, scheme, result, folder)
    return {"state": RunState.DONE.value, "assessed": result.head["counts"]["assessed"]}


def _opened(run: AssessmentRun) -> tuple[Snapshot, LoadedScheme]:
    folder = snapshot_folder_of(run.snapshot)
    if not folder.is_dir():
        raise RefusedError.of("snapshots.folder_gone", folder=run.snapshot.folder)
    snapshot = open_snapshot(folder)
    if snapshot.sha256 != run.snapshot.sha256:
        raise RefusedError.of("snapshots.other_hash")
    return snapshot, loaded(run.scheme, demo=settings.DEMO)


def _made(
    run: AssessmentRun, snapshot: Snapshot, scheme: LoadedScheme, progress: Progress
) -> tuple[Result, Path]:
    draft = results_folder() / f".run-{run.pk}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    result = assess(
        snapshot, scheme, draft, scheduler_named("serial"), clock=time.perf_counter,
        on_progress=lambda _stage, done, total: progress(done, total),
    )  # fmt: skip
    write_papers(result, scheme, snapshot, draft, language="zh")
    write_result(result, draft)
    folder = results_folder() / f"run-{run.pk}-{json_sha256(result.head)[:12]}"
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed after this
    put_durably(draft, folder)
    return result, folder


def _failed(run: AssessmentRun, error: MinpingError) -> None:
    shutil.rmtree(results_folder() / f".run-{run.pk}", ignore_errors=True)
    AssessmentRun.objects.filter(pk=run.pk).update(
        state=RunState.FAILED, ended_at=now(), problems=[_told(problem) for problem in error.problems]
    )


def _told(problem: Problem) -> dict[str, Any]:
    """A problem as it is kept: its code and what its text needs."""
    params = {name: str(value) for name, value in problem.params.items()}
    return {"code": problem.code, "params": params, "key": problem.place.key or ""}


@transaction.atomic
def _keep(run: AssessmentRun, scheme: LoadedScheme, result: Result, folder: Path) -> None:
    """Rows, state and ledger entry, or none of them."""
    locked = AssessmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if not locked.is_open:
        return
    sha256 = json_sha256(result.head)
    AssessedResult.objects.bulk_create(_results(run, scheme, result), batch_size=AT_ONCE)
    AssessmentRun.objects.filter(pk=run.pk).update(
        state=RunState.DONE, ended_at=now(), result_sha256=sha256, folder=folder.name,
        counts=result.head["counts"], demo_values=scheme.uses_demo_values,
    )  # fmt: skip
    stage(ENTRY, f"assessment-{run.pk}-result", _record(run, result, sha256))


def _record(run: AssessmentRun, result: Result, sha256: str) -> dict[str, Any]:
    """What the ledger commits to: what was run on what, and what came out."""
    counts = result.head["counts"]
    return {
        "run": run.pk,
        "parent": run.parent_id,
        "round": run.round_id,
        "snapshot_sha256": run.snapshot.sha256,
        "scheme": run.scheme.key,
        "scheme_sha256": run.scheme.sha256,
        "result_sha256": sha256,
        "assessees": counts["assessees"],
        "assessed": counts["assessed"],
    }


def _results(run: AssessmentRun, scheme: LoadedScheme, result: Result) -> list[AssessedResult]:
    """One row per assessee: of the scheme's rules where it has any, with what ballots say beside it."""
    scores = {row["assessee_id"]: row for row in result["scores"].to_pylist()}
    outcomes = {row["assessee_id"]: row for row in result["outcomes"].to_pylist()}
    leading = outcomes if scheme.scheme.has_tree else scores
    areas = dict(
        Area.objects.filter(code__in={row["area_id"] for row in leading.values()}).values_list("code", "pk")
    )
    people = _people(leading)
    kind = run.round.subject
    return [
        AssessedResult(
            run=run, assessee_id=who, kind=scores.get(who, {}).get("kind", kind), name=row["name"],
            area_id=areas.get(row["area_id"]), person_id=people.get(who),
            **_numbers(row, scores.get(who, {}), outcomes.get(who, {})),
        )
        for who, row in leading.items()
    ]  # fmt: skip


def _people(rows: Mapping[str, Any]) -> dict[str, int]:
    """Snapshot id -> person, of those who still stand in the register."""
    numbers = {int(who[1:]): who for who in rows if who[:1] == "P" and who[1:].isdigit()}
    known = Person.objects.filter(pk__in=numbers).values_list("pk", flat=True)
    return {numbers[pk]: pk for pk in known}


def _numbers(
    leading: Mapping[str, Any], score: Mapping[str, Any], outcome: Mapping[str, Any]
) -> dict[str, Any]:
    spread = outcome.get("score_se")
    low, high = score.get("score_low"), score.get("score_high")
    if leading is outcome and spread is not None and leading["score"] is not None:
        low, high = (leading["score"] + side * NORMAL_95 * spread for side in (-1, 1))
    return {
        "group": outcome.get("group") or score.get("comparison_group") or "",
        "ballots": score.get("n_ballots"),
        "status": leading["status"],
        "reason": leading["reason"] or "",
        "standing": score.get("standing") or "",
        "score": leading["score"],
        "low": low,
        "high": high,
        "grade": leading["grade"] or "",
        "rank_low": leading["rank_low"],
        "rank_high": leading["rank_high"],
        "ranked_of": leading["ranked_of"],
        "tie_band": score.get("tie_band"),
        "progress": score.get("progress"),
        "progress_state": score.get("progress_state") or "",
    }
