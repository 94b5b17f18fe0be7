"""The look: colours can be read by everyone, parts keep their promises, pages work on every screen."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest
from allauth.core.internal.ratelimit import handler429
from django.conf import settings
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from minping_web.common import look
from minping_web.common.differences import Difference
from minping_web.common.navigation import Entry, Menu
from tests.web.factories import grant, user

WEB = Path(look.__file__).parents[1]
SHEET = look.SHEET.read_text("utf-8")
SHEETS = "\n".join(path.read_text("utf-8") for path in WEB.glob("*/static/*/*.css"))
"""With those of single apps: the resident's page and the desk of paper forms have one of their own."""
SCRIPT = (look.SHEET.parent / "minping.js").read_text("utf-8")
NO_LOOK_OF_ITS_OWN = {"error", "diff-", "diff-updated", "cell", "tile", "value"}
"""Classes that only name a part, for scripts and tests."""


def template(text: str, **context: object) -> str:
    return engines["django"].from_string(text).render(context, RequestFactory().get("/list/?page=3&q=a"))


# --- colours ----------------------------------------------------------------------------------------


def test_contrast_is_computed_as_wcag_does() -> None:
    assert look.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert look.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", look.THEMES)
@pytest.mark.parametrize("pair", look.PAIRS, ids=lambda pair: f"{pair.over} on {pair.under}")
def test_everything_written_or_drawn_has_enough_contrast(theme: str, pair: look.Pair) -> None:
    colours = look.tokens(theme)
    assert look.contrast(colours[pair.over], colours[pair.under]) >= pair.least


@pytest.mark.parametrize("theme", look.THEMES)
@pytest.mark.parametrize("eye", look.EYES)
def test_the_seven_chart_colours_differ_for_every_eye(theme: str, eye: str) -> None:
    colours = look.tokens(theme)
    nearest = min(look.distance(colours[a], colours[b], eye) for a, b in combinations(look.CHART, 2))
    assert nearest >= 9


@pytest.mark.parametrize("theme", look.THEMES)
@pytest.mark.parametrize("eye", look.EYES)
def test_the_three_classes_of_areas_differ_for_every_eye(theme: str, eye: str) -> None:
    colours = look.tokens(theme)
    nearest = min(look.distance(colours[a], colours[b], eye) for a, b in combinations(look.CLASSES, 2))
    assert nearest >= 14


@pytest.mark.parametrize("theme", look.THEMES)
def test_chart_colours_stand_out_from_their_ground(theme: str) -> None:
    colours = look.tokens(theme)
    assert {
        name for name in look.CHART if look.contrast(colours[name], colours["surface"]) < look.LARGE
    } == set()


def test_grey_and_red_of_the_same_lightness_would_be_too_near_for_a_colour_blind_eye() -> None:
    assert look.distance("#b03030", "#57571f", "protan") < look.distance("#b03030", "#57571f") / 2


# --- style sheet, scripts, templates -----------------------------------------------------------------


def test_the_style_sheet_stays_small_and_loads_nothing_from_outside() -> None:
    assert len(SHEET.encode()) < 40_000
    assert re.findall(r"https?:(?!//www\.w3\.org/2000/svg)", SHEET) == []
    assert re.findall(r"@import|@font-face", SHEET) == []


