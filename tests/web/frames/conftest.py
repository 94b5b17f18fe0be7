"""Frames of the small district, scopes of the people who work with them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from minping_web.common.scope import Scope
from minping_web.frames.models import Frame
from tests.web.factories import SmallDistrict, scope_with
from tests.web.frames import factory


@dataclass(frozen=True)
class World:
    """A district with a draft frame of 4 units per responsibility area (24 in all)."""

    district: SmallDistrict
    frame: Frame
    bureau: Scope
    second: Scope
    manager: Scope


@pytest.fixture
def world(district: SmallDistrict) -> World:
    """The bureau loads a frame; another of the bureau and a survey manager stand by."""
    bureau = scope_with("district_bureau", area=district.district, fresh=True)
    second = scope_with("district_bureau", area=district.district, fresh=True)
    manager = scope_with("survey_manager", area=district.district, fresh=True)
    frame = factory.frame(bureau, district.responsibility_areas)
    return World(district, frame, bureau, second, manager)
