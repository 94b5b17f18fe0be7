"""What waits to be published, and what hinders it."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q, QuerySet

from minping_engine.errors import Problem
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.assessments.selectors.runs import folder_of
from minping_web.common.models import Proposal
from minping_web.common.scope import Scope
from minping_web.objections.selectors import hindrances as objections_hinder
from minping_web.publications.models import Publication, PublicationOrder
from minping_web.publications.models.orders import BROKEN
from minping_web.publications.rules.words import OPEN
from minping_web.publications.selectors.current import publication_of_round
from minping_web.snapshots.models import SealedSnapshot

VIEW, PUBLISH = "publications.view", "publications.publish"
ACT = "publications.publish"


def newest_runs() -> list[AssessmentRun]:
    """Of each round the newest result, where it is not the one that is published; newest round first."""
    rows = AssessmentRun.objects.filter(state=RunState.DONE).select_related("round", "scheme", "snapshot")
    newest: dict[int, AssessmentRun] = {}
    for run in rows.order_by("-pk"):
        newest.setdefault(run.round_id, run)
    published = dict(
        Publication.objects.filter(superseded_at=None).values_list("round_id", "run__result_sha256")
    )
    waiting = [run for run in newest.values() if published.get(run.round_id) != run.result_sha256]
    return sorted(waiting, key=lambda run: (run.round.period, run.pk), reverse=True)


def hindrances(run: AssessmentRun, *, heeded: bool = True) -> list[Problem]:
    """Everything for which this result may not be published now; empty = it may.

    `heeded`: previews and objections are waited for. Only what was taken over from before the product, and
    demonstrations, do without.
    """
    return [*_of_the_run(run), *(objections_hinder(run) if heeded else _of_its_input(run))]


def _of_the_run(run: AssessmentRun) -> list[Problem]:
    current = publication_of_round(run.round_id)
    checks = {
        "publications.published_already": Publication.objects.filter(run=run).exists(),
        "publications.same_result": current is not None
        and current.run_id != run.pk
        and current.run.result_sha256 == run.result_sha256,
        "publications.newer_run": _newer_runs(run).exists(),
        "publications.files_gone": run.state == RunState.DONE
        and not (folder_of(run) / "result.json").is_file(),
    }
    return _problems(run, checks)


def _of_its_input(run: AssessmentRun) -> list[Problem]:
    """What objections would say of the run itself."""
    newer = SealedSnapshot.objects.filter(round=run.round_id, pk__gt=run.snapshot_id)
    checks = {
        "publications.not_done": run.state != RunState.DONE,
        "publications.demo_values": run.demo_values and not settings.DEMO,
        "publications.newer_snapshot": newer.exists(),
    }
    return _problems(run, checks)


def _problems(run: AssessmentRun, checks: dict[str, bool]) -> list[Problem]:
    return [Problem(code, params={"round": run.round.name}) for code, holds in checks.items() if holds]


def _newer_runs(run: AssessmentRun) -> QuerySet[AssessmentRun]:
    """Runs of the round after it with another result; one that was repeated is no newer result."""
    rows = AssessmentRun.objects.filter(round=run.round_id, state=RunState.DONE, pk__gt=run.pk)
    return rows.exclude(result_sha256=run.result_sha256)


def open_proposal(run_id: int) -> Proposal | None:
    """The proposal to publish it that waits for a second person."""
    rows = Proposal.objects.filter(kind=ACT, state=Proposal.State.OPEN, payload__run=run_id)
    return rows.order_by("-pk").first()


def open_order(round_id: int) -> PublicationOrder | None:
    """An order of the round that is under way; a broken one is not."""
    rows = PublicationOrder.objects.filter(round=round_id, state__in=OPEN).select_related("job", "run")
    return rows.exclude(Q(job__state__in=BROKEN)).first()


def last_order(run_id: int) -> PublicationOrder | None:
    """The newest order for a run, whatever became of it."""
    return PublicationOrder.objects.filter(run=run_id).select_related("job").first()


def may_see(scope: Scope) -> bool:
    """A publication covers the whole district, and so must the right to see what led to it."""
    return scope.may_everywhere(VIEW)
