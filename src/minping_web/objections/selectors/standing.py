"""Whether a result may be published, and what the public learns of objections and exclusions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from minping_engine.errors import Place, Problem
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.common.clock import today
from minping_web.common.models import Proposal
from minping_web.objections.models import Correction, Exclusion, ExclusionAppeal, Objection, Remedy, Review
from minping_web.objections.rules.words import WON, CorrectionState, ExclusionState, Left, Outcome
from minping_web.objections.selectors.previews import preview_of
from minping_web.objections.selectors.versions import is_newest
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import manifest_of


def hindrances(run: AssessmentRun) -> list[Problem]:
    """Why this result may not be published yet; empty when nothing hinders."""
    if run.state != RunState.DONE:
        return [_problem("objections.not_done")]
    found = []
    if run.demo_values and not settings.DEMO:
        found.append(_problem("objections.demo_values"))
    if not is_newest(run):
        found.append(_problem("objections.newer_input"))
    return found + _of_the_preview(run) + _of_decisions(run)


def _of_the_preview(run: AssessmentRun) -> list[Problem]:
    preview = preview_of(run)
    if preview is None:
        return [_problem("objections.no_preview")]
    if preview.is_open(today()):
        return [_problem("objections.window_open", until=preview.ends_on.isoformat())]
    return []


def unfinished_of(run: AssessmentRun) -> list[Problem]:
    """What is undecided or not carried out of this result: a rerun of the same input would lose it."""
    return _of_decisions(run)


def up_to(run: AssessmentRun) -> Q:
    """Objections to this result and to those of the round that it overtook: they are carried over."""
    return Q(preview__run__round=run.round_id, preview__run__lte=run.pk)


def _of_decisions(run: AssessmentRun) -> list[Problem]:
    open_ones = Objection.objects.filter(up_to(run), outcome=Outcome.OPEN).count()
    told = (
        ("objections.undecided", open_ones), ("objections.not_carried_out", len(not_carried_out(run))),
        ("objections.exclusion_not_signed", len(stuck(run))), *_unfinished(exclusions_of(run)),
    )  # fmt: skip
    return [_problem(code, n=n) for code, n in told if n]


def _unfinished(exclusions: list[Exclusion]) -> tuple[tuple[str, int], ...]:
    unsigned = [one for one in exclusions if one.standing == ExclusionState.WAITING]
    signed = [one for one in exclusions if one.state == ExclusionState.HOLDS and not one.correction_id]
    return (
        ("objections.exclusions_waiting", len(unsigned)),
        ("objections.exclusions_not_carried", len(signed)),
    )


def unfinished_in(round_id: int) -> list[Problem]:
    """What hinders that evidence of the round is closed anew: decisions that would be overtaken."""
    rows = Objection.objects.filter(preview__run__round=round_id)
    excluded = Exclusion.objects.filter(run__round=round_id).select_related("proposal")
    told = (
        ("objections.undecided", rows.filter(outcome=Outcome.OPEN).count()),
        ("objections.not_carried_out", len(_changing(rows))), *_unfinished(list(excluded)),
    )  # fmt: skip
    return [_problem(code, n=n) for code, n in told if n]


def not_carried_out(run: AssessmentRun) -> list[int]:
    """Granted objections that change something and were not carried out, also of results it overtook."""
    return _changing(Objection.objects.filter(up_to(run)))


def _changing(rows: QuerySet[Objection]) -> list[int]:
    waits = Q(exclusions__state=ExclusionState.WAITING, exclusions__proposal__state=Proposal.State.OPEN)
    changing = Q(remedies__isnull=False) | Q(exclusions__state=ExclusionState.HOLDS) | waits
    granted = rows.filter(changing, outcome__in=WON, correction=None)
    return list(granted.distinct().values_list("pk", flat=True))


def stuck(run: AssessmentRun) -> list[int]:
    """Granted objections of the round of whose exclusions one was not signed, not decided anew since."""
    rows = Exclusion.objects.filter(
        run__round=run.round_id, objection__outcome__in=WON, objection__correction=None
    )
    decided = rows.filter(proposed_at__gte=F("objection__decided_at"))  # not those of a decision before
    found = [one for one in decided.select_related("proposal") if one.standing == ExclusionState.NOT_SIGNED]
    return sorted({one.objection_id for one in found if one.objection_id})


def decided_step(objection_id: int) -> str:
    """The ledger's step of the newest decision: an objection may be decided anew."""
    times = Review.objects.filter(objection=objection_id).count()
    return f"objection-{objection_id}-decided-{times}"


