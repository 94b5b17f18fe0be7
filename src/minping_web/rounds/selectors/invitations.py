"""Invitations by what can be done with them: invite, remind, look up one household, replace.

A contact is opened in memory only, on its way to a message; the caller logs the access first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from minping_web.common.crypto import keyring
from minping_web.common.scope import PATH_END
from minping_web.frames.models import Unit, UnitContact
from minping_web.frames.services.sealed_contacts import Contact, open_contact
from minping_web.places.models import Area
from minping_web.rounds.models import (
    Invitation,
    InvitationToken,
    RoundArea,
    SampledUnit,
    SurveyRound,
    TokenBatch,
)
from minping_web.rounds.rules.words import Found, Purpose, TokenState

MOST_REMINDERS = 2
"""More would be pressing people (G3)."""
AT_ONCE = 500
STILL_ASKED = (Found.NOTHING, Found.NON_CONTACT, Found.UNKNOWN_ELIGIBILITY)
"""Who refused, or is not eligible, is left alone."""


def to_invite(survey_round: SurveyRound) -> QuerySet[SampledUnit]:
    """Released units without an invitation; who had the own data deleted since the draw is left alone."""
    has = Invitation.objects.filter(round=survey_round).values("unit_id")
    unwanted = Unit.objects.filter(frame_id=survey_round.frame_id, do_not_contact=True).values("pk")
    rows = SampledUnit.objects.filter(round=survey_round, released=True)
    return rows.exclude(unit_id__in=has).exclude(unit_id__in=unwanted)


def silent(survey_round: SurveyRound) -> QuerySet[Invitation]:
    """Households that did not vote yet and may be asked, in areas that go on."""
    stopped = RoundArea.objects.filter(round=survey_round, stopped=True).values("area_id")
    rows = Invitation.objects.filter(round=survey_round, spent_token=None, found__in=STILL_ASKED)
    return rows.exclude(area_id__in=stopped)


def chosen(batch: TokenBatch) -> QuerySet[Invitation]:
    """Whom a batch is for and has no token for yet."""
    rows = _selected(silent(batch.round), batch.selection)
    tokens = InvitationToken.objects.filter(invitation=OuterRef("pk"))
    rows = rows.exclude(Exists(tokens.filter(batch=batch)))
    if batch.purpose == Purpose.REMIND:
        return rows.filter(Exists(tokens), reminders__lt=MOST_REMINDERS)
    if batch.purpose == Purpose.INVITE:
        return rows.exclude(Exists(tokens.filter(channel=batch.channel).exclude(state=TokenState.REVOKED)))
    return rows


def _selected(rows: QuerySet[Invitation], selection: Mapping[str, Any]) -> QuerySet[Invitation]:
    if selection.get("invitation"):
        rows = rows.filter(pk=selection["invitation"])
    if selection.get("modes"):
        rows = rows.filter(mode_assigned__in=selection["modes"])
    if selection.get("area"):
        path = Area.objects.values_list("path", flat=True).get(pk=selection["area"])
        inside = Area.objects.filter(path__gte=path, path__lt=path + PATH_END)
        rows = rows.filter(area_id__in=list(inside.order_by().values_list("pk", flat=True)))
    return rows


def contacts_of(unit_ids: Iterable[UUID]) -> Iterator[tuple[UUID, Contact]]:
    """(unit, its contact) of those that have one; the caller has entered a scope that sees the rows."""
    ids, ring = list(unit_ids), keyring()
    for start in range(0, len(ids), AT_ONCE):
        for row in UnitContact.objects.filter(pk__in=ids[start : start + AT_ONCE]).iterator():
            yield row.pk, open_contact(row, ring)


class LetterFact(NamedTuple):
    """What a letter's window shows when no address is held."""

    invitation_id: UUID
    unit_id: UUID
    label: str


def letter_facts(survey_round: SurveyRound, ids: Sequence[UUID]) -> list[LetterFact]:
    """Invited households in the order of areas and house codes."""
    wanted: dict[UUID, UUID] = {}
    for start in range(0, len(ids), AT_ONCE):
        rows = Invitation.objects.filter(pk__in=ids[start : start + AT_ONCE])
        wanted |= dict(rows.values_list("unit_id", "pk"))
    found = []
    units = Unit.objects.filter(frame_id=survey_round.frame_id, do_not_contact=False)
    units = units.order_by("area_id", "house_code")
    for unit, area, house in units.values_list("pk", "area__name", "house_code").iterator(10_000):
        if unit in wanted:
            found.append(LetterFact(wanted[unit], unit, f"{area} {house}"))
    return found


def houses_of(survey_round: SurveyRound, codes: Iterable[str]) -> dict[str, UUID]:
    """House code -> invitation, for those that were invited."""
    wanted: list[str] = sorted(set(codes))
    found: dict[str, UUID] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = Unit.objects.filter(frame_id=survey_round.frame_id, house_code__in=some)
        units = dict(rows.values_list("pk", "house_code"))
        invited = Invitation.objects.filter(round=survey_round, unit_id__in=list(units))
        found |= {units[unit_id]: pk for pk, unit_id in invited.values_list("pk", "unit_id")}
    return found


def never_asked(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these invitations that never had a token: nobody can know anything of them yet."""
    wanted: list[UUID] = sorted(set(ids))
    found: set[UUID] = set()
    asked = Exists(InvitationToken.objects.filter(invitation=OuterRef("pk")))
    for start in range(0, len(wanted), AT_ONCE):
        rows = Invitation.objects.filter(pk__in=wanted[start : start + AT_ONCE]).exclude(asked)
        found |= set(rows.values_list("pk", flat=True))
    return found
