"""File an objection, add evidence to it, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.assessments.models import AssessedResult
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.objections.models import Objection, Preview
from minping_web.objections.rules.terms import last_day
from minping_web.objections.rules.words import OF_PLACES, Outcome, Subject
from minping_web.objections.selectors.previews import FILE, OWN, below, terms_of
from minping_web.objections.services.evidence import File, keep_files, problems_of
from minping_web.organisations.models import Organisation
from minping_web.places.models import Area

FILED, WITHDRAWN = "objection.filed", "objection.withdrawn"


@dataclass(frozen=True)
class Draft:
    """What is objected to, why, and with which files."""

    subject: str
    text: str
    files: Sequence[File] = field(default_factory=tuple)


@transaction.atomic
def file_own(scope: Scope, result: AssessedResult, draft: Draft) -> Objection:
    """By the assessed person against the own result. Raises `RefusedError` with everything that is wrong."""
    scope.require(OWN)
    preview = Preview.objects.select_related("run").get(run=result.run_id)
    if scope.person_id is None or result.person_id != scope.person_id:
        raise PermissionDenied(OWN)
    _refuse(preview, draft, tuple(Subject))
    return _filed(scope, preview, draft, result=result, area=result.area, is_own=True)


@transaction.atomic
def file_for_place(
    scope: Scope, preview: Preview, area: Area, draft: Draft, *, result: AssessedResult | None = None
) -> Objection:
    """For a place that the scope answers for; `result` is the place's own where places were assessed."""
    scope.require(FILE, area.path)
    if not preview.run.results.filter(below(area.path)).exists():
        raise RefusedError.of("objections.area_not_asked", area=area.name)
    _refuse(preview, draft, OF_PLACES)
    return _filed(scope, preview, draft, result=result, area=area)


@transaction.atomic
def file_for_body(scope: Scope, preview: Preview, body: Organisation, draft: Draft) -> Objection:
    """For an organisation that was assessed."""
    if body.pk not in scope.reach(FILE).organisations:
        raise PermissionDenied(FILE)
    result = preview.run.results.filter(assessee_id=body.code).first()
    if result is None:
        raise RefusedError.of("objections.not_of_this_kind")
    _refuse(preview, draft, OF_PLACES)
    return _filed(scope, preview, draft, result=result, area=body.area, organisation=body)


def _refuse(preview: Preview, draft: Draft, subjects: Sequence[Subject]) -> None:
    found = problems_of(draft.files)
    if not preview.is_open(today()):
        until: dict[str, object] = {"until": preview.ends_on.isoformat()}
        found.append(Problem("objections.window_over", Place(), until))
    if draft.subject not in subjects:
        found.append(Problem("objections.not_of_this_kind", Place(key="subject"), {}))
    if not draft.text.strip():
        found.append(Problem("objections.text_missing", Place(key="text"), {}))
    if found:
        raise RefusedError(found)


def _filed(
    scope: Scope,
    preview: Preview,
    draft: Draft,
    *,
    result: AssessedResult | None,
    area: Area | None,
    **values: object,
) -> Objection:
    terms = terms_of(preview.run)
    made = Objection.objects.create(
        preview=preview, result=result, area=area, subject=draft.subject, text=draft.text.strip(),
        filed_by_id=scope.user_id or 0, filed_at=now(), due_on=last_day(today(), terms.nodes[0].days),
        **values,
    )  # fmt: skip
    keep_files(scope, made, draft.files)
    record = {
        "objection": made.pk, "run": preview.run_id, "subject": made.subject, "own": made.is_own,
        "files": sorted(made.evidence.values_list("sha256", flat=True)),
    }  # fmt: skip
    stage(FILED, f"objection-{made.pk}-filed", record)
    return made


@transaction.atomic
def add_evidence(scope: Scope, objection: Objection, files: Sequence[File]) -> None:
    """More files by the objector while the objection is under review."""
    locked = own_open(scope, objection)
    found = problems_of(files, locked.evidence.count())
    if found:
        raise RefusedError(found)
    keep_files(scope, locked, files)


@transaction.atomic
def withdraw(scope: Scope, objection: Objection) -> None:
    """The objector takes it back; it stays in the record and is counted."""
    locked = own_open(scope, objection)
    locked.outcome, locked.decided_at = Outcome.WITHDRAWN, now()
    locked.save(update_fields=["outcome", "decided_at"])
    record = {"objection": locked.pk, "run": locked.preview.run_id}
    stage(WITHDRAWN, f"objection-{locked.pk}-withdrawn", record)


def own_open(scope: Scope, objection: Objection) -> Objection:
    """Locked; the filer's own and still under review."""
    locked = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if scope.user_id is None or locked.filed_by_id != scope.user_id:
        raise PermissionDenied(OWN)
    if not locked.is_open:
        raise RefusedError.of("objections.ended")
    return locked
