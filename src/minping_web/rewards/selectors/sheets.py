"""Sheets and lines as pages see them: for who prepares, signs and audits; they rank nobody (G1)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_engine.errors import Problem
from minping_engine.snapshot import json_sha256
from minping_web.assessments.rules.words import page_language
from minping_web.common.scope import Scope
from minping_web.people.models import Certificate, Person
from minping_web.rewards.models import Line, Sheet, Standing, Statement
from minping_web.rewards.rules.words import LineState, SheetState
from minping_web.rewards.selectors.hindrances import (
    budget_of,
    contracts_of,
    hindrances,
    own_part,
    pays_persons,
    proposed_of,
    spent,
)

VIEW, EDIT, SIGN, EXPORT = "rewards.view", "rewards.edit", "rewards.sign", "rewards.export"
PROFESSION = ("assistant_social_worker", "social_worker", "senior_social_worker")


def sheets_seen(
    scope: Scope, *, search: str = "", family: str = "", state: str = "", year: str = ""
) -> QuerySet[Sheet]:
    """All sheets, newest period first; none without the right in the whole district."""
    if not scope.may_everywhere(VIEW):
        return Sheet.objects.none()
    rows = Sheet.objects.select_related("publication__round", "prepared_by", "follows")
    rows = rows.annotate(
        n_lines=Count("lines", distinct=True), n_signed=Count("signatures", distinct=True)
    ).order_by("-period", "-pk")
    if search:
        named = Q(text_zh__icontains=search) | Q(text_en__icontains=search)
        rows = rows.filter(
            named | Q(publication__round__name__icontains=search) | Q(scheme_id__icontains=search)
        )
    if year:
        rows = rows.filter(period__startswith=year)
    chosen = {name: value for name, value in (("family", family), ("state", state)) if value}
    return rows.filter(**chosen) if state else rows.filter(**chosen).exclude(state=SheetState.REPLACED)


def years() -> list[str]:
    """Years that have sheets, newest first."""
    periods = Sheet.objects.order_by().values_list("period", flat=True).distinct()
    return sorted({period[:4] for period in periods}, reverse=True)


def sheet_of(scope: Scope, sheet_id: int) -> Sheet:
    """One sheet, replaced ones too, else 404."""
    rows = Sheet.objects.all() if scope.may_everywhere(VIEW) else Sheet.objects.none()
    joined = rows.select_related("publication__run__scheme", "publication__round", "prepared_by", "follows")
    return get_object_or_404(joined, pk=sheet_id)


def lines_of(sheet: Sheet, *, search: str = "", state: str = "") -> QuerySet[Line]:
    """Lines by name; `state`: one of a line, or "unsure" = errors allow a rank without the money."""
    rows = sheet.lines.select_related("area", "result", "withheld_by").prefetch_related("statements")
    if search:
        rows = rows.filter(
            Q(name__icontains=search) | Q(number__iexact=search) | Q(area__name__icontains=search)
        )
    if state == "unsure":
        return rows.filter(told_apart=False)
    return rows.filter(state=state) if state in LineState.values else rows


def line_of(scope: Scope, sheet_id: int, line_id: int) -> Line:
    """One line of a sheet that is seen, else 404."""
    sheet = sheet_of(scope, sheet_id)
    return get_object_or_404(sheet.lines.select_related("sheet", "person"), pk=line_id)


@dataclass(frozen=True)
class Figures:
    """What stands above the lines of a sheet."""

    lines: int
    withheld: int
    unsure: int
    budget_fen: int | None
    spent_fen: int
    lowest_fen: int | None
    highest_fen: int | None

    @property
    def left_fen(self) -> int | None:
        """Of the budget, before this sheet."""
        return None if self.budget_fen is None else self.budget_fen - self.spent_fen


def figures_of(sheet: Sheet) -> Figures:
    """Counts, budget, range of amounts."""
    signed = Q(state=LineState.PROPOSED)
    counted = sheet.lines.order_by().aggregate(
        lines=Count("pk", filter=signed),
        withheld=Count("pk", filter=Q(state=LineState.WITHHELD)),
        unsure=Count("pk", filter=signed & Q(told_apart=False)),
        lowest_fen=Min("fen", filter=signed),
        highest_fen=Max("fen", filter=signed),
    )
    return Figures(
        **counted,
        budget_fen=budget_of(sheet) if sheet.has_money else None,
        spent_fen=spent(sheet) if sheet.has_money else 0,
    )


def statements_on(sheet: Sheet) -> QuerySet[Statement]:
    """What persons said to lines that are to be signed."""
    rows = Statement.objects.filter(line__sheet=sheet, line__state=LineState.PROPOSED)
    return rows.select_related("line").order_by("line__name", "pk")


def seen_of(sheet: Sheet) -> str:
    """What a signature is bound to: the hash of the sheet, with every statement where there are any."""
    said = [[one.pk, one.heard_on.isoformat(), one.declined, one.text] for one in statements_on(sheet)]
    return json_sha256({"sheet": sheet.sha256, "statements": said}) if said else sheet.sha256


def problems_of(sheet: Sheet) -> list[Problem]:
    """What hinders an open sheet."""
    return hindrances(sheet) if sheet.is_open else []


@dataclass(frozen=True)
class Barred:
    """Somebody whom a veto keeps from this use."""

    name: str
    veto: str


def barred_from(sheet: Sheet) -> list[Barred]:
    """Whom a veto of the scheme keeps from it, with the veto (S94)."""
    rows = Standing.objects.filter(publication=sheet.publication_id).exclude(vetoes=[]).order_by("name")
    language = page_language()
    return [
        Barred(row.name, veto[language])
        for row in rows
        for veto in row.vetoes
        if sheet.use in veto.get("bars", "").split()
    ]


@dataclass(frozen=True)
class ContractLine:
    """Contracts of one organisation beside what the sheet pays it."""

    name: str
    codes: str
    own_fen: int
    line_fen: int


def contract_lines(sheet: Sheet) -> list[ContractLine]:
    """Of a sheet that pays organisations: their contracts in force (S48)."""
    proposed = proposed_of(sheet)
    if not sheet.has_money or pays_persons(proposed):
        return []
    lines = list(proposed)
    held = contracts_of(sheet, lines)
    return [
        ContractLine(line.name, ", ".join(one.code for one in found), own_part(found), line.fen or 0)
        for line in lines
        if (found := held.get(line.assessee_id))
    ]


@dataclass(frozen=True)
class Certified:
    """How many of the people on a sheet, and of all who serve, hold a certificate of social work (S102)."""

    here: int
    of_here: int
    everywhere: int
    of_all: int

    @property
    def percent_here(self) -> float:
        """Of the sheet, in percent."""
        return 100 * self.here / self.of_here if self.of_here else 0.0

    @property
    def percent(self) -> float:
        """Of all who serve, in percent."""
        return 100 * self.everywhere / self.of_all if self.of_all else 0.0


def certified_of(sheet: Sheet) -> Certified | None:
    """Only where promotion is proposed."""
    if sheet.kind != "promotion":
        return None
    held = Certificate.objects.filter(kind__in=PROFESSION).exclude(expires_on__lt=sheet.made_at.date())
    holders = set(held.values_list("person_id", flat=True))
    here = set(sheet.lines.exclude(person=None).values_list("person_id", flat=True))
    return Certified(len(here & holders), len(here), len(holders), Person.objects.count())
