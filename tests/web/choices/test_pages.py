"""Pages of two-way choice: from a draft to written postings by forms and buttons alone (S86)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from minping_web.choices.models import Candidate, Mediation, PostedGrid, TwoWayChoice
from minping_web.choices.services import matching
from minping_web.common.models import Proposal
from minping_web.people.selectors import owner_of
from minping_web.places.models import Area
from tests.web import factories
from tests.web.choices.factory import clock, street_of, with_account, work_off
from tests.web.entering import sign_in

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def client_of(role: str, *, area: Area) -> Client:
    """Somebody with that role."""
    who = factories.user()
    factories.grant(who, role, area=area)
    return sign_in(Client(), who)


def test_an_office_prepares_and_posts_by_forms(
    district: factories.SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dates, all responsible areas of a search, everybody who serves there; then nothing can be changed."""
    time, street = clock(monkeypatch), district.streets[0]
    with_account("安社工", district.responsibility_areas[0])
    office = client_of("street_staff", area=street)
    start = timezone.localtime(time.now) + timedelta(hours=1)
    moments = [(start + timedelta(days=n)).strftime("%Y-%m-%dT%H:%M") for n in range(3)]
    form = dict(zip(("choose_from", "choose_until", "choose_back_until"), moments, strict=True))
    day = (start + timedelta(days=20)).date()
    form |= {"name": "冬季双向选择", "area": str(street.pk), "takes_effect_on": str(day)}
    form |= {"proposing": "people", "ties": "seniority"}
    made = office.post("/choices/new/", form)
    choice = TwoWayChoice.objects.get()
    assert made.headers["Location"] == f"/choices/{choice.pk}/"
    assert "没有公布任何网格" in office.get(f"/choices/{choice.pk}/").content.decode()
    added = office.post(
        f"/choices/{choice.pk}/grids/add/?level=responsibility_area&q=和平",
        {"role": "responsible", "seats": "1", "all": "1"},
    )
    assert added.status_code == 302
    assert PostedGrid.objects.count() == 2
    twice = office.post(f"/choices/{choice.pk}/grids/add/", {"role": "responsible", "seats": "2", "all": "1"})
    assert twice.status_code == 422
    office.post(f"/choices/{choice.pk}/people/add/", {})
    assert [one.person.name for one in Candidate.objects.select_related("person")] == ["安社工"]
    office.post(f"/choices/{choice.pk}/post/")
    choice.refresh_from_db()
    assert choice.state == "posted"
    office.post(f"/choices/{choice.pk}/grids/{PostedGrid.objects.first().pk}/remove/")
    assert PostedGrid.objects.count() == 2
    for path in ("", "grids/", "people/", "grids/?format=csv", "people/?format=xlsx"):
        assert office.get(f"/choices/{choice.pk}/{path}").status_code == 200
    assert "冬季双向选择" in office.get("/choices/?format=csv").content.decode("utf-8-sig")
    west = client_of("street_staff", area=district.streets[1])
    assert west.get(f"/choices/{choice.pk}/").status_code == 404
    assert "冬季双向选择" not in west.get("/choices/").content.decode()


