"""Staff moves with an effective day: transfer, exchange, leave, join; previewed with the load they make.

A move ends what ends on the day before, begins what begins on the day, and opens a handover for every
area that changes hands. All of it is one change set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TypeVar

import yaml
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place
from minping_web.common.changes import Recorder, preview, recording
from minping_web.common.differences import Difference
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import Handover, HandoverItem, Person, Posting
from minping_web.people.rules import SINGLE_ROLES, LoadChange, PostingRole, load_changes
from minping_web.people.selectors import current, loads_by_person, owner_of
from minping_web.people.selectors.postings import day_before
from minping_web.people.services.people import require_edit_of
from minping_web.people.services.postings import PostingDraft, lock_areas, write_end, write_posting
from minping_web.places.models import Area

T = TypeVar("T")


class MoveKind(TextChoices):
    """What happens to whom."""

    TRANSFER = "transfer", gettext_lazy("Transfer to another area")
    EXCHANGE = "exchange", gettext_lazy("Exchange areas with somebody")
    JOIN = "join", gettext_lazy("Take on an area")
    LEAVE = "leave", gettext_lazy("Leave the service")


@dataclass(frozen=True)
class Move:
    """One move. `area` for transfer and join, `other` for an exchange or as successor of who leaves."""

    kind: str
    person: Person
    day: date
    area: Area | None = None
    other: Person | None = None
    role: str = PostingRole.RESPONSIBLE


@dataclass(frozen=True)
class MovePreview:
    """What a move would do: rows, loads before and after, areas left without an owner."""

    differences: Sequence[Difference]
    loads: Sequence[LoadChange]
    vacated: Sequence[Area]


def carry_out(scope: Scope, move: Move) -> Recorder:
    """Do it; raises `RefusedError` with all faults."""
    with recording(scope, "people.move", _title(move)) as recorder:
        _write(recorder, move)
        return recorder


def preview_move(scope: Scope, move: Move) -> MovePreview:
    """The same edit, taken back; what it shows is what would happen."""
    communities = _communities(move)
    before = loads_by_person(move.day, communities)
    seen: dict[str, object] = {}

    def edit() -> Recorder:
        recorder = Recorder(scope, "people.move", _title(move))
        touched = _write(recorder, move)
        seen["after"] = loads_by_person(move.day, communities)
        seen["vacated"] = [area for area in touched if owner_of(area, move.day) is None]
        return recorder

    recorder = preview(edit)
    after: dict[int, int] = seen["after"]  # type: ignore[assignment]
    labels = dict(Person.objects.filter(pk__in={*before, *after}).values_list("pk", "name"))
    return MovePreview(recorder.differences, load_changes(before, after, labels), seen["vacated"])  # type: ignore[arg-type]


def _title(move: Move) -> str:
    names = " ↔ ".join(person.name for person in (move.person, move.other) if person)
    return f"{MoveKind(move.kind).label}: {names} {move.day}"


def _communities(move: Move) -> set[str]:
    """Paths of the areas around everything that the move touches."""
    areas = [posting.area for posting in _held(move.person, move.day)]
    if move.other:
        areas += [posting.area for posting in _held(move.other, move.day)]
    if move.area:
        areas.append(move.area)
    return {area.parent.path if area.parent else area.path for area in areas}


def _held(person: Person, day: date) -> list[Posting]:
    """Postings that a move of that day ends."""
    return list(current(person.postings.select_related("area__parent", "person"), day))


def _write(recorder: Recorder, move: Move) -> list[Area]:
    """Carry out within a recorder; returns the areas that were given up."""
    acts = {
        MoveKind.TRANSFER: _transfer,
        MoveKind.EXCHANGE: _exchange,
        MoveKind.JOIN: _join,
        MoveKind.LEAVE: _leave,
    }
    require_edit_of(recorder.scope, move.person)
    with transaction.atomic():
        held = _held(move.person, move.day) + (_held(move.other, move.day) if move.other else [])
        lock_areas([posting.area for posting in held] + ([move.area] if move.area else []))
        return acts[MoveKind(move.kind)](recorder, move)


def _transfer(recorder: Recorder, move: Move) -> list[Area]:
    area = _needed(move.area, "area")
    given = _give_up(recorder, _held(move.person, move.day), move.day)
    _take_on(recorder, move.person, area, move)
    for old in given:
        open_handover(recorder, move.person, move.other, (old, move.day))
    return given


def _exchange(recorder: Recorder, move: Move) -> list[Area]:
    other = _needed(move.other, "other")
    require_edit_of(recorder.scope, other)
    mine = [p for p in _held(move.person, move.day) if p.role in SINGLE_ROLES]
    theirs = [p for p in _held(other, move.day) if p.role in SINGLE_ROLES]
    if not mine or not theirs:
        raise RefusedError.of("move.nothing_to_exchange", Place(key="other"))
    shares = {posting.pk: (posting.area, posting.role, posting.share_percent) for posting in mine + theirs}
    mine_keys, their_keys = [p.pk for p in mine], [p.pk for p in theirs]
    _give_up(recorder, mine + theirs, move.day)
    for keys, giver, taker in ((mine_keys, move.person, other), (their_keys, other, move.person)):
        for key in keys:
            area, role, share = shares[key]
            write_posting(recorder, PostingDraft(taker, area, role, move.day, None, share))
            open_handover(recorder, giver, taker, (area, move.day))
    return []


def _join(recorder: Recorder, move: Move) -> list[Area]:
    _take_on(recorder, move.person, _needed(move.area, "area"), move)
    return []


def _leave(recorder: Recorder, move: Move) -> list[Area]:
    held = _held(move.person, move.day)
    owned = [(posting.area, posting.role) for posting in held if posting.role in SINGLE_ROLES]
    given = _give_up(recorder, held, move.day)
    recorder.update(move.person, left_on=day_before(move.day))
    for area, role in owned:
        if move.other:
            write_posting(recorder, PostingDraft(move.other, area, role, move.day))
        open_handover(recorder, move.person, move.other, (area, move.day))
    return given


def _give_up(recorder: Recorder, postings: list[Posting], day: date) -> list[Area]:
    """End postings on the day before; areas that lose who was in charge."""
    given = [posting.area for posting in postings if posting.role in SINGLE_ROLES]
    for posting in postings:
        write_end(recorder, posting, day_before(day))
    return given


def _take_on(recorder: Recorder, person: Person, area: Area, move: Move) -> None:
    """Begin a posting; whoever was in charge until the day before hands over."""
    before = owner_of(area, day_before(move.day))
    write_posting(recorder, PostingDraft(person, area, move.role, move.day))
    if before and before.person_id != person.pk and move.role in SINGLE_ROLES:
        open_handover(recorder, before.person, person, (area, move.day))


def open_handover(recorder: Recorder, giver: Person, taker: Person | None, what: tuple[Area, date]) -> None:
    """The sheet of what changes hands; one that waits already gets its taker."""
    area, day = what
    waiting = Handover.objects.filter(giver=giver, area=area, giver_confirmed_at__isnull=True).first()
    if waiting:
        if taker and waiting.taker_id is None:
            recorder.update(waiting, taker=taker)
        return
    handover = Handover(giver=giver, taker=taker, area=area, day=day)
    recorder.create(handover)
    for number, text in enumerate(matters(), 1):
        recorder.create(HandoverItem(handover=handover, number=number, text=text))


@cache
def matters() -> tuple[str, ...]:
    """What every handover asks about; from the presets, read once."""
    found = yaml.safe_load((resources.files("minping_web.people") / "presets.yaml").read_text("utf-8"))
    return tuple(found["handover_matters"])


def _needed(value: T | None, key: str) -> T:
    if value is None:
        raise RefusedError.of("move.incomplete", Place(key=key))
    return value
