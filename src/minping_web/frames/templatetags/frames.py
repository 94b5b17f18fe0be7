"""What the templates of frames ask."""

from __future__ import annotations

from django import template

from minping_web.common.scope import Scope

register = template.Library()


@register.filter
def may(scope: Scope, permission: str) -> bool:
    """Whether the scope has the permission anywhere: `{% if request.scope|may:"frames.edit" %}`."""
    return scope.may(permission)
