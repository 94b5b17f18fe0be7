"""Close the evidence of a round: a further version of its snapshot with what was brought beside ballots.

The engine's contract is kept by `snapshots.services.versions`; here stand the checks before, the job, and the
ledger entry with counts. A job that was killed after the version was registered finds it again by its cause.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError, Place, Problem
from minping_engine.snapshot import open_snapshot
from minping_web.appraisals.models import EvidenceSeal
from minping_web.appraisals.models.seals import BROKEN
from minping_web.appraisals.rules.gaps import Missing
from minping_web.appraisals.rules.waiting import unfinished_in
from minping_web.appraisals.rules.words import UNDER_WAY, SealState
from minping_web.appraisals.selectors.evidence import EDIT, newest_snapshot
from minping_web.appraisals.selectors.missing import state_of
from minping_web.appraisals.selectors.raters import calls_of
from minping_web.appraisals.services.calls import refuse_while_closing, require_everywhere
from minping_web.appraisals.services.tables import counts_of, evidence_tables
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of, manifest_of
from minping_web.snapshots.services.versions import Correction, make_version

TASK = "appraisals.seal"
ENTRY = "evidence.sealed"
STEPS = 3


def ask_for_seal(scope: Scope, found: SurveyRound, *, reason: str = "") -> EvidenceSeal:
    """Queue the closing of the evidence.

    Raises `RefusedError` for a round whose vote is not counted yet, one that an objection has changed since
    or that objections wait in, a closing under way, and without a reason where something is missing or it was
    closed before.
    """
    require_everywhere(scope, EDIT)
    parent = newest_snapshot(found.pk)
    if parent is None:
        raise RefusedError.of("appraisal.not_closed_yet", round=found.name)
    _refuse_after_correction(parent)
    if unfinished := unfinished_in(found.pk):
        raise RefusedError(unfinished)
    refuse_while_closing(found.pk)
    missing = state_of(found).missing
    if (missing or parent.parent_id) and not reason.strip():
        raise RefusedError.of("appraisal.reason_missing", Place(key="reason"))
    return _queued(scope, found, parent, missing, reason)


def _queued(
    scope: Scope, found: SurveyRound, parent: SealedSnapshot, missing: Iterable[Missing], reason: str
) -> EvidenceSeal:
    broken = EvidenceSeal.objects.filter(round=found, state__in=UNDER_WAY, job__state__in=BROKEN)
    broken.update(state=SealState.FAILED, ended_at=now())
    try:
        with transaction.atomic():
            seal = EvidenceSeal.objects.create(
                round=found, parent=parent, reason=reason.strip(), by_id=scope.user_id, at=now(),
                missing=[one.as_json() for one in missing],
            )  # fmt: skip
            title = _("Close the evidence of %(round)s") % {"round": found.name}
            seal.job = enqueue(scope, TASK, title=title[:200], seal_id=seal.pk)
            seal.save(update_fields=["job"])
    except IntegrityError:
        raise RefusedError.of("appraisal.being_closed") from None
    return seal


def _refuse_after_correction(newest: SealedSnapshot) -> None:
    """Evidence that an objection corrected must not be written over by what was entered before it."""
    if newest.parent_id and not EvidenceSeal.objects.filter(snapshot=newest).exists():
        raise RefusedError.of("appraisal.corrected_since")


def carry_out(seal_id: int, progress: Progress) -> dict[str, Any]:
    """Make the version and keep what came of it; may be repeated, also after a crash."""
    seal = EvidenceSeal.objects.select_related("round__scheme", "parent").get(pk=seal_id)
    if not seal.is_open:
        return {"state": seal.state}
    EvidenceSeal.objects.filter(pk=seal_id).update(state=SealState.RUNNING)
    progress(0, STEPS)
    try:
        version, counts = _made(seal, progress)
    except MinpingError as error:
        told = [_told(problem) for problem in error.problems]
        EvidenceSeal.objects.filter(pk=seal_id).update(state=SealState.FAILED, ended_at=now(), problems=told)
        return {"state": SealState.FAILED.value}
    _keep(seal, version, counts)
    progress(STEPS, STEPS)
    return {"state": SealState.DONE.value, "snapshot": version.pk}


def _made(seal: EvidenceSeal, progress: Progress) -> tuple[SealedSnapshot, dict[str, Any]]:
    with entered(progress.scope) as scope:
        tables = evidence_tables(seal.round, open_snapshot(folder_of(seal.parent), verify=False))
        counts = counts_of(tables, calls_of(seal.round))
        if not tables:
            raise RefusedError.of("appraisal.nothing_brought")
        progress(1, STEPS)
        correction = Correction(_("Evidence beside ballots"), (seal.step_id,), tables)
        return _version_of(seal) or make_version(scope, seal.parent, correction), counts


def _version_of(seal: EvidenceSeal) -> SealedSnapshot | None:
    """The version that an earlier try of this closing registered."""
    for made in SealedSnapshot.objects.filter(parent=seal.parent):
        version = (manifest_of(made) or {}).get("import_rule", {}).get("version", {})
        if seal.step_id in version.get("causes", ()):
            return made
    return None


@transaction.atomic
def _keep(seal: EvidenceSeal, version: SealedSnapshot, counts: dict[str, Any]) -> None:
    """State and ledger entry, or none of them."""
    locked = EvidenceSeal.objects.select_for_update(of=("self",)).get(pk=seal.pk)
    if not locked.is_open:
        return
    EvidenceSeal.objects.filter(pk=seal.pk).update(
        state=SealState.DONE, ended_at=now(), snapshot=version, counts=counts
    )
    record = {
        "round": seal.round_id,
        "parent_sha256": seal.parent.sha256,
        "snapshot_sha256": version.sha256,
        **committed("reason", seal.reason, step=seal.step_id),
        "missing": seal.missing,
        **counts,
    }
    stage(ENTRY, f"{seal.step_id}-sealed", record)


def _told(problem: Problem) -> dict[str, Any]:
    """A problem as it is kept: its code and what its text needs."""
    params = {name: str(value) for name, value in problem.params.items()}
    return {"code": problem.code, "params": params, "key": problem.place.key or ""}
