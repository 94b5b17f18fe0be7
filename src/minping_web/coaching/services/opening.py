"""From a published result to proposals of help (S9): standings, the ladder, plans.

Reacts to `publications.events.Published` inside its transaction. In: the tables of the result. Out: one
`Standing` per assessee; a proposed plan for whoever the scheme or a credible fall asks help for, and new
reasons for a plan that is open already. A correction takes back what only the corrected result proposed, and
its reasons from every plan that is open.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from minping_web.assessments.models import AssessedResult
from minping_web.coaching.models import CoachingPlan, PlanEvent, Standing
from minping_web.coaching.rules.reasons import (
    Found,
    Reason,
    Rung,
    found_of,
    ladder_rule,
    rung_of,
    side_of,
)
from minping_web.coaching.rules.words import OPEN, Level, PlanState, Side
from minping_web.coaching.selectors.evidence import (
    by_assessee,
    grouped,
    has_files,
    number_of_grades,
    rows_of,
    scheme_of,
    use_texts,
    values_of,
)
from minping_web.common.clock import now
from minping_web.ledger.services import stage
from minping_web.publications.events import Published
from minping_web.publications.models import Publication

ENTRY = "coaching.opened"
AT_ONCE = 1_000


@dataclass(frozen=True)
class Told:
    """What the publication says about one assessee, with the row that names it."""

    row: AssessedResult
    found: Found
    rung: Rung
    reliability: float | None


@transaction.atomic
def open_after_publication(event: Published) -> int:
    """Standings and proposals of help; how many plans were opened. Without files nothing is told."""
    publication = Publication.objects.select_related("run__scheme", "round").get(pk=event.publication_id)
    if not has_files(publication.run):
        return 0
    told = _told(publication)
    Standing.objects.bulk_create([_standing(publication, one) for one in told], batch_size=AT_ONCE)
    if event.supersedes:
        _take_back(event.supersedes, {one.row.assessee_id for one in told if one.found.help})
    opened = _open_plans(publication, [one for one in told if one.found.help])
    levels = {level.value: sum(plan.level == level for plan in opened) for level in Level}
    record: dict[str, Any] = {
        "publication": publication.pk, "run": publication.run_id, "opened": len(opened), "levels": levels,
    }  # fmt: skip
    stage(ENTRY, f"coaching-{publication.pk}", record)
    return len(opened)


def _told(publication: Publication) -> list[Told]:
    run = publication.run
    scheme = scheme_of(run)
    scores, outcomes = by_assessee(rows_of(run, "scores")), by_assessee(rows_of(run, "outcomes"))
    proposals, texts = grouped(rows_of(run, "proposals")), use_texts(scheme)
    grades, rule = number_of_grades(scheme), ladder_rule(values_of(scheme))
    history = _history(publication)
    told = []
    for row in run.results.select_related("area", "person"):
        who = row.assessee_id
        score = scores.get(who, {})
        side = side_of(score, outcomes.get(who, {}), grades)
        reliability = score.get("reliability")
        now_ = (publication.round.period, side.value, reliability)
        told.append(
            Told(
                row,
                found_of(score, side, proposals.get(who, ()), texts),
                rung_of([*history.get(who, ()), now_], rule),
                reliability,
            )
        )
    return told


def _history(publication: Publication) -> dict[str, list[tuple[str, str, float | None]]]:
    """Earlier periods of each assessee under the same scheme, from results that hold; oldest first."""
    rows = Standing.objects.filter(
        publication__superseded_at=None,
        publication__round__scheme__scheme_id=publication.run.scheme.scheme_id,
        publication__round__subject=publication.round.subject,
        publication__round__period__lt=publication.round.period,
    ).order_by("publication__round__period", "publication_id")
    found: dict[str, dict[str, tuple[str, str, float | None]]] = defaultdict(dict)
    for who, period, side, sure in rows.values_list(
        "assessee_id", "publication__round__period", "side", "reliability"
    ):
        found[who][period] = (period, side, sure)
    return {who: list(periods.values()) for who, periods in found.items()}


def _standing(publication: Publication, told: Told) -> Standing:
    return Standing(
        publication=publication, assessee_id=told.row.assessee_id, name=told.row.name,
        person=told.row.person, area=told.row.area, side=told.found.side, reliability=told.reliability,
        level=told.rung.level, quarters=told.rung.quarters, words=told.rung.words,
        teaching=[reason.as_json() for reason in told.found.teaching],
    )  # fmt: skip


def _take_back(superseded: int, still: set[str]) -> None:
    """Reasons of the corrected result; a proposal that nothing else supports is withdrawn with them."""
    former = Publication.objects.select_related("run__scheme", "round").get(pk=superseded)
    told = Standing.objects.filter(publication=former).values("assessee_id")
    period, withdrawn, changed = former.round.period, [], []
    for plan in CoachingPlan.objects.filter(state__in=OPEN, assessee_id__in=told):
        kept = _without(plan.reasons, former)
        if plan.assessee_id in still or len(kept) == len(plan.reasons):
            continue
        if plan.state == PlanState.PROPOSED and not kept:
            plan.state, plan.ended_on = PlanState.WITHDRAWN, now().date()
            withdrawn.append(plan)
        else:
            plan.reasons = kept
            changed.append(plan)
    _keep_changed(withdrawn, ("state", "ended_on"), "corrected", period)
    _keep_changed(changed, ("reasons",), "corrected", period)


def _keep_changed(plans: list[CoachingPlan], fields: tuple[str, ...], what: str, words: str) -> None:
    """Plans that moved, each with its event; in as many queries for a whole district as for one person."""
    CoachingPlan.objects.bulk_update(plans, fields, batch_size=AT_ONCE)
    moment = now()
    PlanEvent.objects.bulk_create(
        [PlanEvent(plan=plan, at=moment, what=what, words=words) for plan in plans], batch_size=AT_ONCE
    )


def _open_plans(publication: Publication, told: list[Told]) -> list[CoachingPlan]:
    """New plans; one that is open already gets the reasons instead."""
    who = [one.row.assessee_id for one in told]
    known_plans = CoachingPlan.objects.filter(state__in=OPEN, assessee_id__in=who)
    running = {plan.assessee_id: plan for plan in known_plans.select_related("publication")}
    made = []
    for one in told:
        known = running.get(one.row.assessee_id)
        if known is None:
            made.append(_plan(publication, one))
        else:
            _add_reasons(known, publication, one)
    moved = ("reasons", "ladder", "level", "publication")
    _keep_changed(list(running.values()), moved, "reasons", publication.round.period)
    opened = CoachingPlan.objects.bulk_create(made, batch_size=AT_ONCE)
    PlanEvent.objects.bulk_create(
        [PlanEvent(plan=plan, at=plan.opened_at, what="proposed") for plan in opened], batch_size=AT_ONCE
    )
    return opened


def _plan(publication: Publication, told: Told) -> CoachingPlan:
    return CoachingPlan(
        assessee_id=told.row.assessee_id, name=told.row.name, person=told.row.person, area=told.row.area,
        publication=publication, level=_level(told), reasons=_reasons(publication, told.found.help),
        ladder=told.rung.words, opened_at=now(),
    )  # fmt: skip


def _level(told: Told) -> str:
    """The ladder's, where it counts quarters behind; somebody who fell once is the community's to help."""
    behind = told.found.side == Side.BEHIND and told.rung.level
    return told.rung.level if behind else Level.COMMUNITY.value


def _reasons(publication: Publication, reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    source = {"period": publication.round.period, "scheme": publication.run.scheme.scheme_id}
    return [{**reason.as_json(), **source} for reason in reasons]


def _without(reasons: list[dict[str, Any]], publication: Publication) -> list[dict[str, Any]]:
    """Reasons that do not come from this period under this scheme."""
    source = (publication.round.period, publication.run.scheme.scheme_id)
    return [one for one in reasons if (one.get("period"), one.get("scheme")) != source]


def _add_reasons(plan: CoachingPlan, publication: Publication, told: Told) -> None:
    """Reasons take the place of the same period's and scheme's; the step of the ladder follows."""
    kept = _without(plan.reasons, publication)
    plan.reasons, plan.ladder = [*kept, *_reasons(publication, told.found.help)], told.rung.words
    plan.level = _level(told)
    if plan.publication is not None and plan.publication.round_id == publication.round_id:
        plan.publication = publication
