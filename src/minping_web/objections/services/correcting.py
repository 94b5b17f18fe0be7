"""Carry out everything that was granted of one result: a further snapshot version and a run on it.

Asked for once the window is over and every objection is decided, so that all of it is one version. The job
may be killed and repeated: a version that names this correction as its cause is not made twice. What a broken
correction sealed is taken up by the next one. What was granted on a result that newer evidence overtook is
carried out on the newest version.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError, Problem
from minping_engine.snapshot import TABLES, Snapshot, arrow_schema
from minping_web.assessments.models import BROKEN, AssessmentRun
from minping_web.assessments.rules.words import OPEN
from minping_web.assessments.services.running import ask_for_run
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, scope_of_user, system_scope
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.objections.models import Correction, Exclusion, Objection, Remedy
from minping_web.objections.rules.words import WON, CorrectionState, ExclusionState
from minping_web.objections.selectors.cells import MILLI, opened_of
from minping_web.objections.selectors.previews import DECIDE
from minping_web.objections.selectors.standing import decided_step, hindrances, not_carried_out
from minping_web.objections.selectors.versions import cause_of, causes_in, left_versions
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.services import versions

TASK, ENTRY = "objections.correct", "correction.made"
ALLOWED = frozenset({"objections.not_carried_out", "objections.exclusions_not_carried"})
"""Hindrances that carrying out takes away; every other one stands in its way."""
MADE = frozenset({"value_milli"})


@transaction.atomic
def ask_for_correction(scope: Scope, run: AssessmentRun) -> Correction:
    """Queue the carrying out. Raises `RefusedError` while something else hinders, or when nothing changes."""
    scope.require(DECIDE)
    AssessmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    _give_up_broken(run)
    in_the_way = [one for one in hindrances(run) if one.code not in ALLOWED]
    if in_the_way:
        raise RefusedError(in_the_way)
    if not not_carried_out(run) and not _signed(run).exists():
        raise RefusedError.of("objections.nothing_to_carry_out")
    under_way = AssessmentRun.objects.filter(round=run.round_id, state__in=OPEN)
    if under_way.exclude(job__state__in=BROKEN).exists():
        raise RefusedError.of("assessments.under_way", round=run.round.name)
    try:
        with transaction.atomic():
            made = Correction.objects.create(run=run, made_by_id=scope.user_id, made_at=now())
    except IntegrityError:
        raise RefusedError.of("objections.carried_out_already") from None
    _tables_of(run, opened_of(run))  # refused now rather than in the background
    title = _("Carry out granted objections: %(round)s") % {"round": run.round.name}
    made.job = enqueue(scope, TASK, title=title[:200], correction_id=made.pk)
    made.save(update_fields=["job"])
    return made


def _give_up_broken(run: AssessmentRun) -> None:
    """A correction whose job was cancelled or failed for good does not block the next."""
    waiting = Correction.objects.filter(run=run, state=CorrectionState.WAITING)
    waiting.filter(job__state__in=BROKEN).update(state=CorrectionState.FAILED)


def _signed(run: AssessmentRun) -> Any:
    rows = Exclusion.objects.filter(run__round=run.round_id, run__lte=run.pk)
    return rows.filter(state=ExclusionState.HOLDS, correction=None)


def carry_out(correction_id: int) -> dict[str, Any]:
    """What the job does; may be repeated."""
    found = Correction.objects.select_related("run__snapshot", "run__round", "run__scheme").get(
        pk=correction_id
    )
    if found.state != CorrectionState.WAITING:
        return {"state": found.state}
    scope = scope_of_user(found.made_by_id) if found.made_by_id else system_scope()
    try:
        version = _version(scope, found)
    except MinpingError as error:
        problems = [_told(one) for one in error.problems]
        Correction.objects.filter(pk=found.pk).update(state=CorrectionState.FAILED, problems=problems)
        return {"state": CorrectionState.FAILED.value}
    _keep(scope, found, version)  # refused while another run is under way: a failure would orphan the version
    return {"state": CorrectionState.MADE.value, "snapshot": version.sha256}


def _told(problem: Problem) -> dict[str, Any]:
    params = {name: str(value) for name, value in problem.params.items()}
    return {"code": problem.code, "params": params, "key": problem.place.key or ""}


def _version(scope: Scope, correction: Correction) -> SealedSnapshot:
    """The version of this correction: what it or a broken one before it left, else a new one.

    A left version that has only a part gets a further one beside it with the rest.
    """
    run = correction.run
    left = left_versions(run)
    done = {step for one in left for step in causes_in(one)}
    exclusions = list(_signed(run).select_related("area"))
    objections = [decided_step(pk) for pk in sorted(not_carried_out(run))]
    signed = {f"exclusion-{one.pk}-signed": one for one in exclusions}
    own = {cause_of(pk) for pk in Correction.objects.filter(run=run).values_list("pk", flat=True)}
    if done - {*objections, *signed} - own:
        raise RefusedError.of("objections.left_version")
    rest = [one for step, one in signed.items() if step not in done]
    if left and done >= {*objections, *signed}:
        return left[-1]
    wanted = versions.Correction(
        reason=_reason(objections, exclusions), causes=(cause_of(correction.pk), *objections, *signed),
        tables=_tables_of(run, opened_of(run)),
        excluded_areas=frozenset(one.area.code for one in rest if one.area),
        excluded_batches=frozenset(number for one in rest for number in one.batches),
    )  # fmt: skip
    return versions.make_version(scope, left[-1] if left else run.snapshot, wanted)


def _reason(objections: list[str], exclusions: list[Exclusion]) -> str:
    """In Chinese: it stands in a sealed file, whatever language the bureau's page had."""
    return f"落实已采纳的异议 {len(objections)} 件，剔除 {len(exclusions)} 项"


