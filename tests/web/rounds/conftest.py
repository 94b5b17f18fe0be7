"""A district with a sealed frame, and the people who prepare a round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from minping_engine.scheme import load_scheme
from minping_web.common.approval import approve
from minping_web.common.clock import now, today
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import Frame
from minping_web.frames.services.sealing import carry_seal, seal_frame
from minping_web.instruments.models import Instrument, InstrumentVersion
from minping_web.instruments.rules.drafting import content_of_scheme
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import AUDIENCES, Design
from minping_web.rounds.services.drafting import (
    Basics,
    make_round,
    set_design,
    set_questionnaires,
    set_seed,
)
from minping_web.rounds.services.drawing import draw_round
from minping_web.rounds.services.fixing import carry_fix, fix_round, propose_fix
from minping_web.rounds.services.valuing import propose_value
from tests.web.factories import SmallDistrict, scope_with
from tests.web.frames import factory as frames
from tests.web.rounds.factory import content

EACH = 30
VALUE = "07 11 15 22 28 31 09"


class Unseen(NamedTuple):
    """Progress of a job that nobody watches."""

    scope: Scope

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Nothing to show."""


@dataclass(frozen=True)
class World:
    """A sealed frame of 30 units in each of six areas; two of the bureau, a firm's manager, an auditor."""

    district: SmallDistrict
    frame: Frame
    bureau: Scope
    second: Scope
    manager: Scope
    auditor: Scope


@pytest.fixture
def world(district: SmallDistrict, settings: Any, tmp_path: Any) -> World:
    settings.DATA_FOLDER = tmp_path / "data"
    bureau, second, manager, auditor = (
        scope_with(role, area=district.district, fresh=True)
        for role in ("district_bureau", "district_bureau", "survey_manager", "auditor")
    )
    return World(district, sealed(bureau, district.responsibility_areas), bureau, second, manager, auditor)


def sealed(scope: Scope, areas: Any, each: int = EACH, name: str = "秋季抽样框") -> Frame:
    """A frame sealed by the product's own steps, leaves and all."""
    made = frames.frame(scope, areas, each, name=name)
    with entered(scope):
        carry_seal(scope, {"frame": made.pk, "version": made.version})
    seal_frame(scope, made.pk, Unseen(scope))
    made.refresh_from_db()
    return made


def basics(frame: Frame, **values: Any) -> Basics:
    moment = now()
    usual: dict[str, Any] = {
        "name": "2026年第四季度", "period": "2026Q4", "scheme_id": "gulou-worker", "frame": frame,
        "level": "responsibility_area", "subject": "community_worker",
        "opens_at": moment + timedelta(days=3), "closes_at": moment + timedelta(days=17),
    }  # fmt: skip
    return Basics(**usual | values)


def questionnaire(made: SurveyRound, **values: Any) -> InstrumentVersion:
    """A draft of the questionnaire that the round's scheme reads."""
    form = load_scheme("gulou-worker", demo=True).scheme.instrument
    told = content_of_scheme(form, minimum_answered=4, total_points=100)
    intro = content()["intro"]
    asked = Instrument.objects.create(code=f"q-{made.pk}", title="问卷")
    return InstrumentVersion.objects.create(
        instrument=asked, version=form.version, content=told | {"intro": intro} | values, made_at=now()
    )


def draft(world: World, design: Design | None = None, **values: Any) -> SurveyRound:
    """A draft with everything that fixing asks for."""
    made = make_round(world.bureau, basics(world.frame, **values))
    set_questionnaires(world.bureau, made.pk, dict.fromkeys(AUDIENCES, questionnaire(made).pk))
    set_design(world.bureau, made.pk, design or Design(per_area=10, wanted=5))
    return set_seed(
        world.bureau, made.pk, seed_source="双色球第2026135期", seed_on=today() + timedelta(days=1),
        seed_form="## ## ## ## ## ## ##", seed_fallback="现场掷骰子", seed_fallback_form="######",
    )  # fmt: skip


def fixed(world: World, design: Design | None = None, **values: Any) -> SurveyRound:
    """Fixed by two persons, and listed by the job."""
    made = draft(world, design, **values)
    proposal = propose_fix(world.bureau, made.pk, reason="按计划开展")
    with entered(world.second):
        carry_fix(world.second, proposal.payload)
    fix_round(world.second, made.pk, Unseen(world.second))
    made.refresh_from_db()
    return made


def value_approved(world: World, round_id: int, value: str = VALUE, **more: Any) -> None:
    """The bureau proposes the value, the auditor lets it count."""
    proposal = propose_value(world.bureau, round_id, value, **more)
    with entered(world.auditor):
        approve(world.auditor, proposal.pk)


def drawn(world: World, design: Design | None = None, **values: Any) -> SurveyRound:
    """Drawn; the day of the public draw is today."""
    made = fixed(world, design, **values)
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    value_approved(world, made.pk)
    draw_round(world.bureau, made.pk, Unseen(world.bureau))
    made.refresh_from_db()
    return made
