"""Pages of objections in a real browser: they fit a phone and a desk, and are accessible."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from minping_web.common.clock import today
from minping_web.objections.models import Exclusion, Objection
from minping_web.objections.services.correcting import ask_for_correction, carry_out
from minping_web.objections.services.evidence import File
from minping_web.objections.services.excluding import note_appeal
from minping_web.objections.services.reviewing import Decision, decide
from tests.web.browser import DESKTOP, PHONE, axe, open_browser, overflow, screenshot
from tests.web.factories import SmallDistrict
from tests.web.objections import factory
from tests.web.objections.factory import Assessed, client_of, staff
from tests.web.snapshots import factory as closing

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(district: SmallDistrict, monkeypatch: pytest.MonkeyPatch) -> Assessed:
    """Committed, so that the server's own connection sees it."""
    closing.cheap_scrypt(monkeypatch)
    return factory.assessed(district, batches=True)


def test_pages_fit_and_are_accessible(live_server: LiveServer, made: Assessed) -> None:
    preview = factory.previewed(made)
    street = staff("street_staff", area=made.district.streets[0])
    bureau, worker = client_of(staff("district_bureau")), client_of(made.bad)
    objection = factory.filed(made, "other", files=(File("证据.pdf", b"%PDF-1.7"),))
    one, run = f"/objections/{objection.pk}/", f"/objections/results/{made.run.pk}/"
    faults = looked(live_server, {
        "mine": (worker, "/objections/mine/"), "new": (worker, f"/objections/mine/{made.result().pk}/new/"),
        "place": (client_of(street), "/objections/place/"),
        "to_check": (client_of(street), "/objections/check/"),
        "place_new": (client_of(street), f"/objections/place/{preview.pk}/new/"),
        "check": (client_of(street), one + "check/"), "exclude": (bureau, run + "exclude/"),
    })  # fmt: skip
    factory.checked(made, objection)
    Objection.objects.update(due_on=today().replace(year=2020))
    faults += looked(live_server, {
        "list": (bureau, "/objections/"), "decide": (bureau, one + "decide/"), "open": (worker, one),
        "previews": (bureau, "/objections/results/"), "preview_open": (bureau, run),
    })  # fmt: skip
    decide(factory.bureau(), objection, Decision(
        "partly", "第7批为代答，投诉已核销", batches=(7,), cause="fabricated",
        removes=(f"facts-{made.result().assessee_id}-complaints",),
    ))  # fmt: skip
    factory.window_over(preview)
    factory.signed(Exclusion.objects.all())
    exclusion = Exclusion.objects.get()
    note_appeal(factory.bureau(), exclusion, "concerned", "批次里多数是真实访问")
    correction = ask_for_correction(factory.bureau(), made.run)
    carry_out(correction.pk)
    correction.refresh_from_db()
    factory.finished(correction.new_run)
    faults += looked(live_server, {
        "decided": (worker, one), "preview": (bureau, run), "difference": (bureau, run + "difference/"),
        "exclusions": (bureau, "/objections/exclusions/"),
        "exclusion": (bureau, f"/objections/exclusions/{exclusion.pk}/"),
    })  # fmt: skip
    assert faults == []


def looked(server: LiveServer, pages: Mapping[str, tuple[Client, str]]) -> list[str]:
    """Every fault of these pages, at both sizes."""
    found = []
    with open_browser() as browser:
        for size in (DESKTOP, PHONE):
            for name, (client, address) in pages.items():
                with browser.page(size) as (page, watched):
                    value = client.cookies[settings.SESSION_COOKIE_NAME].value
                    page.context.add_cookies([
                        {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": server.url}
                    ])  # fmt: skip
                    page.goto(server.url + address)
                    screenshot(page, f"objections-{name}-{size[0]}")
                    said = axe(page) + overflow(page) + watched.complaints
                    found += [f"{name} {size[0]}: {fault}" for fault in said]
    return found
