"""Contacts that leave: few a day alone, never more than permitted, decided by who knows what leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from minping_engine.errors import MinpingError
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.scope import entered
from minping_web.frames.models import ContactExport, Unit
from minping_web.frames.rules import Instrument
from minping_web.frames.services import exporting
from minping_web.frames.services.exporting import ask_export, open_export
from tests.web.factories import scope_with
from tests.web.frames.conftest import World

pytestmark = pytest.mark.sqlite


def asked(world: World, area: object = None, instrument: str = "") -> ContactExport | Proposal:
    key = area.pk if area else None  # type: ignore[attr-defined]
    with entered(world.manager):
        return ask_export(
            world.manager, world.frame.pk, area_id=key, instrument=instrument, reason="电话回访"
        )


def test_small_permits_of_a_day_add_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "EXPORTED_ALONE", 8)
    areas = world.district.responsibility_areas
    assert isinstance(asked(world, areas[0]), ContactExport)
    assert isinstance(asked(world, areas[1]), ContactExport)
    assert isinstance(asked(world, areas[2]), Proposal)
    ContactExport.objects.update(made_at=now() - timedelta(days=1, minutes=1))
    assert isinstance(asked(world, areas[2]), ContactExport)


def test_what_a_second_person_permitted_does_not_count_as_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "EXPORTED_ALONE", 4)
    proposal = asked(world)
    second = scope_with("survey_manager", area=world.district.district, fresh=True)
    with entered(second):
        approval.approve(second, proposal.pk)
    assert isinstance(asked(world, world.district.responsibility_areas[0]), ContactExport)


def test_no_more_contacts_leave_than_were_permitted(world: World) -> None:
    with entered(world.bureau):
        Unit.objects.filter(house_code__endswith="-0000").update(excluded="vacant")
    permit = asked(world)
    with entered(world.bureau):
        Unit.objects.filter(house_code__endswith="-0000").update(excluded="")
    with entered(world.manager), pytest.raises(MinpingError) as refused:
        open_export(world.manager, permit.pk)
    assert refused.value.problems[0].params == {"found": 24, "permitted": 18}
    assert ContactExport.objects.get().downloads == 0


def test_the_second_person_reads_place_and_questionnaire(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "EXPORTED_ALONE", 0)
    home = world.district.communities[1]
    proposal = asked(world, home, "elderly")
    assert isinstance(proposal, Proposal)
    told = " ".join(value for _name, value in exporting.describe(proposal.payload))
    assert home.code in told
    assert str(Instrument.ELDERLY.label) in told
