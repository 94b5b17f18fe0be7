"""Prepare, sign, send back; hold lines back and take them up again in a supplement.

Who prepared a sheet, held one of its lines back or entered its budget does not sign it. A
signature is under the hash of all that the sheet says, and given in sight of every statement; the last one
freezes the sheet and enters it in the ledger, as counts and a sum, without names.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_engine.snapshot import json_sha256
from minping_web.common.approval import require_fresh_factor
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.rewards.models import Line, Sheet, Signature, Step
from minping_web.rewards.rules.words import LineState, SheetState
from minping_web.rewards.selectors.hindrances import budgets_of, hindrances
from minping_web.rewards.selectors.sheets import seen_of
from minping_web.rewards.services.drafting import note_step

EDIT, SIGN = "rewards.edit", "rewards.sign"
ENTRY = "rewards.signed"


def need(scope: Scope, permission: str) -> None:
    """Raise `PermissionDenied` without the right in the whole district: a sheet has no place."""
    if not scope.may_everywhere(permission):
        raise PermissionDenied(permission)


@transaction.atomic
def prepare(scope: Scope, sheet_id: int) -> Sheet:
    """Say that a draft is right and may be signed. Raises `RefusedError` with everything that hinders."""
    need(scope, EDIT)
    sheet = locked(sheet_id)
    if sheet.state != SheetState.DRAFT:
        raise RefusedError.of("rewards.not_draft")
    found = hindrances(sheet)
    if found:
        raise RefusedError(found)
    sheet.state, sheet.prepared_by_id, sheet.prepared_at = SheetState.PREPARED, scope.user_id, now()
    sheet.sha256 = json_sha256(content_of(sheet))
    sheet.save(update_fields=["state", "prepared_by", "prepared_at", "sha256"])
    note_step(sheet, Step.What.PREPARED, by=scope.user_id)
    return sheet


@transaction.atomic
def sign(scope: Scope, sheet_id: int, *, seen: str, not_told_apart: str = "") -> Sheet:
    """Sign a prepared sheet; `seen` is the `seen_of` that the page showed. The last signature freezes it.

    Raises `RefusedError` without a fresh second factor, for who prepared it, twice by one person, when it
    changed or something hinders, and without a reason where errors allow a rank without the money.
    """
    need(scope, SIGN)
    require_fresh_factor(scope)
    lock_budget(sheet_id)
    sheet = locked(sheet_id)
    if sheet.state != SheetState.PREPARED:
        raise RefusedError.of("rewards.not_waiting")
    found = [*about_signer(scope, sheet), *hindrances(sheet)]
    if seen_of(sheet) != seen:
        found.append(Problem("rewards.changed", Place()))
    unsure = sheet.lines.filter(state=LineState.PROPOSED, told_apart=False).count()
    if unsure and not not_told_apart.strip():
        found.append(Problem("rewards.not_told_apart", Place(key="reason"), {"count": unsure}))
    if found:
        raise RefusedError(found)
    assert scope.user_id is not None, "a program was refused above"
    Signature.objects.create(
        sheet=sheet, user_id=scope.user_id, signed_at=now(), sha256=sheet.sha256,
        not_told_apart_reason=not_told_apart.strip() if unsure else "",
    )  # fmt: skip
    note_step(sheet, Step.What.SIGNED, by=scope.user_id)
    if sheet.signatures.count() >= sheet.signatures_needed:
        _freeze(sheet)
    return sheet


def lock_budget(sheet_id: int) -> None:
    """All sheets of one budget in one order: two signed at once must not both count on the same money."""
    key = Sheet.objects.values("scheme_id", "use", "period").get(pk=sheet_id)
    rows = Sheet.objects.select_for_update(of=("self",)).filter(**key).exclude(state=SheetState.REPLACED)
    list(rows.order_by("pk").values_list("pk", flat=True))


def about_signer(scope: Scope, sheet: Sheet) -> list[Problem]:
    """Each signature is another person's, and none is of who made the sheet what it is."""
    makers = {sheet.prepared_by_id, *sheet.lines.values_list("withheld_by", flat=True)} - {None}
    if scope.user_id is None or scope.user_id in makers:
        return [Problem("rewards.same_person", Place())]
    if scope.person_id is not None and sheet.lines.filter(person=scope.person_id).exists():
        return [Problem("rewards.own_case", Place())]
    budget = budgets_of(sheet).first() if sheet.has_money else None
    if budget and budget.entered_by_id == scope.user_id:
        return [Problem("rewards.own_budget", Place())]
    if sheet.signatures.filter(user=scope.user_id).exists():
        return [Problem("rewards.signed_before", Place())]
    return []


