"""Publications in tests are demonstrations: gulou-worker's bands were never published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings


@pytest.fixture(autouse=True)
def demo_values(tmp_path: Path) -> Iterator[None]:
    """Demonstration values fill the bands; each test has a log of its own."""
    with override_settings(DEMO=True, LEDGER_FOLDER=tmp_path / "ledger"):
        yield
