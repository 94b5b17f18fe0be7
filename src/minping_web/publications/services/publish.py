"""Carry out an order to publish: folder, rows, ledger entry and event, so that all of it happens or nothing.

The folder is made first and has its name only when it is durable; rows, entry and the event `Published`
follow in one transaction. A job that was killed between the two begins again and removes what was left.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q

from minping_engine.errors import MinpingError, Problem
from minping_web.assessments.models import AssessmentRun
from minping_web.common.clock import now
from minping_web.common.events import tell
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered, system_scope
from minping_web.jobs.rules import Progress
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.publications.events import Published
from minping_web.publications.models import Publication, PublicationOrder, PublishedFile
from minping_web.publications.models.orders import BROKEN
from minping_web.publications.rules.words import MADE, OFFICE, OFFICE_MANIFEST, OPEN, PUBLIC, OrderState
from minping_web.publications.selectors.current import publication_of_round
from minping_web.publications.selectors.ready import PUBLISH, hindrances
from minping_web.publications.services.folder import Made, make_folder

TASK = "publications.publish"


class _Silent:
    """Progress that nobody watches."""

    scope = property(lambda self: system_scope())

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Nothing."""


def publish_now(
    scope: Scope,
    run: AssessmentRun,
    *,
    reason: str = "",
    cards: bool = False,
    progress: Progress | None = None,
) -> Publication:
    """Publish at once, without a second person or a preview: for history and tests, never for a user.

    `progress` may stop it anywhere. Raises `RefusedError` with everything that hinders it, `PermissionDenied`
    for the scope of a user.
    """
    if scope.user_id is not None:
        raise PermissionDenied(PUBLISH)
    order = open_order_for(scope, run, reason=reason, persons=(None, None), cards=cards)
    publish_order(order.pk, progress or _Silent())
    order.refresh_from_db()
    if order.state != OrderState.DONE:
        raise RefusedError([Problem(one["code"], params=one["params"]) for one in order.problems])
    return Publication.objects.get(run=run)


def open_order_for(
    scope: Scope, run: AssessmentRun, *, reason: str, persons: tuple[int | None, int | None],
    cards: bool = True,
) -> PublicationOrder:  # fmt: skip
    """An order by (who proposed, who approved). Raises `RefusedError` with all that hinders it."""
    scope.require(PUBLISH)
    refuse_hindered(run, reason, heeded=persons[1] is not None)
    _give_up_broken(run.round_id)
    proposed, approved = persons
    try:
        with transaction.atomic():
            return PublicationOrder.objects.create(
                run=run, round=run.round, reason=reason.strip(), proposed_by_id=proposed,
                approved_by_id=approved, with_cards=cards, asked_at=now(),
            )  # fmt: skip
    except IntegrityError:
        raise RefusedError.of("publications.under_way", round=run.round.name) from None


def refuse_hindered(run: AssessmentRun, reason: str, *, heeded: bool = True) -> None:
    """All hindrances at once; a correction also needs its reason."""
    problems = hindrances(run, heeded=heeded)
    if publication_of_round(run.round_id) is not None and not reason.strip():
        problems.append(Problem("publications.reason_missing"))
    if problems:
        raise RefusedError(problems)


def _give_up_broken(round_id: int) -> None:
    """An order whose job was cancelled or failed for good, or that never had one, does not block the next."""
    broken = Q(job__state__in=BROKEN) | Q(job=None)
    PublicationOrder.objects.filter(broken, round=round_id, state__in=OPEN).update(
        state=OrderState.FAILED, ended_at=now()
    )


def publish_order(order_id: int, progress: Progress) -> dict[str, Any]:
    """Carry out an order; may be repeated, also after a crash."""
    order = PublicationOrder.objects.select_related("run__round", "run__scheme", "run__snapshot").get(
        pk=order_id
    )
    if not order.is_open:
        return {"state": order.state}
    PublicationOrder.objects.filter(pk=order_id).update(state=OrderState.RUNNING)
    former = publication_of_round(order.round_id)
    try:
        refuse_hindered(order.run, order.reason, heeded=order.approved_by_id is not None)
        made = make_folder(order, former, progress)
        with entered(system_scope()):
            publication = _keep(order, former, made)
    except MinpingError as error:
        _failed(order, error)
        return {"state": OrderState.FAILED.value}
    return {"state": OrderState.DONE.value, "publication": publication.pk}


def _failed(order: PublicationOrder, error: MinpingError) -> None:
    told = [
        {"code": one.code, "params": {name: str(value) for name, value in one.params.items()}}
        for one in error.problems
    ]
    PublicationOrder.objects.filter(pk=order.pk).update(
        state=OrderState.FAILED, ended_at=now(), problems=told
    )


@transaction.atomic
def _keep(order: PublicationOrder, former: Publication | None, made: Made) -> Publication:
    """Rows, entry and event, or none of them; a round's publications are one line, never a fork."""
    locked = PublicationOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    current = publication_of_round(order.round_id)
    if not locked.is_open or (current and current.pk) != (former and former.pk):
        raise RefusedError.of("publications.moved", round=order.run.round.name)
    moment = now()
    if former is not None:
        Publication.objects.filter(pk=former.pk).update(superseded_at=moment)
    publication = Publication.objects.create(
        run=order.run, round=order.round, supersedes=former, reason=order.reason,
        proposed_by_id=order.proposed_by_id, published_by_id=order.approved_by_id, published_at=moment,
        folder=made.folder.name, manifest_sha256=made.manifest_sha256, code=made.code, facts=made.facts,
    )  # fmt: skip
    PublishedFile.objects.bulk_create(
        PublishedFile(
            publication=publication, path=path, sha256=sha256, size=size, is_public=path.startswith(PUBLIC)
        )
        for path, sha256, size in made.files
    )
    stage(MADE, publication.step_id, _record(publication, made))
    PublicationOrder.objects.filter(pk=order.pk).update(state=OrderState.DONE, ended_at=moment)
    tell(Published(publication.pk, order.run_id, former.pk if former else None))
    return publication


def _record(publication: Publication, made: Made) -> dict[str, Any]:
    """What the ledger commits to: result, and every public file by its hash."""
    run, former = publication.run, publication.supersedes
    named = {path: sha256 for path, sha256, _size in made.files if _is_open(path)}
    return {
        "publication": publication.pk,
        "run": run.pk,
        "round": run.round_id,
        "snapshot_sha256": run.snapshot.sha256,
        "scheme": run.scheme.key,
        "scheme_sha256": run.scheme.sha256,
        "result_sha256": run.result_sha256,
        "manifest_sha256": made.manifest_sha256,
        "supersedes": former.step_id if former else None,
        **committed("reason", publication.reason, step=publication.step_id),
        "files": named,
    }


def _is_open(path: str) -> bool:
    """Hashes of what offices hold are in `office.json` with a salt; only that one's is named."""
    return path.startswith(f"{PUBLIC}/") or path == f"{OFFICE}/{OFFICE_MANIFEST}"
