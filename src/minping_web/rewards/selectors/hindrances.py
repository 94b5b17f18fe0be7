"""Why a sheet cannot be signed yet: all of it at once."""

from __future__ import annotations

from django.db.models import QuerySet, Sum
from django.utils.timezone import localdate

from minping_engine.errors import Place, Problem
from minping_web.organisations.models import Contract
from minping_web.organisations.rules import yuan
from minping_web.rewards.models import Budget, Line, Sheet
from minping_web.rewards.rules.words import Change, LineState, SheetState


def hindrances(sheet: Sheet) -> list[Problem]:
    """Every reason why this sheet may not be prepared or signed."""
    proposed = proposed_of(sheet)
    if not proposed.exists():
        return [Problem("rewards.no_lines", Place())]
    problems = _unheard(sheet, proposed)
    if not sheet.has_money:
        return problems
    if pays_persons(proposed):  # no contract covers a person: a district's thousand lines need no look
        return problems + _of_budget(sheet)
    lines = list(proposed)
    contracts = contracts_of(sheet, lines)
    problems += _over_contracts(lines, contracts)
    if any(line.assessee_id not in contracts for line in lines):
        problems += _of_budget(sheet)
    return problems


def proposed_of(sheet: Sheet) -> QuerySet[Line]:
    """Lines that are signed with the sheet."""
    return sheet.lines.filter(state=LineState.PROPOSED)


def pays_persons(lines: QuerySet[Line]) -> bool:
    """Whether a person is among them; else they are organisations or areas."""
    return lines.filter(person__isnull=False).exists()


def _unheard(sheet: Sheet, proposed: QuerySet[Line]) -> list[Problem]:
    """Nobody leaves unheard (D11)."""
    if sheet.kind != "exit":
        return []
    unheard = proposed.exclude(change=Change.WITHDRAWN).filter(statements=None).count()
    return [Problem("rewards.not_heard", Place(), {"count": unheard})] if unheard else []


def budgets_of(sheet: Sheet) -> QuerySet[Budget]:
    """Every entry for this use and period, the newest first."""
    rows = Budget.objects.filter(scheme_id=sheet.scheme_id, use=sheet.use, period=sheet.period)
    return rows.select_related("entered_by").order_by("-pk")


def budget_of(sheet: Sheet) -> int | None:
    """Fen that the bureau entered last for this use and period, else what the scheme itself divides."""
    entered = budgets_of(sheet).first()
    return entered.fen if entered else sheet.granted_fen


def spent(sheet: Sheet) -> int:
    """Fen signed for this use and period, without this sheet."""
    rows = Sheet.objects.filter(
        scheme_id=sheet.scheme_id, use=sheet.use, period=sheet.period, state=SheetState.SIGNED
    )
    return rows.exclude(pk=sheet.pk).aggregate(sum=Sum("total_fen"))["sum"] or 0


def _of_budget(sheet: Sheet) -> list[Problem]:
    budget = budget_of(sheet)
    if budget is None:
        return [Problem("rewards.no_budget", Place(), {"period": sheet.period})]
    total = spent(sheet) + sheet.total_fen
    if total <= budget:
        return []
    told: dict[str, object] = {
        "total": yuan(total),
        "budget": yuan(budget),
        "over": yuan(total - budget),
    }
    return [Problem("rewards.over_budget", Place(), told)]


def contracts_of(sheet: Sheet, lines: list[Line]) -> dict[str, list[Contract]]:
    """By code: contracts of organisations on the sheet, in force when the round closed (S48).

    Only for lines none of which `pays_persons`.
    """
    closes = sheet.publication.round.closes_at
    day = localdate(closes) if closes else localdate(sheet.made_at)
    rows = Contract.objects.filter(
        contractor__code__in=[line.assessee_id for line in lines], starts_on__lte=day, ends_on__gte=day
    )
    found: dict[str, list[Contract]] = {}
    for contract in rows.select_related("contractor").prefetch_related("subs"):
        found.setdefault(contract.contractor.code, []).append(contract)
    return found


def own_part(contracts: list[Contract]) -> int:
    """Fen of contracts that are not passed on to sub-contractors (S45)."""
    return sum(one.amount_fen - sum(sub.amount_fen for sub in one.subs.all()) for one in contracts)


def _over_contracts(lines: list[Line], contracts: dict[str, list[Contract]]) -> list[Problem]:
    """Nobody is paid more than the contract holds."""
    problems = []
    for line in lines:
        held = contracts.get(line.assessee_id)
        if held is None:
            continue
        first = min(one.starts_on for one in held)
        paid = (
            Line.objects.filter(
                assessee_id=line.assessee_id, state=LineState.PROPOSED, sheet__state=SheetState.SIGNED,
                sheet__has_money=True, sheet__signed_at__date__gte=first,
            )
            .exclude(sheet=line.sheet_id)
            .aggregate(sum=Sum("fen"))["sum"]
            or 0
        )  # fmt: skip
        if paid + (line.fen or 0) > own_part(held):
            told: dict[str, object] = {
                "contracts": ", ".join(one.code for one in held),
                "total": yuan(paid + (line.fen or 0)),
                "most": yuan(own_part(held)),
            }
            problems.append(Problem("rewards.over_contract", Place(), told))
    return problems
