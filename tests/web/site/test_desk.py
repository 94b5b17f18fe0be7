"""The start page says what waits for whoever looks: the own work, nobody else's, the late first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from minping_web.accounts.models import User
from minping_web.common.clock import now, today
from minping_web.common.scope import scope_of_user
from minping_web.people.models import CorrectionRequest, Handover, Person
from minping_web.site.desk import waiting
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, user
from tests.web.people import factory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def worker(name: str) -> tuple[User, Person]:
    who = user()
    grant(who, "worker")
    return who, factory.person(name, user=who)


def lines(who: User) -> dict[str, int]:
    """Address -> how many wait there."""
    return {one.url: one.number for one in waiting(scope_of_user(who.pk))}


@pytest.fixture
def handover(district: SmallDistrict) -> tuple[User, User, Handover]:
    """Between two workers, due since three days, not confirmed by either."""
    (one, giver), (other, taker) = worker("甲试"), worker("乙试")
    made = Handover.objects.create(
        giver=giver, taker=taker, area=district.grids[0], day=today() - timedelta(days=3)
    )
    return one, other, made


def test_a_handover_waits_for_the_side_that_has_not_confirmed(handover: tuple[User, User, Handover]) -> None:
    giver, taker, made = handover
    assert lines(giver) == lines(taker) == {"/people/mine/": 1}
    Handover.objects.filter(pk=made.pk).update(giver_confirmed_at=now())
    assert lines(giver) == {}
    assert lines(taker) == {"/people/mine/": 1}


def test_a_request_for_correction_waits_for_the_office_of_that_place_only(district: SmallDistrict) -> None:
    here, there = district.streets
    asking = factory.person("丙试")
    factory.posting(asking, district.grids[0])
    CorrectionRequest.objects.create(person=asking, about="person", text="名字写错了", asked_at=now())
    offices = {}
    for street in (here, there):
        offices[street.pk] = user()
        grant(offices[street.pk], "street_staff", area=street)
    assert lines(offices[here.pk]) == {"/people/corrections/": 1}
    assert lines(offices[there.pk]) == {}


def test_the_start_page_shows_late_work_first_and_leads_to_pages_that_open(
    handover: tuple[User, User, Handover], district: SmallDistrict
) -> None:
    asking = factory.person("丁试")
    factory.posting(asking, district.grids[0])
    CorrectionRequest.objects.create(person=asking, about="person", text="名字写错了", asked_at=now())
    office = user()
    grant(office, "district_bureau", area=district.district)
    client = sign_in(Client(), office)
    page = client.get("/").content.decode().split("desk-list")[1].split("</ul>")[0]
    assert page.index("/people/handovers/") < page.index("/people/corrections/")
    assert "tag bad" in page, "the handover is late"
    for address in lines(office):
        assert client.get(address).status_code == 200, address


def test_who_has_nothing_to_do_is_told_so(district: SmallDistrict) -> None:
    who, _ = worker("戊试")
    assert "目前没有待办事项" in sign_in(Client(), who).get("/").content.decode()
