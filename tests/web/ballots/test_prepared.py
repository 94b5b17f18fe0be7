"""A prepared page is, letter by letter, what the template says; and it keeps nothing of anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from minping_web.ballots.rules.waiting import Left
from minping_web.ballots.views import prepared
from minping_web.ballots.views.prepared import filled_in

SHARED: dict[str, Any] = {
    "fields": "", "rev": 0, "until": datetime(2026, 12, 1, 9, tzinfo=UTC), "left": Left(days=3),
    "switch": True, "demo": False, "real_url": None, "check_url": "/check/",
}  # fmt: skip
RECEIPT = {"receipt": "ABCDEFGHIJKLMNOP", "grouped": ("ABCD", "EFGH", "IJKL", "MNOP")}
PLACES = [("第一网格责任田", "T00001"), ("<b>&\"'", "a b/ü'&"), ("mark", ""), ("x\\1\\g<0>", "T-2")]


def both(template: str, shared: dict[str, Any], own: dict[str, Any], code: str) -> tuple[str, str]:
    """As prepared, and as rendered for this one resident."""
    made = filled_in(template, shared, {**own, "area_code": quote(code)})
    return made, render_to_string(template, {**shared, **own, "area_code": code})


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("place", "code"), PLACES)
@pytest.mark.parametrize("kind", ["accepted", "replaced", "repeated"])
def test_a_prepared_page_is_the_rendered_page(language: str, place: str, code: str, kind: str) -> None:
    shared = {**SHARED, "language": language, "kind": kind}
    own = {"place": place, "form_id": "f<>&1", "rev": "7", **RECEIPT}
    with translation.override(language):
        for template in ("ballots/vote.html", "ballots/thanks.html"):
            made, rendered = both(template, shared, own, code)
            assert made == rendered


def test_what_is_missing_is_asked_for_truly() -> None:
    with translation.override("zh-hans"):
        first, again = (
            filled_in("ballots/vote.html", {**SHARED, "language": "zh-hans"}, {"form_id": "x", **rev})
            for rev in ({}, {"rev": "3"})
        )
    assert 'name="rev" value="0"' in first
    assert 'name="rev" value="3"' in again
    assert "notice info" in again
    assert "notice info" not in first


def test_two_residents_share_pieces_and_see_their_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = []

    def counting(template: str, context: dict[str, Any]) -> str:
        rendered.append(context)
        return render_to_string(template, context)

    monkeypatch.setattr(prepared, "render_to_string", counting)
    prepared._pieces.cache_clear()
    shared = {**SHARED, "language": "zh-hans", "kind": "accepted"}
    with translation.override("zh-hans"):
        pages = [filled_in("ballots/thanks.html", shared, {"receipt": word * 16}) for word in "AB"]
    assert ["A" * 16 in page for page in pages] == [True, False]
    assert ["B" * 16 in page for page in pages] == [False, True]
    assert len(rendered) == 1
    assert "A" * 16 not in str(rendered)
