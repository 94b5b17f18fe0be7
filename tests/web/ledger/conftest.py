"""A log of its own for each test: folders of log, keys and mirror."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_log(tmp_path: Path, settings: object) -> Path:
    """Point the product at fresh folders; gives their parent."""
    for name in ("keys", "ledger", "mirror"):
        (tmp_path / name).mkdir()
    settings.LEDGER_FOLDER = tmp_path / "ledger"  # type: ignore[attr-defined]
    settings.LEDGER_MIRROR = tmp_path / "mirror"  # type: ignore[attr-defined]
    settings.KEY_FOLDER = tmp_path / "keys"  # type: ignore[attr-defined]
    return tmp_path
