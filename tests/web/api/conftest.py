"""Fixtures of the interface's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.web import factories
from tests.web.api.factory import Caller, World, key_of, owner, world


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    """Requests of other tests do not count."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def both(district: factories.SmallDistrict) -> World:
    """A row of every kind in each of two streets."""
    return world(district)


@pytest.fixture
def bureau(both: World) -> Caller:
    """A key of the district bureau with everything that keys may carry."""
    return Caller(key_of(owner()))


@pytest.fixture
def street(both: World) -> Caller:
    """A key of staff of the east street."""
    return Caller(key_of(owner("street_staff", both.here.area)))
