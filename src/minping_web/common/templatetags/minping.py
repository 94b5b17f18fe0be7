"""Template tags that every page may use without loading them.

`query` changes the address's parameters, `icon` and `mark` draw, `around` and `trail` leave out empty
parts of the frame, `page_numbers` shortens a pager, `period` names a quarter, `field_label` and `field_value`
put a recorded change into words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page
from django.http import QueryDict
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from minping_web.common.periods import period_name

register = template.Library()
SPRITE = Path(__file__).parents[1] / "static" / "minping" / "icons.svg"
ANCHOR = re.compile(r"<a\b.*?</a>", re.DOTALL)
NEIGHBOURS = 2
"""Pages shown on each side of the current one."""
register.filter("period", period_name)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """The current query string with some parameters replaced; None removes one."""
    found: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = str(value)
    text = found.urlencode()
    return f"?{text}" if text else "?"


@cache
def icon_names() -> frozenset[str]:
    """The drawings of the sprite."""
    return frozenset(re.findall(r'<symbol id="([a-z-]+)"', SPRITE.read_text("utf-8")))


@register.simple_tag
def icon(name: str) -> str:
    """A drawing of the sprite beside a word; an unknown name gives a dot."""
    shown = name if name in icon_names() else "dot"
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("minping/icons.svg"),
        shown,
    )


@register.simple_tag
def mark() -> str:
    """The product's mark: a stamp whose last stroke is the resident's tick."""
    return format_html(
        '<img class="mark" src="{}" alt="" width="32" height="32">', static("minping/mark.svg")
    )


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | None]:
    """First, last and the neighbours of this page; None stands for a gap."""
    last = page.paginator.num_pages
    near = range(page.number - NEIGHBOURS, page.number + NEIGHBOURS + 1)
    shown = sorted({1, last, *(number for number in near if 1 <= number <= last)})
    return list(_with_gaps(shown))


def _with_gaps(numbers: list[int]) -> Iterator[int | None]:
    before = 0
    for number in numbers:
        if number == before + 2:
            yield before + 1
        elif number > before + 2:
            yield None
        yield number
        before = number


@register.simple_tag
def field_label(model: str, name: str) -> str:
    """The words for a field of a recorded change (`model` is `app.name`)."""
    try:
        found = apps.get_model(model)._meta.get_field(name)
        return str(getattr(found, "verbose_name", name))
    except (LookupError, ValueError, FieldDoesNotExist):
        return name


@register.simple_tag
def field_value(value: object) -> str:
    """A recorded value for people: nothing is a dash, yes and no are words, times are local."""
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    moment = _moment(value)
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else str(value)


def _moment(value: object) -> datetime | None:
    """The time in a recorded text such as 2026-11-22T08:00:00Z."""
    if not isinstance(value, str) or "T" not in value[8:12]:
        return None
    try:
        found = parse_datetime(value)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


class AroundNode(template.Node):
    """A wrapping that appears only around something."""

    child_nodelists = ("before", "core", "after")

    def __init__(self, before: NodeList, core: NodeList, after: NodeList) -> None:
        self.before, self.core, self.after = before, core, after

    def render(self, context: Context) -> SafeString:
        """Nothing if the core is blank."""
        core = self.core.render(context)
        if not core.strip():
            return SafeString("")
        return mark_safe(self.before.render(context) + core.strip() + self.after.render(context))


@register.tag
def around(parser: Parser, token: Token) -> AroundNode:
    """`{% around %}<p>{% inner %}...{% endinner %}</p>{% endaround %}`."""
    parts = []
    for end in ("inner", "endinner", "endaround"):
        parts.append(parser.parse((end,)))
        parser.delete_first_token()
    return AroundNode(*parts)


class TrailNode(template.Node):
    """The breadcrumbs: every link of the block in order, led by the start page."""

    child_nodelists = ("core",)

    def __init__(self, core: NodeList, bare: FilterExpression | None) -> None:
        self.core, self.bare = core, bare

    def render(self, context: Context) -> SafeString:
        """Nothing if the page names no crumbs."""
        links = ANCHOR.findall(self.core.render(context))
        if not links:
            return SafeString("")
        if self.bare is None and not any(f'href="{reverse("home")}"' in link for link in links):
            links.insert(0, format_html('<a href="{}">{}</a>', reverse("home"), _("Overview")))
        items = "".join(f"<li>{link}</li>" for link in links)
        label = format_html('<nav class="crumbs screen-only" aria-label="{}">', _("Where this page is"))
        return mark_safe(f"{label}<ol>{items}</ol></nav>")


@register.tag
def trail(parser: Parser, token: Token) -> TrailNode:
    """`{% trail %}{% block crumbs %}{% endblock %}{% endtrail %}`; with an argument: no start page."""
    words = token.split_contents()
    core = parser.parse(("endtrail",))
    parser.delete_first_token()
    return TrailNode(core, parser.compile_filter(words[1]) if len(words) > 1 else None)
