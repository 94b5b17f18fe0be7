"""The pages: who finds what, masked lists, one form for each act, few queries, both languages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from minping_web.accounts.models import User
from minping_web.common.clock import today
from minping_web.common.masks import masked
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import ContactAccess, Frame, FrameImport, ResidentRequest, Unit
from minping_web.frames.services.requests import open_request
from minping_web.frames.services.uploads import pieces_of, upload_folder
from tests.web.entering import sign_in
from tests.web.factories import scope_with
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
    assert client.get(url).headers["Location"] == address("unit", world.frame.pk, unit.pk)
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


def test_no_page_list_or_log_names_a_unit_as_a_disclosed_draw_does(world: World, visit: Visit) -> None:
    """The folder of a draw names who was drawn by these ids; it may lie beside any page of the frame."""
    client, unit = visit(world.manager), first_unit(world)
    contact = address("contact", world.frame.pk, unit.pk)
    answers = [client.post(contact, {"reason": "核实入户地址"})]
    auditor = visit(scope_with("auditor", area=world.district.district))
    places = [(client, address("units", world.frame.pk)), (client, address("unit", world.frame.pk, unit.pk)),
              (client, address("units", world.frame.pk) + "?format=csv"),
              (auditor, address("log")), (auditor, address("log") + "?format=csv")]  # fmt: skip
    answers += [who.get(place) for who, place in places]
    assert [answer.status_code for answer in answers] == [200] * 6
    shown = "".join(answer.getvalue().decode() for answer in answers) + contact
    assert str(masked(unit.pk)) in shown
    with entered(world.bureau):
        ids = list(Unit.objects.values_list("pk", flat=True))
    assert not [key for key in ids if str(key) in shown or key.hex in shown or str(key)[:8] in shown]
    assert client.get(f"/frames/{world.frame.pk}/units/{unit.pk}/").status_code == 404


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


STRANGERS = {"file": "file", "another field": "other"}


@pytest.mark.parametrize("field", STRANGERS.values(), ids=list(STRANGERS))
@pytest.mark.parametrize("token", ["", "b" * 32])
def test_a_stranger_leaves_no_file_on_the_disk(
    db: None, settings: Any, tmp_path: Path, *, field: str, token: str
) -> None:
    settings.DATA_FOLDER = tmp_path
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies["csrftoken"] = "a" * 32
    upload = SimpleUploadedFile("x.csv", b"x" * 100_000)
    answer = stranger.post(address("import"), {field: upload, "csrfmiddlewaretoken": token})
    assert answer.status_code == 302
    assert list(upload_folder().iterdir()) == []


@pytest.mark.parametrize("field", ["file", "other"])
@pytest.mark.parametrize("as_of", ["2026-09-01", "no day"])
def test_an_upload_that_nobody_claims_is_deleted_when_the_request_ends(
    world: World, visit: Visit, settings: Any, tmp_path: Path, *, field: str, as_of: str
) -> None:
    settings.DATA_FOLDER = tmp_path
    upload = SimpleUploadedFile("x.csv", b"x" * 3_000_000)
    data = {"name": "f", "as_of": as_of, "needed_until": "2026-12-01", field: upload}
    visit(world.bureau).post(address("import"), data)
    claimed = FrameImport.objects.count()
    assert claimed == (field == "file" and as_of != "no day")
    assert len(list(upload_folder().iterdir())) == claimed


def test_who_may_not_import_is_refused_with_the_form_unread(
    world: World, visit: Visit, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_FOLDER = tmp_path
    auditor = scope_with("auditor")
    upload = SimpleUploadedFile("x.csv", b"x" * 100_000)
    assert visit(auditor).post(address("import"), {"file": upload}).status_code == 403
    assert list(upload_folder().iterdir()) == []


def test_contacts_are_seen_and_corrected_only_after_the_second_factor(world: World, client: Client) -> None:
    unit = first_unit(world)
    with entered(world.bureau):
        made = open_request(
            world.bureau, "correction", factory.phone(1), channel="counter",
            identity_check="called_back", received_on=today(),
        )  # fmt: skip
    for scope, url in [
        (world.manager, address("contact", world.frame.pk, unit.pk)),
        (world.bureau, address("request_correct", made.pk)),
        (world.bureau, address("request_delete", made.pk)),
    ]:
        sign_in(client, User.objects.get(pk=scope.user_id), factor_minutes_ago=30)
        answer = client.post(url, {"reason": "核实入户地址", "phone": factory.phone(5)})
        assert answer.headers["Location"].startswith("/accounts/2fa/")
    assert not ContactAccess.objects.exclude(act="searched").exists()


def test_whoever_sees_a_part_of_the_district_does_not_learn_its_size(world: World, visit: Visit) -> None:
    staff = visit(scope_with("community_staff", area=world.district.communities[0]))
    (row,) = csv.DictReader(
        io.StringIO(staff.get(address("list") + "?format=csv").content.decode("utf-8-sig"))
    )
    assert "8" in row.values()
    assert "24" not in row.values()
    for name, arguments in (("list", ()), ("frame", (world.frame.pk,))):
        shown = staff.get(address(name, *arguments)).content.decode()
        assert not re.search(r"\b24\b", re.sub(r"<svg.*?</svg>", "", shown, flags=re.S).partition("<main")[2])


def test_a_frame_whose_sealing_broke_off_offers_the_way_back(world: World, visit: Visit) -> None:
    Frame.objects.filter(pk=world.frame.pk).update(state="sealing")
    bureau = visit(world.bureau)
    assert address("reopen", world.frame.pk) in bureau.get(address("frame", world.frame.pk)).content.decode()
    bureau.post(address("reopen", world.frame.pk))
    world.frame.refresh_from_db()
    assert world.frame.state == "draft"
