"""The reference page of permissions is made from the rules."""

from __future__ import annotations

from pathlib import Path

from django.utils import translation

from minping_web.access.exports import permissions_page

PAGE = Path(__file__).parents[3] / "docs/reference/permissions.md"


def test_the_reference_page_is_in_step_with_the_rules() -> None:
    with translation.override("en"):
        assert PAGE.read_text("utf-8") == permissions_page(), "write permissions_page() into the file again"