def test_lists_are_made_with_buttons_and_never_show_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add, tie, raise, type a number, hand in; a community sees who chose, not where; then the result."""
    street = street_of(monkeypatch, ["an", "bo"])
    east, west, north = (street.grids[name].pk for name in ("east", "west", "north"))
    an, path = sign_in(Client(), street.users["an"]), f"/choices/mine/{street.choice.pk}/"
    for act in (
        f"add:{east}",
        f"add:{west}",
        f"add:{north}",
        f"up:{north}",
        f"tie:{west}",
        "add:x",
        "up:9" * 9,
    ):
        an.post(path, {"act": act})
    assert Candidate.objects.get(pk=street.people["an"].pk).draft == [[east], [west, north]]
    an.post(path, {f"place_{east}": "3", f"place_{west}": "1", "hand_in": "1"})
    tiers = Candidate.objects.get(pk=street.people["an"].pk).tiers
    assert tiers == [[west], [north], [east]]
    street.hand_in("bo", "west")
    office = client_of("street_staff", area=street.choice.area)
    assert office.get(path).status_code == 403
    home = street.grids["west"].area.parent.parent
    community = client_of("community_staff", area=home)
    assert community.get(f"/choices/back/{west}/").context["waiting"] == []
    street.time.pass_to(street.choice.choose_until)
    shown = community.get(f"/choices/back/{west}/")
    assert {row.person.name for row in shown.context["waiting"]} == {"an", "bo"}
    people = {name: street.people[name].pk for name in ("an", "bo")}
    back = f"/choices/back/{west}/"
    community.post(back, {"act": f"add:{people['bo']}"})
    community.post(back, {"act": f"unsuitable:{people['an']}"})
    community.post(back, {f"reason_{people['an']}": "须懂手语", "hand_in": "1"})
    grid = PostedGrid.objects.get(pk=west)
    assert (grid.tiers, grid.unsuitable) == ([[people["bo"]]], {str(people["an"]): "须懂手语"})
    street.matched()
    told = an.get(path).content.decode()
    assert "须懂手语" in told
    far = client_of("community_staff", area=street.district.communities[2])
    assert far.get(back).status_code == 404
    assert sign_in(Client(), factories.user()).get(path).status_code == 403


def test_from_the_result_by_a_signed_mediation_to_written_postings(monkeypatch: pytest.MonkeyPatch) -> None:
    street = street_of(monkeypatch, ["an", "bo"], ["east", "west"])
    street.hand_in("an", "east")
    street.time.pass_to(street.choice.choose_until)
    street.hand_back("east", "an")
    street.time.pass_to(street.choice.choose_back_until)
    office, top = client_of("street_staff", area=street.choice.area), f"/choices/{street.choice.pk}/"
    office.post(f"{top}match/")
    matching.carry_out_matching(street.choice.pk)
    for tab in ("pairs", "left", "open", "load"):
        assert office.get(f"{top}result/?tab={tab}").status_code == 200
    assert "没有任何一人和一个网格" in office.get(f"{top}result/").content.decode()
    assert "an" in office.get(f"{top}result/?format=csv").content.decode()
    bo, west = street.people["bo"].person, street.grids["west"].area
    wanted = {"person_0": f"{bo.code} {bo.name}", "grid_0": f"{west.code} {west.name}"}
    assert office.post(f"{top}mediate/", {"person_0": "X9 无此人", "preview": "1"}).status_code == 422
    seen = office.post(f"{top}mediate/", {**wanted, "preview": "1"})
    assert "没有影响" in seen.content.decode()
    assert Mediation.objects.count() == 0
    office.post(f"{top}mediate/", {**wanted, "propose": "1", "reason": "就近照顾"})
    made = Mediation.objects.get()
    page = f"/choices/mediations/{made.pk}/"
    sides = {one.side: one.pk for one in made.signatures.all()}
    worker = sign_in(Client(), street.users["bo"])
    assert worker.get(page).status_code == 200
    assert sign_in(Client(), street.users["an"]).get(page).status_code == 404
    worker.post(f"{page}sign-own/{sides['person']}/")
    community = client_of("community_staff", area=street.grids["west"].area.parent.parent)
    assert "就近照顾" in community.get(page).content.decode()
    community.post(f"{page}sign/{sides['grid']}/")
    office.post(f"{page}sign/{sides['mediator']}/")
    assert street.pairs() == {"an": "east", "bo": "west"}
    for language in ("zh", "en"):
        assert "就近照顾" in office.get(f"{top}protocol/?language={language}").content.decode()
    office.post(f"{top}agree/")
    assert office.get(f"{top}carry-out/").context["plan"]
    office.post(f"{top}carry-out/", {"reason": "完成"})
    proposal = Proposal.objects.get()
    second = client_of("street_staff", area=street.choice.area)
    shown = second.get(f"/approvals/{proposal.pk}/")
    second.post(f"/approvals/{proposal.pk}/approve/", {"seen": shown.context["seen"]})
    assert "任职正在写入" in office.get(top).content.decode()
    work_off()
    owner = owner_of(street.grids["west"].area, street.choice.takes_effect_on)
    assert owner is not None
    assert owner.person.name == "bo"
    assert office.get(top).status_code == 200


def test_lists_of_pages_need_a_fixed_number_of_queries(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Twelve grids cost what three do."""
    street = street_of(monkeypatch, ["an", "bo", "cy"], [f"g{n}" for n in range(12)])
    office = client_of("street_staff", area=street.choice.area)
    for path, most in (("grids/", 30), ("people/", 30), ("", 40)):
        with django_assert_max_num_queries(most):
            office.get(f"/choices/{street.choice.pk}/{path}")