def test_the_scripts_build_no_code_from_text() -> None:
    assert re.findall(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|\.style\.", SCRIPT) == []


def test_no_template_carries_style_or_script_of_its_own() -> None:
    inline = re.compile(
        r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=\"|javascript:|https?://(?!www\.w3\.org)"
    )
    found = [
        (path.name, hit) for path in WEB.rglob("*.html") for hit in inline.findall(path.read_text("utf-8"))
    ]
    assert found == []


def test_every_class_in_a_template_has_a_look() -> None:
    known = set(re.findall(r"\.([a-z][a-z0-9-]*)", SHEETS)) | NO_LOOK_OF_ITS_OWN
    used = {name: path.name for path in WEB.rglob("*.html") for name in _classes(path.read_text("utf-8"))}
    assert {name: where for name, where in used.items() if name not in known} == {}


def _classes(text: str) -> set[str]:
    bare = re.sub(r"\{[%{#].*?[%}#]\}", " ", text, flags=re.DOTALL)
    return {name for group in re.findall(r'class="([^"]*)"', bare) for name in group.split()}


def test_assets_of_others_are_what_the_manifest_says() -> None:
    import json

    from tools.refresh_assets import MANIFEST, differing

    entries = json.loads(MANIFEST.read_text("utf-8"))["assets"]
    files = {path.name for path in MANIFEST.parent.iterdir()} - {"manifest.json", "README.md"}
    assert files <= {Path(entry["path"]).name for entry in entries}
    assert differing(entries) == []
    assert differing([{**entries[0], "sha256": "0"}]) == [
        "{path} differs from {name} {version}".format(**entries[0])
    ]


# --- tags and parts ----------------------------------------------------------------------------------


def test_a_frame_around_nothing_is_left_out() -> None:
    text = "{% around %}<p>{% inner %}{{ word }}{% endinner %}</p>{% endaround %}"
    assert template(text, word=" ") == ""
    assert template(text, word="here") == "<p>here</p>"


def test_breadcrumbs_become_a_list_that_begins_at_the_start_page() -> None:
    shown = template("{% trail %}<li><a href='/x/'>X</a></li> / <a href='/y/'>Y</a>{% endtrail %}")
    assert re.findall(r"<li><a href=.(/[a-z]*/?)", shown) == ["/", "/x/", "/y/"]
    assert template("{% trail %} {% endtrail %}") == ""


def test_an_unknown_icon_is_a_dot() -> None:
    assert template("{% icon 'home' %}").count("#home") == 1
    assert template("{% icon 'no-such' %}").count("#dot") == 1


def test_a_pager_shows_the_ends_the_neighbours_and_gaps() -> None:
    text = "{% page_numbers page as numbers %}{% for n in numbers %}{{ n|default_if_none:'…' }} {% endfor %}"
    assert template(text, page=Paginator(range(1000), 10).page(50)) == "1 … 48 49 50 51 52 … 100 "
    assert template(text, page=Paginator(range(50), 10).page(4)) == "1 2 3 4 5 "


def test_pages_of_a_list_keep_the_filters() -> None:
    page = Paginator(range(200), 50).page(3)
    shown = template('{% include "minping/parts/pager.html" with page=page %}', page=page)
    assert "?page=2&amp;q=a" in shown or "?q=a&amp;page=2" in shown


def test_a_difference_speaks_with_the_words_of_the_register() -> None:
    change = Difference("places.area", "1", "第一网格", {"name": "第1网格"}, {"name": "第一网格"})
    with translation.override("zh-hans"):
        shown = template('{% include "minping/parts/diff.html" %}', difference=change)
    assert "<del>第1网格</del>" in shown
    assert "<ins>第一网格</ins>" in shown
    assert "<dt>name</dt>" not in shown


@pytest.mark.parametrize(
    ("language", "said"), [("en", "6 December 2026, 21:14"), ("zh-hans", "2026年12月6日 21:14")]
)
def test_days_and_times_can_be_read_aloud(language: str, said: str) -> None:
    """The form in which residents are told until when they may vote: nothing abbreviated."""
    with translation.override(language):
        assert template('{{ v|date:"DATETIME_FORMAT" }}', v=datetime(2026, 12, 6, 13, 14, tzinfo=UTC)) == said


def test_recorded_values_are_put_into_words() -> None:
    with translation.override("en"):
        shown = [
            template("{% field_value v %}", v=value) for value in (None, True, "2026-11-22T16:30:00Z", "x T")
        ]
    assert shown[0] == "–"
    assert shown[1] == "yes"
    assert shown[2] == "2026-11-23 00:30"
    assert shown[3] == "x T"


def test_a_form_lists_its_faults_with_links_and_marks_what_is_needed() -> None:
    from minping_web.site.views_styleguide import SampleForm

    shown = str(SampleForm({"households": "812", "kind": "general"}))
    assert 'href="#id_name"' in shown
    assert 'href="#id_households"' in shown
    assert shown.count('class="must"') == 3
    assert 'aria-invalid="true"' in shown
    assert 'id="id_name_error"' in shown
    assert "error-summary" not in str(SampleForm())


# --- pages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_error_pages_need_neither_request_nor_database(name: str, language: str) -> None:
    with translation.override(language):
        shown = render_to_string(f"{name}.html")
    assert shown.count("<h1>") == 1
    assert ("民评" in shown) == (language == "zh-hans")


def test_who_tries_too_often_gets_a_page_of_ours_and_not_of_the_sign_in_library() -> None:
    shown = handler429(RequestFactory().post("/accounts/login/"))
    assert shown.status_code == 429
    assert "尝试次数过多" in shown.content.decode()


@pytest.mark.django_db
def test_the_menu_shows_only_what_the_roles_open(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = (
        Entry("home", "Start here"),
        Entry("accounts:users", "Accounts of all", "accounts.view", group="Access"),
        Entry("no_such_route", "Dead end"),
    )
    client.get("/styleguide/")  # the addresses load and set the product's own menu
    monkeypatch.setattr(Menu, "entries", entries)
    clerk, worker = user(), user()
    grant(clerk, "auditor")
    grant(worker, "worker")
    shown = {}
    for who in (clerk, worker):
        client.force_login(who)
        shown[who.pk] = client.get("/").content.decode()
    assert "Accounts of all" in shown[clerk.pk]
    assert "Accounts of all" not in shown[worker.pk]
    assert 'aria-current="page"' in shown[worker.pk]
    assert "Dead end" not in shown[clerk.pk]


@pytest.mark.django_db
def test_the_language_switch_keeps_the_page(client: Client) -> None:
    first = client.get("/styleguide/")
    assert 'lang="zh-Hans"' in first.content.decode()
    answer = client.post("/language/", {"language": "en", "next": "/styleguide/?page=2"})
    assert answer.headers["Location"] == "/styleguide/?page=2"
    assert '<html lang="en">' in client.get("/styleguide/").content.decode()


@pytest.mark.django_db
def test_the_style_guide_has_no_colour_below_its_need(client: Client) -> None:
    client.cookies["minping_language"] = "en"
    shown = client.get("/styleguide/").content.decode()
    assert shown.count(">enough<") == len(look.PAIRS) * len(look.THEMES)
    assert "too little" not in shown


@pytest.mark.django_db
def test_the_sign_in_page_offers_no_way_that_is_closed(client: Client) -> None:
    shown = client.get("/accounts/login/").content.decode()
    assert "signup" not in shown
    assert "password/reset" not in shown
    wrong = client.post("/accounts/login/", {"login": "nobody", "password": "wrong-password"})
    assert "error-summary" in wrong.content.decode()


@pytest.mark.django_db
def test_an_address_names_the_language_where_no_cookie_does(client: Client) -> None:
    """Residents' pages keep no cookie; their links to other pages carry the language on."""
    for address, said in (("/real/?lang=en", "Is this message real?"), ("/real/?lang=x", "这条短信是真的吗")):
        assert said in client.get(address).content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "这条短信是真的吗" in client.get("/real/?lang=zh-hans").content.decode()
