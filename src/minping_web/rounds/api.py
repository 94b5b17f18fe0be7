"""Rounds for other systems: plans, states, counts by area. Who was drawn and who voted stays here."""

from __future__ import annotations

from ninja import Path, Query

from minping_web.common.rest import Id, Operations, Paged, Reference, page_of
from minping_web.common.scope import Scope
from minping_web.rounds.models import RoundArea
from minping_web.rounds.schemas import RoundAreaList, RoundAreaOut, RoundFilters, RoundList, RoundOut
from minping_web.rounds.selectors.live import votes_told_by_area
from minping_web.rounds.selectors.rounds import VIEW, round_of, rounds_seen

rounds = Operations("rounds")


@rounds.get("/rounds", VIEW, RoundList)
def list_rounds(scope: Scope, wanted: Query[RoundFilters]) -> RoundList:
    """Survey rounds by id; none for a key that does not reach the whole district."""
    found = rounds_seen(scope)
    if wanted.state is not None:
        found = found.filter(state=wanted.state)
    if wanted.opened_since:
        found = found.filter(opened_at__gte=wanted.opened_since)
    rows, after = page_of(found, wanted)
    return RoundList(items=[RoundOut.of(row) for row in rows], next=after)


@rounds.get("/rounds/{int:round_id}", VIEW, RoundOut)
def get_round(scope: Scope, round_id: Path[Id]) -> RoundOut:
    """One round."""
    return RoundOut.of(round_of(scope, round_id))


@rounds.get("/rounds/{int:round_id}/areas", VIEW, RoundAreaList)
def list_round_areas(scope: Scope, round_id: Path[Id], wanted: Query[Paged]) -> RoundAreaList:
    """Rated areas of a round with what was drawn and how many voted."""
    found = round_of(scope, round_id)
    rows, after = page_of(RoundArea.objects.filter(round=found).select_related("area"), wanted)
    voted = votes_told_by_area(found)
    return RoundAreaList(items=[_area(row, voted[row.area_id]) for row in rows], next=after)


def _area(row: RoundArea, voted: int | None) -> RoundAreaOut:
    return RoundAreaOut(
        area=Reference.model_validate(row.area), eligible=row.eligible, drawn=row.drawn, wanted=row.wanted,
        voted=voted, stopped=row.stopped, voided=row.voided,
    )  # fmt: skip
