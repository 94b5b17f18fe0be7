"""Fixtures shared by all tests: where outside data lie."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("shared", deadline=None)
settings.load_profile("shared")
"""Machines are shared: no test fails because another one was busy."""


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay for the whole run: the garbage collector need not look at them."""
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Extensions that count their objects at the end want them gone."""
    gc.unfreeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After the shuffling: what takes minutes begins first, so that no worker is alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """Folder of data that are not shipped (`MINPING_TEST_DATA`); the test says so where it is absent."""
    folder = Path(os.environ.get("MINPING_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no outside data at {folder}; set MINPING_TEST_DATA")
    return folder
