"""Mediated changes: proposed by who answers for the place, in force when every side has signed.

Sides are everybody who moves, the community of every grid that somebody leaves or gets, and the mediator,
each by an account of their own; staff with a second factor. One mediation at a time: what it parts is told
against the pairs of that moment.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import InputError, Place, Problem
from minping_web.choices.models import Mediation, Signature, TwoWayChoice
from minping_web.choices.rules.phases import State
from minping_web.choices.selectors.choices import CHOOSE, MEDIATE, OWN
from minping_web.choices.selectors.markets import Book
from minping_web.choices.services.preparing import locked_choice
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

ENTRY = "choice.mediated"
Wanted = Sequence[tuple[int, int]]
"""(candidate, grid or 0)."""


@transaction.atomic
def propose(scope: Scope, choice_id: int, wanted: Wanted, reason: str) -> Mediation:
    """Open a mediation and name everybody who has to sign. Raises `RefusedError` for what cannot be."""
    choice = locked_choice(scope, choice_id, MEDIATE)
    if choice.state != State.MATCHED:
        raise RefusedError.of("choices.not_matched")
    if choice.mediations.filter(state=Mediation.State.OPEN).exists():
        raise RefusedError.of("choices.mediation_open")
    if not reason.strip():
        raise RefusedError.of("choices.reason_missing", Place(key="reason"))
    book = Book(choice)
    check(book, choice, wanted)
    before = dict(choice.pairs)
    made = Mediation.objects.create(
        choice=choice,
        number=choice.mediations.count() + 1,
        changes=[[who, before.get(who, 0), where] for who, where in wanted],
        reason=reason.strip(),
        proposed_by_id=scope.user_id,
        proposed_at=now(),
    )
    _name_sides(made)
    return made


def check(book: Book, choice: TwoWayChoice, wanted: Wanted) -> None:
    """Raises `RefusedError` with everything in the way: strangers, no change, more people than seats."""
    if not wanted:
        raise RefusedError.of("choices.no_changes")
    unknown = [
        row for row in wanted if row[0] not in book.candidates or (row[1] and row[1] not in book.grids)
    ]
    if unknown:
        raise RefusedError.of("choices.unknown_row")
    try:
        book.mediated(choice.pairs, wanted)
    except InputError as error:
        raise RefusedError([named(book, problem) for problem in error.problems]) from None


def named(book: Book, problem: Problem) -> Problem:
    """A problem of the engine with a name for the id."""
    key = problem.place.key or ""
    return Problem(problem.code, Place(key=book.name_of(key) or key), problem.params, problem.severity)


def _name_sides(mediation: Mediation) -> None:
    people = [who for who, _from, _to in mediation.changes]
    grids = dict.fromkeys(one for _who, *both in mediation.changes for one in both if one)
    side = Signature.Side
    Signature.objects.bulk_create(
        [
            *(Signature(mediation=mediation, side=side.PERSON, candidate_id=one) for one in people),
            *(Signature(mediation=mediation, side=side.GRID, grid_id=one) for one in grids),
            Signature(mediation=mediation, side=side.MEDIATOR),
        ]
    )


@transaction.atomic
def sign(scope: Scope, signature_id: int) -> Mediation:
    """Sign for one side; with the last signature the changes come into force."""
    signature, mediation = _open(signature_id)
    require_side(scope, signature)
    if signature.side != Signature.Side.PERSON:
        approval.require_fresh_factor(scope)
    if signature.signed_at:
        raise RefusedError.of("choices.signed_already")
    others = mediation.signatures.filter(user=scope.user_id).exclude(side=signature.side)
    if others.exists():
        raise RefusedError.of("choices.signed_other_side")
    signature.user_id, signature.signed_at = scope.user_id, now()
    signature.save(update_fields=["user", "signed_at"])
    if not mediation.signatures.filter(signed_at=None).exists():
        _come_into_force(mediation)
    return mediation


def require_side(scope: Scope, signature: Signature) -> None:
    """Raise `PermissionDenied` unless this account may speak for that side."""
    if not may_sign(scope, signature):
        raise PermissionDenied(CHOOSE)


def may_sign(scope: Scope, signature: Signature) -> bool:
    """Whose signature it is: the person's own, the community's, or that of who mediates there."""
    if scope.user_id is None:
        return False
    if signature.side == Signature.Side.PERSON:
        who = signature.candidate
        return bool(who and scope.person_id == who.person_id and scope.may(OWN))
    if signature.side == Signature.Side.GRID:
        return bool(signature.grid and scope.may(CHOOSE, signature.grid.area.path))
    return scope.may(MEDIATE, signature.mediation.choice.area.path)


def _open(signature_id: int) -> tuple[Signature, Mediation]:
    """A signature of an open mediation, both locked with the choice."""
    found = Signature.objects.select_related("mediation").get(pk=signature_id)
    choice = TwoWayChoice.objects.select_for_update().get(pk=found.mediation.choice_id)
    mediation = Mediation.objects.select_for_update().get(pk=found.mediation_id)
    if mediation.state != Mediation.State.OPEN or choice.state != State.MATCHED:
        raise RefusedError.of("choices.mediation_ended")
    rows = Signature.objects.select_related("mediation__choice__area", "candidate", "grid__area")
    return rows.get(pk=signature_id), mediation


def _come_into_force(mediation: Mediation) -> None:
    choice = TwoWayChoice.objects.get(pk=mediation.choice_id)
    book = Book(choice)
    after = book.mediated(choice.pairs, mediation.changes).after
    choice.pairs = book.kept(after.pairs)
    choice.save(update_fields=["pairs"])
    mediation.state, mediation.ended_at = Mediation.State.IN_FORCE, now()
    mediation.save(update_fields=["state", "ended_at"])
    stage(ENTRY, f"{choice.step_id}-mediated-{mediation.number}",
          {"choice": choice.pk, "number": mediation.number, "changes": mediation.changes,
           "signatures": mediation.signatures.count()})  # fmt: skip


@transaction.atomic
def refuse(scope: Scope, signature_id: int, reason: str) -> Mediation:
    """One side says no: the whole mediation is off, and the pairs stay as they were."""
    signature, mediation = _open(signature_id)
    require_side(scope, signature)
    if not reason.strip():
        raise RefusedError.of("choices.reason_missing", Place(key="reason"))
    withdrawn = signature.side == Signature.Side.MEDIATOR
    mediation.state = Mediation.State.WITHDRAWN if withdrawn else Mediation.State.REFUSED
    mediation.ended_by_id, mediation.ended_at = scope.user_id, now()
    mediation.ended_reason = reason.strip()
    mediation.save()
    return mediation
