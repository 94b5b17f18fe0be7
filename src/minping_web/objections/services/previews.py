"""Open a preview: the assessed see their result before it holds (D11).

A corrected result is previewed for those whose score, grade or standing moved and for those who objected; who
is not among them has seen the same result before.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from minping_engine.errors import Place, Problem
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.objections.models import Objection, Preview
from minping_web.objections.rules.terms import last_day
from minping_web.objections.rules.words import Outcome
from minping_web.objections.selectors.differences import moved_between
from minping_web.objections.selectors.previews import DECIDE, terms_of
from minping_web.objections.selectors.standing import unfinished_of
from minping_web.objections.selectors.versions import correction_left_in, is_newest

ENTRY = "preview.opened"


@transaction.atomic
def open_preview(scope: Scope, run: AssessmentRun) -> Preview:
    """Show a done run to whom it concerns; the window is the scheme's, in working days.

    Raises `RefusedError` with all reasons: not done, demonstration values, newer data, previewed before.
    """
    scope.require(DECIDE)
    locked = AssessmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    problems = _problems(locked)
    if problems:
        raise RefusedError(problems)
    follows = _preview_before(locked)
    begins = today()
    is_narrow = follows is not None and not follows.is_open(begins)  # else others could still have objected
    concerned = _concerned(follows, locked) if follows and is_narrow else None
    ends = last_day(begins, terms_of(run).days) if concerned != [] else begins
    preview = Preview.objects.create(
        run=locked, opened_at=now(), opened_by_id=scope.user_id, ends_on=ends, follows=follows,
        concerned=concerned, closed_at=now() if concerned == [] else None,
    )  # fmt: skip
    stage(ENTRY, f"preview-{preview.pk}-opened", _record(preview))
    return preview


def _problems(run: AssessmentRun) -> list[Problem]:
    codes = []
    if run.state != RunState.DONE:
        codes.append("objections.not_done")
    if run.demo_values and not settings.DEMO:
        codes.append("objections.demo_values")
    if not is_newest(run):
        codes.append("objections.newer_input")
    if correction_left_in(run.snapshot) is not None:
        codes.append("objections.half_corrected")
    if _previewed_already(run):
        codes.append("objections.previewed_already")
    return [*(Problem(code, Place(), {}) for code in codes), *_would_be_lost(run)]


def _previewed_already(run: AssessmentRun) -> bool:
    """The same result once; another one on the same snapshot, say of a mended engine, is previewed anew."""
    same = Preview.objects.filter(run__snapshot=run.snapshot_id, run__scheme=run.scheme_id)
    return same.filter(Q(run=run.pk) | Q(run__result_sha256=run.result_sha256)).exists()


def _would_be_lost(run: AssessmentRun) -> list[Problem]:
    """Of another result on the same snapshot: objections and exclusions that this one does not know."""
    others = Preview.objects.filter(run__snapshot=run.snapshot_id).exclude(run=run.pk)
    if not others.exclude(run__result_sha256=run.result_sha256).exists():
        return []
    return [problem for one in others.select_related("run") for problem in unfinished_of(one.run)]


def _preview_before(run: AssessmentRun) -> Preview | None:
    """The newest preview of an earlier result of the same round."""
    return Preview.objects.filter(run__round=run.round_id).order_by("-pk").select_related("run").first()


def _concerned(before: Preview, run: AssessmentRun) -> list[str]:
    """Whose result moved, and who objected to the result before (D11: the appeal is answered to him)."""
    moved = {one.assessee_id for one in moved_between(before.run, run)}
    asked = Objection.objects.filter(preview=before, result__isnull=False).exclude(outcome=Outcome.WITHDRAWN)
    here = set(run.results.values_list("assessee_id", flat=True))
    return sorted(moved & here | set(asked.values_list("result__assessee_id", flat=True)) & here)


def _record(preview: Preview) -> dict[str, object]:
    """What the ledger commits to: no names, only how many."""
    every = preview.run.results.count()
    return {
        "preview": preview.pk,
        "run": preview.run_id,
        "result_sha256": preview.run.result_sha256,
        "ends_on": preview.ends_on.isoformat(),
        "concerned": every if preview.concerned is None else len(preview.concerned),
        "follows": preview.follows_id,
    }


def close_finished() -> int:
    """Close previews whose window is over and whose objections are all decided; run every night."""
    over = Preview.objects.filter(closed_at=None, ends_on__lt=today())
    waiting = Objection.objects.filter(outcome=Outcome.OPEN).values("preview")
    return over.exclude(pk__in=waiting).update(closed_at=now())
