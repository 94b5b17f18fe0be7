"""The thirty layouts, gathered: web exports, firms' workbooks, file forms, and three that are unclear."""

from __future__ import annotations

from dressing import Layout
from known_firms import firm_layouts
from known_forms import form_layouts
from known_unclear import unclear_layouts
from known_web import web_layouts


def known_layouts() -> list[Layout]:
    """All thirty."""
    return [*web_layouts(), *firm_layouts(), *form_layouts(), *unclear_layouts()]