def _tables_of(run: AssessmentRun, opened: Snapshot) -> dict[str, pa.Table]:
    """Tables with everything that was granted; refuses two values for one cell."""
    rows = Remedy.objects.filter(objection__in=not_carried_out(run), objection__outcome__in=WON)
    by_table: dict[str, list[Remedy]] = {}
    for remedy in rows.filter(objection__correction=None):
        if remedy.table in versions.FIXED:
            raise RefusedError.of("objections.not_correctable", what=remedy.table)
        by_table.setdefault(remedy.table, []).append(remedy)
    return {name: _corrected(opened, name, some) for name, some in by_table.items()}


def _corrected(opened: Snapshot, name: str, remedies: list[Remedy]) -> pa.Table:
    table = next(one for one in TABLES if one.name == name)
    found = opened.table(name) if opened.has(name) else arrow_schema(table).empty_table()
    rows: list[dict[str, Any]] = found.to_pylist()
    seen: dict[str, tuple[str, bool]] = {}
    for remedy in remedies:
        said, before = (remedy.becomes, remedy.removes), seen.get(str(remedy.key))
        if before is not None and before != said:
            raise RefusedError.of("objections.two_values", what=f"{name} {remedy.key}")
        seen[str(remedy.key)] = said
        rows = _with(rows, remedy, found.schema)
    return pa.Table.from_pylist(rows, schema=found.schema)


def _with(rows: list[dict[str, Any]], remedy: Remedy, schema: pa.Schema) -> list[dict[str, Any]]:
    """The rows after one remedy; a fact that nobody told comes new."""

    def is_it(row: dict[str, Any]) -> bool:
        return all(row[name] == value for name, value in remedy.key.items())

    if remedy.removes:
        return [row for row in rows if not is_it(row)]
    value = _typed(remedy)
    if not any(is_it(row) for row in rows):
        return [*rows, {**dict.fromkeys(schema.names), **remedy.key, remedy.column: value}]
    return [{**row, remedy.column: value} if is_it(row) else row for row in rows]


def _typed(remedy: Remedy) -> object:
    """As the column has it: thousandths as a whole number, words, else a number."""
    if remedy.column == "text":
        return remedy.becomes
    if remedy.column in MADE:
        whole, _dot, rest = remedy.becomes.partition(".")
        sign = -1 if whole.startswith("-") else 1
        return int(whole or "0") * MILLI + sign * int((rest + "000")[:3])
    return float(remedy.becomes)


@transaction.atomic
def _keep(scope: Scope, correction: Correction, version: SealedSnapshot) -> None:
    """The run, what was carried out and the ledger entry, or none of them."""
    locked = Correction.objects.select_for_update(of=("self",)).get(pk=correction.pk)
    if locked.state != CorrectionState.WAITING:
        return
    ids = not_carried_out(correction.run)
    new_run = ask_for_run(scope, version, reason=_("Granted objections carried out"))
    exclusions = _signed(correction.run).update(correction=locked)
    Objection.objects.filter(pk__in=ids).update(correction=locked)
    locked.snapshot, locked.new_run, locked.state = version, new_run, CorrectionState.MADE
    locked.save(update_fields=["snapshot", "new_run", "state"])
    record = {
        "correction": locked.pk, "run": correction.run_id, "new_run": new_run.pk,
        "parent_sha256": correction.run.snapshot.sha256, "snapshot_sha256": version.sha256,
        "objections": len(ids), "exclusions": exclusions, "took_up": _taken_up(locked, version),
    }  # fmt: skip
    stage(ENTRY, cause_of(locked.pk), record)


def _taken_up(correction: Correction, version: SealedSnapshot) -> list[int]:
    """Broken corrections of the same result whose version this one goes on with."""
    before = Correction.objects.filter(run=correction.run_id, pk__lt=correction.pk).order_by("pk")
    steps = set(causes_in(version))
    return [one.pk for one in before if cause_of(one.pk) in steps]
