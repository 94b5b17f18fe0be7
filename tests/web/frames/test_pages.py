"""The pages: who finds what, masked lists, one form for each act, few queries, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from minping_web.accounts.models import User
from minping_web.common.clock import today
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import ContactAccess, FrameImport, ResidentRequest, Unit
from minping_web.frames.services.uploads import pieces_of
from tests.web.frames import factory
from tests.web.frames.conftest import World

Visit = Callable[[Scope], Client]


@pytest.fixture
def visit(settings: Any) -> Visit:
    """A signed-in client of a scope's user, who gave a second factor just now."""
    settings.MIDDLEWARE = [
        "tests.web.frames.fresh.FreshFactorMiddleware" if "ScopeMiddleware" in name else name
        for name in settings.MIDDLEWARE
        if "accounts.middleware" not in name and "SecondFactor" not in name
    ]

    def signed_in(scope: Scope) -> Client:
        client = Client()
        client.force_login(
            User.objects.get(pk=scope.user_id), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return signed_in


def first_unit(world: World) -> Unit:
    with entered(world.bureau):
        return Unit.objects.filter(frame=world.frame).order_by("house_code")[0]


def address(name: str, *arguments: object) -> str:
    return reverse(f"frames:{name}", args=arguments)


def test_every_list_and_form_opens_for_who_works_with_it(world: World, visit: Visit) -> None:
    bureau, manager, key = visit(world.bureau), visit(world.manager), world.frame.pk
    for name, arguments in [
        ("list", ()), ("import", ()), ("clocks", ()), ("requests", ()), ("request_new", ()),
        ("frame", (key,)),
        ("frame_edit", (key,)), ("seal", (key,)), ("retire", (key,)), ("units", (key,)), ("exclude", (key,)),
        ("unit", (key, first_unit(world).pk)),
    ]:  # fmt: skip
        assert bureau.get(address(name, *arguments)).status_code == 200, name
    for name in ("special", "exports"):
        assert manager.get(address(name, key)).status_code == 200, name


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_speak_one_language(world: World, visit: Visit, language: str) -> None:
    client = visit(world.bureau)
    client.cookies["minping_language"] = language
    page = client.get(address("units", world.frame.pk)).content.decode()
    assert ("House code" in page) is (language == "en")
    assert ("门牌编号" in page) is (language == "zh-hans")


def test_the_list_of_units_shows_no_phone_and_no_address(world: World, visit: Visit) -> None:
    client = visit(world.manager)
    for query in ("", "?format=csv"):
        content = client.get(address("units", world.frame.pk) + query).content.decode()
        assert first_unit(world).house_code in content
        assert factory.phone(0) not in content
        assert "试验路" not in content
        assert "minimum_allowance" not in content


def test_filters_narrow_the_list(world: World, visit: Visit) -> None:
    client, area = visit(world.bureau), world.district.communities[0]
    url = address("units", world.frame.pk)
    assert client.get(url).context["page_obj"].paginator.count == 24
    assert (
        client.get(url, {"area": area.pk, "instrument": "elderly"}).context["page_obj"].paginator.count == 2
    )
    assert client.get(url, {"search": first_unit(world).house_code}).context["page_obj"].paginator.count == 1
    assert client.get(url, {"reach": "no"}).context["page_obj"].paginator.count == 0


def test_a_list_of_units_takes_a_fixed_number_of_queries(
    world: World, visit: Visit, django_assert_max_num_queries: Any
) -> None:
    client = visit(world.bureau)
    with django_assert_max_num_queries(22):
        client.get(address("units", world.frame.pk))
    factory.frame(world.bureau, world.district.responsibility_areas, each=30, name="大")
    with django_assert_max_num_queries(22):
        client.get(address("frame", world.frame.pk))


def test_a_contact_page_needs_a_reason_and_is_never_stored(world: World, visit: Visit) -> None:
    client, unit = visit(world.manager), first_unit(world)
    url = address("contact", world.frame.pk, unit.pk)
    assert client.post(url, {"reason": " "}).status_code == 422
    shown = client.post(url, {"reason": "核实入户地址"})
    assert factory.phone(0) in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    assert client.get(url).status_code == 405
    assert ContactAccess.objects.count() == 1


def test_who_may_not_see_contacts_is_refused_and_not_offered_it(world: World, visit: Visit) -> None:
    client, unit = visit(world.bureau), first_unit(world)
    assert (
        client.post(address("contact", world.frame.pk, unit.pk), {"reason": "核实入户地址"}).status_code
        == 403
    )
    assert (
        address("contact", world.frame.pk, unit.pk)
        not in client.get(address("unit", world.frame.pk, unit.pk)).content.decode()
    )


def test_an_upload_is_sealed_from_the_first_byte_and_queued(world: World, visit: Visit) -> None:
    content = factory.csv_bytes([factory.row(world.district.responsibility_areas[0], 1)])
    response = visit(world.bureau).post(address("import"), {
        "name": "冬季", "as_of": "2026-11-01", "needed_until": "2027-05-01",
        "file": SimpleUploadedFile("住户.csv", content),
    })  # fmt: skip
    found = FrameImport.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, address("import_page", found.pk))
    assert b"".join(pieces_of(found.stored_as)) == content
    assert found.job is not None
    assert visit(world.bureau).get(address("import_page", found.pk)).status_code == 200