def _freeze(sheet: Sheet) -> None:
    sheet.state, sheet.signed_at = SheetState.SIGNED, now()
    sheet.save(update_fields=["state", "signed_at"])
    stage(ENTRY, f"rewards-{sheet.pk}-signed", _record(sheet))


def _record(sheet: Sheet) -> dict[str, Any]:
    """What the ledger commits to: counts and sum, no names."""
    run = sheet.publication.run
    return {
        "sheet": sheet.pk,
        "follows": sheet.follows_id,
        "origin": sheet.origin,
        "publication": sheet.publication_id,
        "result_sha256": run.result_sha256,
        "scheme": sheet.scheme_id,
        "use": sheet.use,
        "period": sheet.period,
        "lines": sheet.lines.filter(state=LineState.PROPOSED).count(),
        "withheld": sheet.lines.exclude(state=LineState.PROPOSED).count(),
        "total_fen": sheet.total_fen,
        "signatures": sheet.signatures.count(),
        "sha256": sheet.sha256,
    }


def content_of(sheet: Sheet) -> dict[str, Any]:
    """Everything that is signed. A withheld line is named with its reason; it is not signed."""
    lines = sheet.lines.order_by("assessee_id")
    return {
        "sheet": sheet.pk,
        "publication": sheet.publication_id,
        "result_sha256": sheet.publication.run.result_sha256,
        "use": sheet.use,
        "period": sheet.period,
        "rule": [sheet.rule, sheet.rule_zh, sheet.rule_en],
        "total_fen": sheet.total_fen,
        "lines": [_line(line) for line in lines if line.state == LineState.PROPOSED],
        "withheld": [[line.assessee_id, line.withheld_reason] for line in lines if not line.counts],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "who": line.assessee_id,
        "fen": line.fen,
        "before_fen": line.before_fen,
        "change": line.change,
        "basis": line.basis,
        "told_apart": line.told_apart,
    }


@transaction.atomic
def send_back(scope: Scope, sheet_id: int, *, reason: str) -> Sheet:
    """Make a prepared sheet a draft again; signatures that it had are void and stay in its history."""
    if not (scope.may_everywhere(SIGN) or scope.may_everywhere(EDIT)):
        raise PermissionDenied(SIGN)
    sheet = locked(sheet_id)
    if sheet.state != SheetState.PREPARED:
        raise RefusedError.of("rewards.not_waiting")
    sheet.signatures.all().delete()
    sheet.state, sheet.prepared_by, sheet.prepared_at, sheet.sha256 = SheetState.DRAFT, None, None, ""
    sheet.save(update_fields=["state", "prepared_by", "prepared_at", "sha256"])
    note_step(sheet, Step.What.RETURNED, stated(reason), by=scope.user_id)
    return sheet


def locked(sheet_id: int) -> Sheet:
    """The sheet, held until the transaction ends."""
    rows = Sheet.objects.select_for_update(of=("self",)).select_related(
        "publication__run", "publication__round"
    )
    return rows.get(pk=sheet_id)


def stated(reason: str) -> str:
    """A reason, else `RefusedError`."""
    if not reason.strip():
        raise RefusedError.of("rewards.reason_missing", Place(key="reason"))
    return reason.strip()[:300]
