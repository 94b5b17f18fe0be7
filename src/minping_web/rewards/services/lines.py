"""Lines that are held back, what persons say to them, budgets: what people enter beside the engine."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.rewards.models import Budget, Line, Sheet, Signature, Statement, Step
from minping_web.rewards.rules.words import LineState, Origin, SheetState
from minping_web.rewards.services.drafting import note_step, set_total
from minping_web.rewards.services.signing import EDIT, lock_budget, locked, need, stated

OWN = "results.own"


@transaction.atomic
def withhold(scope: Scope, line: Line, *, reason: str) -> None:
    """Hold a line of a draft back: an objection or a hearing is open. A supplement takes it up later."""
    need(scope, EDIT)
    sheet = _draft(line.sheet_id)
    why = stated(reason)
    Line.objects.filter(pk=line.pk, state=LineState.PROPOSED).update(
        state=LineState.WITHHELD, withheld_reason=why, withheld_by=scope.user_id, withheld_at=now()
    )
    set_total(sheet)
    note_step(sheet, Step.What.WITHHELD, why, by=scope.user_id)


@transaction.atomic
def release(scope: Scope, line: Line) -> None:
    """Take a withheld line of a draft back in."""
    need(scope, EDIT)
    sheet = _draft(line.sheet_id)
    Line.objects.filter(pk=line.pk, state=LineState.WITHHELD).update(
        state=LineState.PROPOSED, withheld_reason="", withheld_by=None, withheld_at=None
    )
    set_total(sheet)
    note_step(sheet, Step.What.RELEASED, by=scope.user_id)


def _draft(sheet_id: int) -> Sheet:
    sheet = locked(sheet_id)
    if sheet.state != SheetState.DRAFT:
        raise RefusedError.of("rewards.not_draft")
    return sheet


@transaction.atomic
def make_supplement(scope: Scope, sheet_id: int) -> Sheet:
    """A further sheet with the lines that a signed one held back; it is prepared and signed like any."""
    need(scope, EDIT)
    sheet = locked(sheet_id)
    held = list(sheet.lines.filter(state=LineState.WITHHELD).prefetch_related("statements"))
    if sheet.state != SheetState.SIGNED or not held:
        raise RefusedError.of("rewards.nothing_withheld")
    made = Sheet.objects.get(pk=sheet.pk)
    made.pk, made.state, made.origin, made.follows = None, SheetState.DRAFT, Origin.SUPPLEMENT, sheet
    made.prepared_by = made.prepared_at = made.signed_at = None
    made.sha256, made.made_at = "", now()
    made.save(force_insert=True)
    for line in held:
        _moved(line, made)
    set_total(made)
    note_step(sheet, Step.What.SUPPLEMENTED, by=scope.user_id)
    note_step(made, Step.What.MADE, by=scope.user_id)
    return made


def _moved(line: Line, sheet: Sheet) -> None:
    said = list(line.statements.all())
    Line.objects.filter(pk=line.pk).update(state=LineState.MOVED)
    line.pk, line.sheet, line.state = None, sheet, LineState.PROPOSED
    line.withheld_reason, line.withheld_by, line.withheld_at = "", None, None
    line.save(force_insert=True)
    for one in said:
        one.pk, one.line = None, line
        one.save(force_insert=True)


@transaction.atomic
def enter_budget(scope: Scope, sheet: Sheet, *, fen: int, source: str) -> Budget:
    """How much may be paid for the sheet's use in its period. The later entry counts; both stay.

    Raises `RefusedError` without a source, and for who has signed a sheet that waits on this budget.
    """
    need(scope, EDIT)
    if fen < 0 or not source.strip():
        raise RefusedError([Problem("rewards.budget_source", Place(key="source"))])
    lock_budget(sheet.pk)
    waiting = Signature.objects.filter(
        sheet__scheme_id=sheet.scheme_id, sheet__use=sheet.use, sheet__period=sheet.period,
        sheet__state=SheetState.PREPARED, user_id=scope.user_id or 0,
    )  # fmt: skip
    if waiting.exists():
        raise RefusedError.of("rewards.own_budget")
    return Budget.objects.create(
        scheme_id=sheet.scheme_id, use=sheet.use, period=sheet.period, fen=fen,
        source=source.strip()[:200], entered_by_id=scope.user_id, entered_at=now(),
    )  # fmt: skip


@transaction.atomic
def note_statement(scope: Scope, line: Line, *, heard_on: date, text: str, declined: bool) -> Statement:
    """What the office heard from the person, or that the person was invited and declined."""
    need(scope, EDIT)
    if heard_on > today() or bool(text.strip()) == declined:
        raise RefusedError.of("rewards.statement_unclear", Place(key="text"))
    return _said(scope, line, heard_on=heard_on, text=text, declined=declined)


@transaction.atomic
def make_statement(scope: Scope, line: Line, *, text: str) -> Statement:
    """The person's own words, before the sheet is signed. Foreign lines are refused."""
    if not scope.may(OWN) or line.person_id is None or line.person_id != scope.person_id:
        raise PermissionDenied(OWN)
    if not text.strip():
        raise RefusedError.of("rewards.statement_unclear", Place(key="text"))
    return _said(scope, line, heard_on=today(), text=text, own=True)


def _said(
    scope: Scope, line: Line, *, heard_on: date, text: str, declined: bool = False, own: bool = False
) -> Statement:
    if not locked(line.sheet_id).is_open:
        raise RefusedError.of("rewards.too_late")
    return Statement.objects.create(
        line=line, text=text.strip()[:2000], declined=declined, heard_on=heard_on, by_id=scope.user_id,
        own=own, at=now(),
    )  # fmt: skip