def test_an_upload_without_a_token_is_refused(world: World, visit: Visit) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visit(world.bureau).cookies
    assert strict.post(address("import"), {"name": "x"}).status_code == 403
    assert not FrameImport.objects.exists()


def test_an_upload_with_dates_the_wrong_way_round_is_told(world: World, visit: Visit) -> None:
    response = visit(world.bureau).post(address("import"), {
        "name": "冬季", "as_of": "2026-11-01", "needed_until": "2026-10-01",
        "file": SimpleUploadedFile("住户.csv", b"x"),
    })  # fmt: skip
    assert response.status_code == 422
    assert not FrameImport.objects.exists()


def test_a_request_goes_from_the_counter_to_the_paper(world: World, visit: Visit) -> None:
    client = visit(world.bureau)
    client.post(address("request_new"), {
        "kind": "access", "phone": factory.phone(1), "channel": "counter", "identity_check": "document_seen",
        "received_on": today().isoformat(),
    })  # fmt: skip
    made = ResidentRequest.objects.get()
    assert factory.phone(1) not in client.get(address("request", made.pk)).content.decode()
    assert factory.phone(1) in client.post(address("request_show", made.pk)).content.decode()


def test_a_hold_and_its_end_are_pages(world: World, visit: Visit) -> None:
    client = visit(world.bureau)
    until = (today() + timedelta(days=30)).isoformat()
    data = {"frame": world.frame.pk, "reason": "复核争议期间", "until": until}
    assert client.post(address("hold"), data).status_code == 302
    page = client.get(address("clocks")).content.decode()
    assert "复核争议期间" in page
    lift = re.search(r'action="(/frames/clocks/hold/\d+/lift/)"', page)
    assert lift is not None
    assert client.post(lift.group(1)).status_code == 302
    assert "复核争议期间" not in client.get(address("clocks")).content.decode()


def test_the_log_is_the_auditors(world: World, visit: Visit) -> None:
    from tests.web.factories import scope_with

    visit(world.manager).post(
        address("contact", world.frame.pk, first_unit(world).pk), {"reason": "核实入户地址"}
    )
    auditor = visit(scope_with("auditor", area=world.district.district))
    assert "核实入户地址" in auditor.get(address("log")).content.decode()
    assert "核实入户地址" in auditor.get(address("log") + "?format=csv").content.decode("utf-8-sig")
    assert visit(world.bureau).get(address("log")).status_code == 403
