"""Reads of paper work: how far it is, what waits for a third look, what may be shredded. Never an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.ballots.models import KeyingTally, PaperBundle, PaperSheet
from minping_web.ballots.rules.words import SheetState
from minping_web.common.scope import Scope, within
from minping_web.rounds.models import SurveyRound

VIEW, KEY, DECIDE, SHRED = "paper.view", "paper.key", "paper.decide", "paper.shred"
TAKING = (SurveyRound.State.OPEN, SurveyRound.State.STOPPED)
DECIDED = (SheetState.CAST, SheetState.REFUSED)
WAITING = (SheetState.ONCE, SheetState.DIFFERENT, SheetState.AGREED)


def _counted(state: SheetState) -> Count:
    return Count("sheets", filter=Q(sheets__state=state))


def rounds_with_paper(scope: Scope) -> QuerySet[SurveyRound]:
    """Rounds that take votes, and those with paper forms still to be shredded; newest first."""
    scope.require(VIEW)
    left = PaperBundle.objects.filter(shredded_on=None).values("round")
    return SurveyRound.objects.filter(Q(state__in=TAKING) | Q(pk__in=left)).order_by("-pk")


def paper_round(scope: Scope, round_id: int, permission: str = VIEW) -> SurveyRound:
    """A round whose paper may be worked on, else 404."""
    scope.require(permission)
    return get_object_or_404(SurveyRound, pk=round_id)


def bundles(round_id: int) -> QuerySet[PaperBundle]:
    """Bundles with their sheets by state."""
    return PaperBundle.objects.filter(round_id=round_id).select_related("shredded_by").annotate(
        sheets_all=Count("sheets"), once=_counted(SheetState.ONCE), different=_counted(SheetState.DIFFERENT),
        agreed=_counted(SheetState.AGREED), cast=_counted(SheetState.CAST),
        refused=_counted(SheetState.REFUSED),
    )  # fmt: skip


def may_be_shredded(bundle: PaperBundle) -> bool:
    """Whether everything in it was counted or refused, and it is still there; after closing in any case."""
    waiting = PaperSheet.objects.filter(bundle=bundle, state__in=WAITING)
    return bundle.shredded_on is None and not waiting.exists()


def different_sheets(scope: Scope, round_id: int) -> QuerySet[PaperSheet]:
    """Sheets whose keyings differ; named by bundle and number, which stand on the sheet."""
    rows = PaperSheet.objects.filter(round_id=round_id, state=SheetState.DIFFERENT)
    return within(rows, scope, DECIDE, "area__path").select_related("bundle", "first_by", "second_by")


def different_sheet(scope: Scope, sheet_id: UUID) -> PaperSheet:
    """One of them, else 404."""
    rows = PaperSheet.objects.filter(state=SheetState.DIFFERENT).select_related("bundle", "round")
    return get_object_or_404(within(rows, scope, DECIDE, "area__path"), pk=sheet_id)


def refusals(round_id: int) -> Sequence[tuple[str, int]]:
    """(reason, sheets) of what was not counted."""
    rows = PaperSheet.objects.filter(round_id=round_id, state=SheetState.REFUSED).order_by()
    return list(rows.values_list("reason").annotate(n=Count("pk")).order_by("reason"))


@dataclass(frozen=True)
class Keyer:
    """Somebody's work: sheets that were compared, answers in them, how many were not what counted."""

    name: str
    sheets: int
    answers: int
    wrong: int

    @property
    def per_thousand(self) -> float | None:
        """Wrong answers per thousand; None before anything was compared."""
        return round(1000 * self.wrong / self.answers, 1) if self.answers else None


def keyers(round_id: int) -> list[Keyer]:
    """Who keyed, the most first."""
    rows = KeyingTally.objects.filter(round_id=round_id).select_related("user").order_by("-sheets")
    return [Keyer(str(row.user), row.sheets, row.answers, row.wrong) for row in rows]


def agreed_sheets(round_id: int) -> int:
    """Sheets that two persons agree on and that the next run of the job counts."""
    return PaperSheet.objects.filter(round_id=round_id, state=SheetState.AGREED).count()


def waiting_sheets(round_id: int) -> int:
    """Sheets that closing would leave out: keyed once, differing, or agreed and not yet counted."""
    return PaperSheet.objects.filter(round_id=round_id, state__in=WAITING).count()
