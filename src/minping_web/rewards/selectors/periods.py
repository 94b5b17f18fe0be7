"""Over periods: cards, falls, honours and money of a year, by person and by fund. Names stand in alphabetical
order; nothing here is a ranking, and nothing of it is public (G1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet

from minping_web.assessments.rules.words import page_language
from minping_web.common.scope import Scope
from minping_web.rewards.models import Budget, Line, Sheet, Standing
from minping_web.rewards.rules.words import LineState, SheetState

VIEW = "rewards.view"
ONLY = ("falls", "cards", "vetoes")
SAME = ("assessee_id", "publication__run__scheme__scheme_id")
"""One assessee under one scheme."""
FALLS_OF_A_YEAR = 3
"""S94: so many falls and the year is not excellent. The year's scheme decides; the page marks it."""


@dataclass
class YearOfOne:
    """What a year brought one assessee under one scheme: falls of two schemes never add up."""

    assessee_id: str
    scheme: str
    name: str
    area: str
    person_id: int | None
    standings: list[Standing] = field(default_factory=list)

    @property
    def falls(self) -> int:
        """Periods in which the grade fell."""
        return sum(1 for one in self.standings if (one.grade_change or 0) < 0)

    @property
    def many_falls(self) -> bool:
        """As many as S94 names."""
        return self.falls >= FALLS_OF_A_YEAR

    @property
    def cards(self) -> list[dict[str, str]]:
        """Cards that were shown, oldest first."""
        language = page_language()
        return [{**card, "title": card[language], "period": one.period}
                for one in self.standings for card in one.cards]  # fmt: skip

    @property
    def vetoes(self) -> list[dict[str, str]]:
        """Vetoes that held, oldest first."""
        language = page_language()
        return [{**veto, "title": veto[language], "period": one.period}
                for one in self.standings for veto in one.vetoes]  # fmt: skip

    @property
    def grades(self) -> list[tuple[str, str, int | None]]:
        """Period, grade, change."""
        english = page_language() == "en"
        return [
            (one.period, one.grade_name_en if english else one.grade_name_zh, one.grade_change)
            for one in self.standings
        ]


def current_standings(year: str = "") -> QuerySet[Standing]:
    """Those of results that hold."""
    rows = Standing.objects.filter(publication__superseded_at=None).select_related(
        "area", "publication__run__scheme"
    )
    rows = rows.filter(period__startswith=year) if year else rows
    return rows.order_by("period", "pk")


Key = tuple[str, str, str]
"""Name, assessee, scheme: in the order of the page."""


def keys_of_all(scope: Scope, year: str, *, search: str = "", only: str = "") -> list[Key]:
    """Whose years there are, by name; `only`: falls, cards, vetoes. Nobody without the right everywhere.

    A district's year is thousands of rows: only those of a page are read whole (`years_of`).
    """
    if not scope.may_everywhere(VIEW):
        return []
    standings, wanted = current_standings(year), search.casefold()
    kept = None if only not in ONLY else set(_narrowed(standings.order_by(), only))
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for assessee, scheme, name, area in standings.values_list(*SAME, "name", "area__name"):
        first.setdefault((assessee, scheme), (name, area or ""))
    return sorted(
        (name, *one)
        for one, (name, area) in first.items()
        if (kept is None or one in kept) and wanted in f"{name} {area}".casefold()
    )


def _narrowed(standings: QuerySet[Standing], only: str) -> Iterable[tuple[str, str]]:
    if only != "falls":
        return standings.exclude(**{only: []}).values_list(*SAME)
    counted = standings.filter(grade_change__lt=0).values_list(*SAME).annotate(n=Count("pk"))
    return ((assessee, scheme) for assessee, scheme, n in counted if n >= FALLS_OF_A_YEAR)


def years_of(keys: Sequence[Key], year: str) -> list[YearOfOne]:
    """The whole years of these, in their order."""
    rows = current_standings(year).filter(assessee_id__in=[assessee for _name, assessee, _scheme in keys])
    wanted = {(assessee, scheme) for _name, assessee, scheme in keys}
    shown = (row for row in rows if (row.assessee_id, row.publication.run.scheme.scheme_id) in wanted)
    return _by_assessee(shown)


def _by_assessee(rows: Iterable[Standing]) -> list[YearOfOne]:
    found: dict[tuple[str, str], YearOfOne] = {}
    for row in rows:
        scheme, area = row.publication.run.scheme, row.area.name if row.area else ""
        one = found.setdefault(
            (row.assessee_id, scheme.scheme_id),
            YearOfOne(row.assessee_id, str(scheme), row.name, area, row.person_id),
        )
        one.standings.append(row)
    return sorted(found.values(), key=lambda one: (one.name, one.assessee_id, one.scheme))


def years_of_person(person_id: int, year: str) -> list[YearOfOne]:
    """One person's year, once for each scheme."""
    return _by_assessee(current_standings(year).filter(person=person_id))


def standing_years(person_id: int | None = None) -> list[str]:
    """Years with published results, of all or of one person, newest first."""
    rows = Standing.objects.filter(person=person_id) if person_id else Standing.objects.all()
    periods = rows.order_by().values_list("period", flat=True).distinct()
    return sorted({period[:4] for period in periods}, reverse=True)


def lines_of_person(person_id: int, year: str = "") -> QuerySet[Line]:
    """What follows for one person: signed, or proposed and not replaced; newest period first."""
    rows = Line.objects.filter(person=person_id).exclude(sheet__state=SheetState.REPLACED)
    rows = rows.exclude(state=LineState.MOVED).select_related("sheet__publication__round", "result")
    rows = rows.filter(sheet__period__startswith=year) if year else rows
    return rows.prefetch_related("statements", "sheet__exports").order_by("-sheet__period", "sheet_id", "pk")


def signed_fen(lines: Iterable[Line]) -> int:
    """Sum of what is signed."""
    return sum(line.fen or 0 for line in lines if line.counts and line.sheet.is_signed)


@dataclass(frozen=True)
class FundLine:
    """One use in one period: budget, signed, taken by payroll."""

    period: str
    scheme_id: str
    text: str
    use: str
    budget_fen: int | None
    signed_fen: int
    open_fen: int
    sheets: int

    @property
    def left_fen(self) -> int | None:
        """Of the budget."""
        return None if self.budget_fen is None else self.budget_fen - self.signed_fen


def funds(scope: Scope, year: str) -> list[FundLine]:
    """Money of a year by period and use."""
    if not scope.may_everywhere(VIEW):
        return []
    sheets = Sheet.objects.filter(has_money=True, period__startswith=year)
    grouped: dict[tuple[str, str, str], list[Sheet]] = defaultdict(list)
    for sheet in sheets.exclude(state=SheetState.REPLACED).order_by("pk"):
        grouped[sheet.period, sheet.scheme_id, sheet.use].append(sheet)
    rows = Budget.objects.filter(period__startswith=year).order_by("pk")
    budgets = {(one.period, one.scheme_id, one.use): one.fen for one in rows}
    return [_fund(key, found, budgets.get(key)) for key, found in sorted(grouped.items(), reverse=True)]


def _fund(key: tuple[str, str, str], sheets: list[Sheet], budget: int | None) -> FundLine:
    period, scheme_id, use = key
    return FundLine(
        period=period, scheme_id=scheme_id, use=use, text=sheets[0].text,
        budget_fen=sheets[0].granted_fen if budget is None else budget,
        signed_fen=sum(one.total_fen for one in sheets if one.is_signed),
        open_fen=sum(one.total_fen for one in sheets if not one.is_signed), sheets=len(sheets),
    )  # fmt: skip
