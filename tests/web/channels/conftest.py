"""People who write, approve and send messages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from minping_web.channels.models import TextVersion
from minping_web.channels.services import sending
from minping_web.common.scope import Scope
from tests.web.channels import factory
from tests.web.factories import SmallDistrict, scope_with


@dataclass(frozen=True)
class Desk:
    """The bureau writes and approves, the survey firm sends."""

    bureau: Scope
    second: Scope
    firm: Scope
    text: TextVersion


@pytest.fixture
def desk(district: SmallDistrict, settings: object, tmp_path: Path) -> Desk:
    """With approved texts; keys and outbox of their own."""
    settings.KEY_FOLDER, settings.DATA_FOLDER = tmp_path / "keys", tmp_path  # type: ignore[attr-defined]
    bureau = scope_with("district_bureau", area=district.district, fresh=True)
    second = scope_with("district_bureau", area=district.district, fresh=True)
    firm = scope_with("survey_manager", area=district.district, fresh=True)
    return Desk(bureau, second, firm, factory.text(bureau, second))


@pytest.fixture(autouse=True)
def daytime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages leave by day only; tests run at night as well. The clock stays: sessions hang on it."""
    monkeypatch.setattr(sending, "may_send", lambda _moment, _first, _last: True)