def contradicting(run: AssessmentRun) -> list[int]:
    """Granted objections of the round, not carried out, that set one cell to different values."""
    rows = Remedy.objects.filter(
        objection__preview__run__round=run.round_id, objection__outcome__in=WON, objection__correction=None
    )
    said: dict[str, set[tuple[str, bool]]] = {}
    for one in rows:
        said.setdefault(f"{one.table} {one.key}", set()).add((one.becomes, one.removes))
    return sorted({one.objection_id for one in rows if len(said[f"{one.table} {one.key}"]) > 1})


def may_reopen(objection: Objection) -> bool:
    """Whether its decision cannot be carried out and somebody else may decide anew."""
    run = objection.preview.run
    return objection.pk in stuck(run) or objection.pk in contradicting(run)


def exclusions_of(run: AssessmentRun) -> list[Exclusion]:
    """All that were proposed on a run and on results that it overtook."""
    rows = Exclusion.objects.filter(run__round=run.round_id, run__lte=run.pk)
    return list(rows.select_related("proposal", "area"))


def _problem(code: str, **params: object) -> Problem:
    return Problem(code, Place(), params)


def counts(run: AssessmentRun) -> dict[str, Any]:
    """What the public sees: numbers of the round up to this run, no names, no places of persons."""
    objections = Objection.objects.filter(up_to(run))
    excluded = Exclusion.objects.filter(run__round=run.round_id, run__lte=run.pk).select_related("proposal")
    made = Correction.objects.filter(run__round=run.round_id, state=CorrectionState.MADE, new_run__lte=run.pk)
    reviews = Review.objects.filter(objection__in=objections)
    return {
        "objections": _tally(objections, "outcome", Outcome.values),
        "by_subject": _tally(objections, "subject"),
        "late_reviews": reviews.filter(is_late=True).count(),
        "exclusions": _exclusions(list(excluded)),
        "appeals": _appeals(run),
        "ballots_left_out": _left_out(run),
        "corrections": made.count(),
    }


def _tally(rows: Any, column: str, names: list[str] | None = None) -> dict[str, int]:
    found = dict(rows.order_by().values_list(column).annotate(n=Count("pk")))
    total = {"all": sum(found.values())} if names else {}
    return {**total, **{name: found.get(name, 0) for name in (names or sorted(found))}}


def _exclusions(rows: list[Exclusion]) -> dict[str, Any]:
    holds = [one for one in rows if one.state == ExclusionState.HOLDS]
    return {
        "proposed": len(rows),
        "hold": len(holds),
        "batches": sum(len(one.batches) for one in holds if one.leaves_out == Left.BATCHES),
        "areas": sum(one.leaves_out == Left.AREA for one in holds),
        "not_signed": sum(one.standing == ExclusionState.NOT_SIGNED for one in rows),
        "lifted": sum(one.state == ExclusionState.LIFTED for one in rows),
        "by_cause": dict(sorted(Counter(one.cause for one in holds).items())),
    }


def _appeals(run: AssessmentRun) -> dict[str, int]:
    rows = ExclusionAppeal.objects.filter(exclusion__run__round=run.round_id, exclusion__run__lte=run.pk)
    return {"all": rows.count(), "followed": rows.filter(is_upheld=True).count()}


def _left_out(run: AssessmentRun) -> int:
    """Ballots that versions of the snapshot left out, as their manifests say."""
    total, found = 0, SealedSnapshot.objects.filter(pk=run.snapshot_id).first()
    while found is not None:
        version = (manifest_of(found) or {}).get("import_rule", {}).get("version", {})
        total += int(version.get("ballots_left_out", 0))
        found = found.parent
    return total
