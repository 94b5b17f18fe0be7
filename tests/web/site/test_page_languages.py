"""Pages speak one language: nothing is hard-coded in the other.

The demonstration is filled in, then every Chinese character that somebody typed is written over in the
tables. What is still Chinese on an English page stands in the code; what is English on a Chinese page does
too, but for a few words that Chinese officials write as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from minping_engine.demo import DemoParameters, make_district
from minping_web.accounts.models import User
from minping_web.common.scope import entered, system_scope
from minping_web.site.demo.seed import fill
from tests.web.entering import sign_in
from tests.web.settings import SQLITE
from tests.web.site.reading import Page, read

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(SQLITE, reason="writes over texts by regexp_replace")]
ROLES = ("district-bureau", "administrator", "survey-manager", "worker", "office-leader")
HAN = r"[\u3400-\u9fff\u3001-\u3011\uff01-\uff5e\U00020000-\U0003ffff]"
NAMES_OF_LANGUAGES = {"中文", "民评"}
LATIN = re.compile(r"[A-Za-z]{2,}")
CODE_LIKE = re.compile(
    r"\w*\d[\w.:-]*|\b[a-z]+\.[a-z_.]+\b|[A-Z]{1,4}-[\w-]+|[“‘][^”’]*[”’]|https?://\S+|\{\w+\}|minping-key-\S+"
    r"|\bMINPING_[A-Z_]+\b|\b[a-z]+:[a-z_]*"
)
"""Numbers with letters, kinds of ledger entries, what stands in quotation marks, settings."""
AS_THEY_ARE = {
    "CSV",
    "XLSX",
    "ZIP",
    "Ctrl",
    "API",
    "ID",
    "TOTP",
    "GeoJSON",
    "UTF",
    "GB",
    "Excel",
    "MB",
    "WGS",
    "GCJ",
    "AB",
    "Apache",
    "English",
    "OpenAPI",
    "Cookie",
    "Polygon",
    "MultiPolygon",
    "FeatureCollection",
    "km",
    "px",
    "XLSForm",
    "ODK",
    "JSON",
    "HTTP",
    "PDF",
    "RFC",
    "SHA",
    "survey",
    "choices",
    "settings",
}
ENOUGH_PAGES = 60
BUILDERS = {"styleguide", "schemes:scheme", "schemes:freeze", "instruments:import"}
"""Pages that show what others wrote as it is: classes and icons, a scheme's own files and sources, names of
columns that a format prescribes."""


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The invented district, small; taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO=True):
        fill(make_district(DemoParameters.small(), 1), households=400, tell=lambda line: None)
        yield
        transaction.set_rollback(True)


def _typed(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Fields with words that people typed."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, kinds) and not field.choices and not field.primary_key
    ]


def _write_over_chinese() -> None:
    """An x for every Chinese character in the texts of the product's tables."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("minping_web.")]
    with entered(system_scope()), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in chain.from_iterable(config.get_models() for config in ours):
            table = model._meta.db_table
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')  # sealed rows refuse every edit
            for field in _typed(model):
                column, kind = field.column, field.db_type(connection)
                cursor.execute(
                    f'UPDATE "{table}" SET "{column}" = regexp_replace("{column}"::text, %s, %s, %s)::{kind} '
                    f'WHERE "{column}"::text ~ %s',
                    [HAN, "x", "g", HAN],
                )


def _answer(client: Client, address: str) -> Page | None:
    """One page, behind at most one redirect; None for files and what this role may not see."""
    response = client.get(address, follow=True)
    html = response.status_code == 200 and response.headers["Content-Type"].startswith("text/html")
    return read(response.content.decode()) if html else None


def _route(address: str) -> str:
    try:
        return resolve(address.split("?")[0]).view_name
    except Resolver404:
        return ""


def _walked(language: str) -> Iterator[tuple[str, Page]]:
    """One page of every route that links lead to, for some roles one after the other."""
    known = {"", "account_logout"}
    for role in ROLES:
        client = sign_in(Client(), User.objects.get(username=f"demo-{role}"))
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        waiting = ["/"]
        while waiting:
            address = waiting.pop()
            if page := _answer(client, address):
                yield address, page
                links = [link.split("#")[0] for link in page.links if link.startswith("/")]
                fresh = {route: link for link in links if (route := _route(link)) not in known}
                known |= fresh.keys()
                waiting += fresh.values()


def _spoken(language: str) -> Iterator[tuple[str, str, str]]:
    """Address, place and text of whatever these pages say in their own language."""
    addresses = 0
    for address, page in _walked(language):
        addresses += 1
        if _route(address) not in BUILDERS:
            yield from ((address, said.where, said.text) for said in page.texts if not said.foreign)
    assert addresses > ENOUGH_PAGES


def test_nothing_on_english_pages_is_written_in_chinese(demonstration: None) -> None:
    _write_over_chinese()
    said = {(text, where): address for address, where, text in _spoken("en")}
    chinese = {key: address for key, address in said.items() if re.search(HAN, key[0])}
    assert {key: address for key, address in chinese.items() if key[0] not in NAMES_OF_LANGUAGES} == {}


def _english_in(text: str) -> set[str]:
    return set(LATIN.findall(CODE_LIKE.sub("", text))) - AS_THEY_ARE


def test_nothing_on_chinese_pages_is_written_in_english(demonstration: None) -> None:
    found = {(text, where): address for address, where, text in _spoken("zh-hans") if _english_in(text)}
    assert found == {}
