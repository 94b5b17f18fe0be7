"""Positions with versions of their job descriptions (S65), ranks (S101), skills (S70), and their presets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

import yaml
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext

from minping_engine.errors import Place
from minping_web.common.changes import Recorder, recording
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import JobDescription, Person, Position, Rank, Skill
from minping_web.people.selectors import EDIT


@dataclass(frozen=True)
class DescriptionDraft:
    """What a position's holder has to do, from a day on."""

    in_force_from: date
    purpose: str
    duties: str
    limits: str = ""
    source: str = ""


def _require_district(scope: Scope) -> None:
    """Positions, ranks and skills hold for the whole district."""
    if not scope.reach(EDIT).whole:
        raise PermissionDenied(EDIT)


def revise_description(scope: Scope, position: Position, draft: DescriptionDraft) -> JobDescription:
    """A new version; earlier ones stay. It must come into force after the one before."""
    _require_district(scope)
    with recording(scope, "people.position", f"{position.code} {position.name}") as recorder:
        last = position.descriptions.select_for_update().order_by("-version").first()
        if last and draft.in_force_from <= last.in_force_from:
            raise RefusedError.of(
                "position.not_after_last", Place(key="in_force_from"), day=last.in_force_from
            )
        made = JobDescription(position=position, version=last.version + 1 if last else 1, **vars(draft))
        recorder.create(made)
    return made


def save_position(scope: Scope, values: Mapping[str, Any], *, existing: Position | None = None) -> Position:
    """Code, names, end."""
    saved = _save(scope, Position, values, existing)
    assert isinstance(saved, Position)
    return saved


def save_rank(scope: Scope, values: Mapping[str, Any], *, existing: Rank | None = None) -> Rank:
    """A step of a ladder; each step of a ladder exists once."""
    taken = Rank.objects.filter(ladder=values["ladder"], step=values["step"])
    if taken.exclude(pk=existing.pk if existing else 0).exists():
        raise RefusedError.of("rank.step_taken", Place(key="step"), step=values["step"])
    saved = _save(scope, Rank, values, existing)
    assert isinstance(saved, Rank)
    return saved


def save_skill(scope: Scope, values: Mapping[str, Any], *, existing: Skill | None = None) -> Skill:
    """Code, names, order, end."""
    saved = _save(scope, Skill, values, existing)
    assert isinstance(saved, Skill)
    return saved


Coded = type[Position] | type[Rank] | type[Skill]


def _save(
    scope: Scope, model: Coded, values: Mapping[str, Any], existing: models.Model | None
) -> models.Model:
    _require_district(scope)
    same = model.objects.filter(code=values["code"]).exclude(pk=existing.pk if existing else 0)
    if same.exists():
        raise RefusedError.of("position.code_taken", Place(key="code"), code=values["code"])
    with recording(scope, "people.position", f"{values['code']} {values['name']}") as recorder:
        if existing:
            recorder.update(existing, **values)
            return existing
        return recorder.create(model(**values))


def load_presets(scope: Scope, *, day: date | None = None) -> Recorder:
    """Bring in the shipped positions, ranks and skills whose codes are not there yet. Can be undone."""
    _require_district(scope)
    shipped = yaml.safe_load((resources.files("minping_web.people") / "presets.yaml").read_text("utf-8"))
    with recording(scope, "people.position", gettext("Shipped positions, ranks and skills")) as recorder:
        for entry in shipped["positions"]:
            _preset_position(recorder, entry, day or today())
        for entry in shipped["ranks"]:
            taken = models.Q(code=entry["code"]) | models.Q(ladder=entry["ladder"], step=entry["step"])
            if not Rank.objects.filter(taken).exists():
                recorder.create(Rank(**entry))
        for order, entry in enumerate(shipped["skills"], 1):
            if not Skill.objects.filter(code=entry["code"]).exists():
                recorder.create(Skill(order=order, **entry))
    return recorder


def _preset_position(recorder: Recorder, entry: dict[str, str], day: date) -> None:
    if Position.objects.filter(code=entry["code"]).exists():
        return
    position = Position(code=entry["code"], name=entry["name"], name_en=entry["name_en"])
    recorder.create(position)
    recorder.create(
        JobDescription(
            position=position,
            version=1,
            in_force_from=day,
            purpose=entry["purpose"],
            duties=entry["duties"].strip(),
            limits=entry["limits"].strip(),
            source="S65",
        )
    )


def holders(position: Position) -> int:
    """How many people hold it now."""
    return Person.objects.filter(position=position, left_on__isnull=True).count()
