"""The way of an objection through the scheme's nodes: those before the last check, the last one decides.

Each node is done by another person, none of whom filed the objection or is assessed in the same round. What a
decision changes is chosen from what `selectors.cells` offers: evidence cell by cell, batches of interviews,
whole areas. Ballots are not among it; batches and areas become exclusions that a second person signs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.common.approval import require_fresh_factor
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.objections.models import Objection, Remedy, Review
from minping_web.objections.rules.terms import last_day
from minping_web.objections.rules.words import DECIDED, WON, ExclusionState, Left, Outcome, Subject
from minping_web.objections.selectors.cells import Choices, choices_of
from minping_web.objections.selectors.interest import has_interest
from minping_web.objections.selectors.objections import (
    district_checks,
    may_check,
    may_decide,
    waits_for_check,
)
from minping_web.objections.selectors.previews import DECIDE, terms_of
from minping_web.objections.selectors.standing import decided_step, may_reopen
from minping_web.objections.selectors.versions import is_sealing
from minping_web.objections.services.excluding import Wanted, propose_exclusion

CHECKED, ENTRY, REOPENED = "objection.checked", "objection.decided", "objection.reopened"


@dataclass(frozen=True)
class Decision:
    """How an objection is decided, with reasons; `becomes` and `removes` go by the tokens of cells."""

    outcome: str
    reasons: str
    becomes: Mapping[str, str] = field(default_factory=dict)
    removes: Sequence[str] = ()
    batches: Sequence[int] = ()
    areas: Sequence[str] = ()
    """Codes of areas whose whole round is left out."""
    cause: str = ""
    """Why batches or areas are left out."""

    @property
    def changes(self) -> bool:
        """Whether anything is to change."""
        return bool(self.becomes or self.removes or self.batches or self.areas)


@transaction.atomic
def check(scope: Scope, objection: Objection, findings: str, *, advises: str = "") -> Objection:
    """Do a node before the last: what was found, and what the checker would decide."""
    locked = _locked(objection)
    if not waits_for_check(locked):
        raise RefusedError.of("objections.ended")
    if not may_check(scope, locked):
        raise RefusedError.of("objections.not_yours")
    if not findings.strip():
        raise RefusedError.of("objections.text_missing", Place(key="findings"))
    took_over = not scope.may("objections.check") and district_checks(locked)
    review = _review(scope, locked, findings, advises=advises, took_over=took_over)
    locked.node += 1
    locked.due_on = last_day(today(), terms_of(locked.preview.run).nodes[locked.node].days)
    locked.save(update_fields=["node", "due_on"])
    record = {"objection": locked.pk, "node": review.node, "late": review.is_late}
    stage(CHECKED, f"objection-{locked.pk}-checked-{review.node}", record)
    return locked


@transaction.atomic
def decide(scope: Scope, objection: Objection, decision: Decision) -> Objection:
    """The last node, with a second factor. Raises `RefusedError` with everything that is wrong."""
    require_fresh_factor(scope)
    locked = _locked(objection)
    if not locked.is_open or waits_for_check(locked):
        raise RefusedError.of("objections.ended")
    if not may_decide(scope, locked):
        raise RefusedError.of("objections.not_yours")
    if decision.changes and is_sealing(locked.preview.run):
        raise RefusedError.of("objections.sealing")
    choices = choices_of(locked) if decision.changes else None
    problems = _problems(locked, decision, choices)
    if problems:
        raise RefusedError(problems)
    _review(scope, locked, decision.reasons, advises=decision.outcome)
    locked.outcome, locked.reasons = decision.outcome, decision.reasons.strip()
    locked.decided_by_id, locked.decided_at = scope.user_id, now()
    locked.save(update_fields=["outcome", "reasons", "decided_by", "decided_at"])
    if choices is not None:
        _keep_cells(locked, decision, choices)
        _propose_exclusions(scope, locked, decision)
    stage(ENTRY, decided_step(locked.pk), _record(locked, decision))
    return locked


@transaction.atomic
def reopen(scope: Scope, objection: Objection, reason: str) -> Objection:
    """Have somebody else decide anew what cannot be carried out: not signed, or against another decision."""
    scope.require(DECIDE)
    locked = _locked(objection)
    if has_interest(scope, locked.preview.run):
        raise RefusedError.of("objections.not_yours")
    if not may_reopen(locked):
        raise RefusedError.of("objections.ended")
    if not reason.strip():
        raise RefusedError.of("objections.text_missing", Place(key="reason"))
    record = {
        "objection": locked.pk,
        "decided": decided_step(locked.pk),
        **committed("reason", reason.strip(), step=f"{decided_step(locked.pk)}-reopened"),
    }
    stage(REOPENED, f"{decided_step(locked.pk)}-reopened", record)
    locked.remedies.all().delete()
    locked.outcome, locked.decided_at = Outcome.OPEN, None
    locked.reopened = f"{locked.reopened}\n{reason.strip()}".strip()
    locked.due_on = last_day(today(), terms_of(locked.preview.run).nodes[locked.node].days)
    locked.save(update_fields=["outcome", "decided_at", "due_on", "reopened"])
    return locked


def _locked(objection: Objection) -> Objection:
    rows = Objection.objects.select_for_update(of=("self",))
    return rows.select_related("preview__run__scheme", "preview__run__snapshot", "area").get(pk=objection.pk)


def _review(
    scope: Scope, objection: Objection, findings: str, *, advises: str, took_over: bool = False
) -> Review:
    node = terms_of(objection.preview.run).nodes[objection.node]
    before = objection.reviews.order_by("-pk").first()
    return Review.objects.create(
        objection=objection, node=objection.node, title_zh=node.zh, title_en=node.en,
        begun_at=before.done_at if before else objection.filed_at, due_on=objection.due_on,
        by_id=scope.user_id or 0, findings=findings.strip(), advises=advises, done_at=now(),
        is_late=today() > objection.due_on, took_over=took_over,
    )  # fmt: skip


def _problems(objection: Objection, decision: Decision, choices: Choices | None) -> list[Problem]:
    """Everything that is wrong with a decision, at once."""
    found = []
    if decision.outcome not in DECIDED:
        found.append(_problem("objections.not_of_this_kind", "outcome"))
    if not decision.reasons.strip():
        found.append(_problem("objections.text_missing", "reasons"))
    if decision.outcome == Outcome.REFUSED and decision.changes:
        found.append(_problem("objections.remedy_of_refused", "outcome"))
    if decision.outcome in WON and not decision.changes and _has_to_change(objection):
        found.append(_problem("objections.no_remedy", "outcome"))
    if (decision.batches or decision.areas) and not decision.cause:
        found.append(_problem("objections.cause_missing", "cause"))
    return found + (_of_cells(decision, choices) if choices else [])


def _has_to_change(objection: Objection) -> bool:
    """An explanation changes nothing; a scheme may say that objections are noted only."""
    if objection.exclusions.filter(state=ExclusionState.HOLDS).exists():
        return False  # decided anew: what was signed after the decision before stays signed
    return objection.subject != Subject.AUTOMATED and terms_of(objection.preview.run).recomputes


def _of_cells(decision: Decision, choices: Choices) -> list[Problem]:
    found = []
    for token in (*decision.becomes, *decision.removes):
        cell = choices.cell(token)
        removable = cell is not None and (token not in decision.removes or cell.may_remove)
        if cell is None or not removable or (token in decision.becomes and not cell.column):
            found.append(_problem("objections.not_correctable", "cells", what=token))
        elif token in decision.becomes:
            found += _of_value(cell.parsed, decision.becomes[token])
    batches, areas = {one.number for one in choices.batches}, {code for code, _name in choices.areas}
    for number in set(decision.batches) - batches:
        found.append(_problem("objections.batch_unknown", "batches", number=number))
    for code in set(decision.areas) - areas:
        found.append(_problem("objections.area_not_asked", "areas", area=code))
    return found


def _of_value(parsed: Callable[[str], str], text: str) -> list[Problem]:
    try:
        parsed(text)
    except RefusedError as refused:
        return list(refused.problems)
    return []


def _keep_cells(objection: Objection, decision: Decision, choices: Choices) -> None:
    for token in dict.fromkeys((*decision.becomes, *decision.removes)):
        cell = choices.cell(token)
        assert cell is not None
        removes = token in decision.removes
        Remedy.objects.create(
            objection=objection, table=cell.table, key=cell.key, column=cell.column, was=cell.value[:200],
            label=cell.label[:200],
            becomes="" if removes else cell.parsed(decision.becomes[token]), removes=removes,
        )  # fmt: skip


def _propose_exclusions(scope: Scope, objection: Objection, decision: Decision) -> None:
    run = objection.preview.run
    if decision.batches:
        wanted = Wanted(Left.BATCHES, decision.cause, decision.reasons, batches=tuple(decision.batches))
        propose_exclusion(scope, run, wanted, objection=objection)
    for code in decision.areas:
        wanted = Wanted(Left.AREA, decision.cause, decision.reasons, area=code)
        propose_exclusion(scope, run, wanted, objection=objection)


def _record(objection: Objection, decision: Decision) -> dict[str, object]:
    """What the ledger commits to. No name, no assessee; the reasons by a salted hash."""
    return {
        "objection": objection.pk,
        "run": objection.preview.run_id,
        "subject": objection.subject,
        "outcome": objection.outcome,
        "cells": len(decision.becomes) + len(decision.removes),
        "batches": len(decision.batches),
        "areas": len(decision.areas),
        "reviews": objection.reviews.count(),
        "late": objection.reviews.filter(is_late=True).count(),
        **committed("reasons", objection.reasons, step=decided_step(objection.pk)),
    }


def _problem(code: str, key: str, **params: object) -> Problem:
    return Problem(code, Place(key=key), params)
