"""One furnished world for all tests of a module: whatever a request writes in it is taken back at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from minping_web.access import middleware
from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.common.clock import now
from minping_web.common.scope import NOBODY, Scope
from minping_web.site import urls
from tests.web.access.world import World, listed_roles, make_world


@pytest.fixture(scope="module")
def shared_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once. Nobody's grants change in it, so scopes are worked out once per user."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(middleware, "_scope", _remembered_scopes())
        patch.setattr(urls, "handler403", _plain(403), raising=False)
        patch.setattr(urls, "handler404", _plain(404), raising=False)
        yield make_world(listed_roles(), furnished=True)
        transaction.set_rollback(True)


def _remembered_scopes() -> Any:
    @cache
    def of(user_id: int) -> Scope:
        return scope_of(User.objects.get(pk=user_id), second_factor_at=now())

    return lambda request: of(request.user.pk) if request.user.is_authenticated else NOBODY


def _plain(status: int) -> Any:
    """The page around a refusal is tested elsewhere; here only that one was refused."""

    def answer(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        return HttpResponse(status=status)

    return answer
