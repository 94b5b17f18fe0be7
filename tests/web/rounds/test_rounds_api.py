"""Rounds through the interface: counts for the whole district, small ones masked, nothing of a household."""

from __future__ import annotations

import pytest

from minping_web.rounds.models import InvitationToken, SurveyRound
from tests.web import factories
from tests.web.api.factory import Caller, key_of, owner
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.rounds.test_inviting import spend


@pytest.fixture
def going(district: factories.SmallDistrict) -> OpenRound:
    made = open_round(district, n=8)
    for area, count in zip(made.areas, (6, 2), strict=False):
        for token in InvitationToken.objects.filter(invitation__area=area)[:count]:
            spend(token.pk)
    return made


def test_areas_tell_how_many_voted_unless_few_did(going: OpenRound) -> None:
    caller = Caller(key_of(owner()))
    told = caller.get("/rounds")["items"]
    assert [row["id"] for row in told] == [going.round.pk]
    areas = caller.get(f"/rounds/{going.round.pk}/areas")["items"]
    assert [row["voted"] for row in areas] == [5, None, None, None, None, None]
    assert {row["drawn"] for row in areas} == {8}


def test_after_closing_a_small_area_does_not_follow_from_the_others(going: OpenRound) -> None:
    SurveyRound.objects.filter(pk=going.round.pk).update(state="closed")
    for token in InvitationToken.objects.filter(invitation__area=going.areas[2])[:7]:
        spend(token.pk)
    caller, wanted = Caller(key_of(owner())), f"/rounds/{going.round.pk}/areas?limit=2"
    first = caller.get(wanted)
    second = caller.get(f"{wanted}&cursor={first['next']}")
    voted = [row["voted"] for row in [*first["items"], *second["items"]]]
    assert voted == [None, None, 7, 0]  # 6 is hidden beside 2; each page by the whole round


def test_a_round_says_nothing_of_a_household(going: OpenRound) -> None:
    caller = Caller(key_of(owner()))
    text = str(caller.get(f"/rounds/{going.round.pk}")) + str(caller.get(f"/rounds/{going.round.pk}/areas"))
    assert not any(str(token.invitation.unit_id) in text for token in InvitationToken.objects.all())


def test_a_street_finds_no_round(going: OpenRound, district: factories.SmallDistrict) -> None:
    caller = Caller(key_of(owner("street_staff", district.streets[0])))
    assert caller("GET", "/rounds").status_code == 403
