"""Publications in tests are demonstrations: gulou-worker's bands were never published."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(autouse=True)
def demo_values() -> Iterator[None]:
    """Demonstration values fill the bands."""
    with override_settings(DEMO=True):
        yield
