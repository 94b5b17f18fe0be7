"""A real district, set up once for all tests of a run: setting up takes longer than most of these tests."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.site.running import Deployment, set_up

NewDistrict = Callable[[Path], Deployment]


@pytest.fixture(scope="session")
def _district_set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its data on SQLite (`data`) and what the command said (`told.txt`); workers of one run share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real-district"
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "told.txt").exists():
            folder.mkdir(exist_ok=True)
            (folder / "told.txt").write_text(set_up(Deployment(folder / "data")).stdout, "utf-8")
    return folder


@pytest.fixture(scope="session")
def new_district(_district_set_up: Path) -> NewDistrict:
    """`new_district(folder)` -> a copy of it there, which a test may spoil."""
    return lambda folder: Deployment(shutil.copytree(_district_set_up / "data", folder))


@pytest.fixture(scope="session")
def told_by_init(_district_set_up: Path) -> str:
    """What `minping init` said when that district was set up."""
    return (_district_set_up / "told.txt").read_text("utf-8")
