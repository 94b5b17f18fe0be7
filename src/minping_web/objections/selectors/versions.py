"""Versions of the sealed input that corrections make, and those that a broken correction left behind.

A correction seals a version and then asks for a run on it. One that was killed between the two and cancelled,
or whose job failed for good, leaves its version in the register: nothing that is sealed is taken back. The
next correction of the same result goes on with that version, and until then nothing of it may change.
"""

from __future__ import annotations

from minping_web.appraisals.models import EvidenceSeal
from minping_web.assessments.models import AssessmentRun
from minping_web.objections.models import Correction
from minping_web.objections.rules.words import CorrectionState
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import manifest_of


def cause_of(correction_id: int) -> str:
    """The step in the ledger that a version names as its cause."""
    return f"correction-{correction_id}-made"


def causes_in(version: SealedSnapshot) -> list[str]:
    """Steps that a version names in its manifest."""
    told = (manifest_of(version) or {}).get("import_rule", {}).get("version", {})
    return [str(one) for one in told.get("causes", [])]


def newest_of(round_id: int) -> SealedSnapshot | None:
    """The newest version of a round's input."""
    return SealedSnapshot.objects.filter(round=round_id).order_by("-pk").first()


def is_newest(run: AssessmentRun) -> bool:
    """Whether nothing newer was sealed than a result's input, but for what its corrections left."""
    newest = newest_of(run.round_id)
    if newest is None or newest.pk == run.snapshot_id:
        return True
    return newest in left_versions(run)


def is_sealing(run: AssessmentRun) -> bool:
    """Whether evidence of the round is being closed: raters get other numbers there."""
    rows = EvidenceSeal.objects.filter(round=run.round_id).select_related("job")
    return any(one.is_open and not one.is_broken for one in rows)


def left_versions(run: AssessmentRun) -> list[SealedSnapshot]:
    """What corrections of this result sealed without carrying it through, oldest first."""
    rows = Correction.objects.filter(run=run)
    steps = {cause_of(one.pk) for one in rows}
    kept = set(rows.filter(state=CorrectionState.MADE).values_list("snapshot_id", flat=True))
    found: list[SealedSnapshot] = []
    child = _child(run.snapshot_id, steps)
    while child is not None and child.pk not in kept:
        found.append(child)
        child = _child(child.pk, steps)
    return found


def is_carried_out(run: AssessmentRun) -> bool:
    """Whether what was granted of the run, or of one that overtook it, is being carried out, or was.

    Also where a broken correction left a sealed version: the next one goes on with just that.
    """
    rows = Correction.objects.filter(run__round=run.round_id, run__gte=run.pk).select_related("job", "run")
    return any(not one.is_broken or left_versions(one.run) for one in rows)


def _child(parent_id: int, steps: set[str]) -> SealedSnapshot | None:
    if not steps:
        return None
    children = SealedSnapshot.objects.filter(parent=parent_id).order_by("pk")
    return next((one for one in children if steps & set(causes_in(one))), None)


def correction_left_in(version: SealedSnapshot) -> Correction | None:
    """The correction that made a version and was not carried through; None for every other version."""
    if Correction.objects.filter(snapshot=version.pk, state=CorrectionState.MADE).exists():
        return None
    rows = Correction.objects.filter(run__round=version.round_id, run__snapshot=version.parent_id)
    steps = {cause_of(one.pk): one for one in rows}
    return next((steps[step] for step in causes_in(version) if step in steps), None) if steps else None
