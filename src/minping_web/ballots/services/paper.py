"""Paper forms: two persons key blind, equal keyings agree, a third decides where they differ.

What was agreed is cast by `services.paper_casting`, some time later and in random order. Answers are sealed
under the round's own key until then; rows name a sheet by bundle and number, which the first keyer writes on
it, and never by its token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place, Problem
from minping_web.ballots.models import KeyingTally, PaperBundle, PaperSheet
from minping_web.ballots.rules.keying import (
    COMMENT,
    Differing,
    Keyed,
    KeyField,
    differing,
    given_of,
    key_fields,
    read_keying,
    wrong_fields,
)
from minping_web.ballots.rules.sheet_sealing import SheetLostError, SheetSeal
from minping_web.ballots.rules.words import SheetReason, SheetState
from minping_web.ballots.selectors.pages import told_questionnaire
from minping_web.ballots.selectors.paper import DECIDE, KEY, SHRED, TAKING, different_sheet, may_be_shredded
from minping_web.ballots.selectors.slips import FoundSlip, find
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.instruments.rules.questionnaire import Questionnaire
from minping_web.places.models import Area
from minping_web.rounds.rules.tokens import read_token
from minping_web.rounds.services.fieldwork import note_partial
from minping_web.rounds.services.secrets import secrets_of

LONGEST_BUNDLE = 20


@dataclass(frozen=True)
class Taken:
    """A form in somebody's hand: its household's slip, what is asked on it, whether it was keyed once."""

    token: str
    found: FoundSlip
    questionnaire: Questionnaire
    sheet: PaperSheet | None
    own: bool
    """The same person keyed it before: a new keying replaces the first."""

    def fields(self, language: str) -> tuple[KeyField, ...]:
        """Groups of boxes in the order of the sheet."""
        return key_fields(self.questionnaire, language)


def take(scope: Scope, round_id: int, code: str) -> Taken:
    """What a scanned or typed code stands for; RefusedError says why it is not keyed."""
    scope.require(KEY)
    token = read_token(code.rsplit("/v/", 1)[-1].partition("?")[0].strip("/ "))
    if token is None:
        raise RefusedError.of("paper.no_code")
    found = find(token)
    if found is None or found.slip.round_id != round_id or found.slip.revoked or not _reaches(scope, found):
        raise RefusedError.of("paper.unknown")
    if found.slip.round_state not in TAKING:
        raise RefusedError.of("paper.ended")
    sheet = PaperSheet.objects.filter(round_id=round_id, h1=found.slip.h1).first()
    if sheet is not None and sheet.state != SheetState.ONCE:
        raise RefusedError.of("paper.keyed_twice", sheet=label_of(sheet))
    questionnaire = told_questionnaire(found.slip.instrument_sha256)
    return Taken(token, found, questionnaire, sheet, sheet is not None and sheet.first_by_id == scope.user_id)


def _reaches(scope: Scope, found: FoundSlip) -> bool:
    path = Area.objects.filter(pk=found.slip.area_id).values_list("path", flat=True).first()
    return path is not None and scope.may(KEY, path)


def label_of(sheet: PaperSheet) -> str:
    """Bundle and number, as they stand on the sheet."""
    return f"{sheet.bundle.name}-{sheet.number}"


@transaction.atomic
def key(scope: Scope, round_id: int, code: str, *, bundle: str, typed: Mapping[str, str]) -> PaperSheet:
    """Store a keying; the second one agrees or not. RefusedError names every field that names no box."""
    taken = take(scope, round_id, code)
    fields = taken.fields("zh-hans")
    keyed, wrong = read_keying(fields, typed)
    if wrong:
        raise RefusedError([Problem("paper.no_such_box", Place(key=name)) for name in wrong])
    if taken.found.slip.spent and taken.sheet is None:
        return _refused_at_once(scope, round_id, bundle)
    if taken.sheet is None or taken.own:
        return _first(scope, taken, bundle, keyed)
    return _second(scope, taken, keyed, fields)


def _first(scope: Scope, taken: Taken, bundle: str, keyed: Keyed) -> PaperSheet:
    slip = taken.found.slip
    sheet = taken.sheet or _new_sheet(scope, slip.round_id, bundle)
    sheet.h1, sheet.area_id = slip.h1, slip.area_id
    sheet.first = _seal(taken.found).seal(_about(sheet, "first"), _content(taken, keyed))
    sheet.save()
    return sheet


def _new_sheet(scope: Scope, round_id: int, bundle: str) -> PaperSheet:
    name = " ".join(bundle.split())[:LONGEST_BUNDLE]
    if not name:
        raise RefusedError.of("paper.no_bundle", Place(key="bundle"))
    folder, _made = PaperBundle.objects.get_or_create(round_id=round_id, name=name)
    folder = PaperBundle.objects.select_for_update().get(pk=folder.pk)
    if folder.shredded_on:
        raise RefusedError.of("paper.bundle_shredded", Place(key="bundle"), bundle=name)
    last = folder.sheets.aggregate(last=Max("number"))["last"] or 0
    return PaperSheet(round_id=round_id, bundle=folder, number=last + 1, first_by_id=scope.user_id)


def _refused_at_once(scope: Scope, round_id: int, bundle: str) -> PaperSheet:
    """The household voted by another way: nothing of the sheet is kept but that it lies in the bundle."""
    sheet = _new_sheet(scope, round_id, bundle)
    sheet.state, sheet.reason = SheetState.REFUSED, SheetReason.VOTED
    sheet.save()
    return sheet


def _second(scope: Scope, taken: Taken, keyed: Keyed, fields: tuple[KeyField, ...]) -> PaperSheet:
    sheet = PaperSheet.objects.select_for_update(of=("self",)).select_related("bundle").get(pk=taken.sheet.pk)  # type: ignore[union-attr]
    if sheet.state != SheetState.ONCE:
        raise RefusedError.of("paper.keyed_twice", sheet=label_of(sheet))
    seal = _seal(taken.found)
    first = _opened(seal, sheet, "first")["keyed"]
    sheet.second_by_id = scope.user_id
    if differing(fields, first, keyed):
        sheet.second = seal.seal(_about(sheet, "second"), _content(taken, keyed))
        sheet.state = SheetState.DIFFERENT
        sheet.save()
        return sheet
    return _agreed(sheet, seal, taken.questionnaire, _content(taken, first), (first, keyed))


def _agreed(
    sheet: PaperSheet, seal: SheetSeal, questionnaire: Questionnaire, content: dict[str, Any],
    keyings: tuple[Keyed, Keyed],
) -> PaperSheet:  # fmt: skip
    """Both keyings have done their work: what counts stays, sealed, until it is cast."""
    fields = key_fields(questionnaire, "zh-hans")
    for user_id, keyed in zip((sheet.first_by_id, sheet.second_by_id), keyings, strict=True):
        _tally(sheet.round_id, user_id, len(fields) + 1, wrong_fields(fields, keyed, content["keyed"]))
    if given_of(questionnaire, content["keyed"]) is None:
        note_partial(bytes(sheet.h1 or b""))
        return finish(sheet, SheetState.REFUSED, SheetReason.PARTIAL)
    sheet.first = sheet.second = None
    sheet.agreed = seal.seal(_about(sheet, "agreed"), content)
    sheet.state = SheetState.AGREED
    sheet.save()
    return sheet


def _tally(round_id: int, user_id: int | None, answers: int, wrong: int) -> None:
    if user_id is None:
        return
    row, _made = KeyingTally.objects.get_or_create(round_id=round_id, user_id=user_id)
    KeyingTally.objects.filter(pk=row.pk).update(
        sheets=F("sheets") + 1, answers=F("answers") + answers, wrong=F("wrong") + wrong
    )


def finish(sheet: PaperSheet, state: SheetState, reason: str = "") -> PaperSheet:
    """Counted or refused: nothing that leads to the household stays."""
    sheet.state, sheet.reason = state, reason
    sheet.h1 = sheet.area_id = sheet.first = sheet.second = sheet.agreed = None
    sheet.save()
    return sheet


@dataclass(frozen=True)
class ThirdLook:
    """A sheet with both keyings, for who decides."""

    sheet: PaperSheet
    questionnaire: Questionnaire
    first: Keyed
    second: Keyed

    def differing(self, language: str) -> list[Differing]:
        """Fields to decide."""
        return differing(key_fields(self.questionnaire, language), self.first, self.second)


def third_look(scope: Scope, sheet_id: UUID) -> ThirdLook:
    """Both keyings of a sheet; who keyed one of them does not decide."""
    scope.require(DECIDE)
    sheet = different_sheet(scope, sheet_id)
    if scope.user_id in (sheet.first_by_id, sheet.second_by_id):
        raise RefusedError.of("paper.own_sheet")
    seal = _seal_of(sheet.round_id)
    first, second = _opened(seal, sheet, "first"), _opened(seal, sheet, "second")
    return ThirdLook(sheet, told_questionnaire(first["sha256"]), first["keyed"], second["keyed"])


@transaction.atomic
def decide(scope: Scope, sheet_id: UUID, chosen: Mapping[str, str]) -> PaperSheet:
    """Settle a sheet: for each differing field a value of its boxes, nothing, or the comment's text."""
    look = third_look(scope, sheet_id)
    sheet = PaperSheet.objects.select_for_update().get(pk=sheet_id)
    if sheet.state != SheetState.DIFFERENT:
        raise RefusedError.of("paper.keyed_twice", sheet=label_of(look.sheet))
    open_fields = look.differing("zh-hans")
    _all_chosen(open_fields, chosen)
    agreed = dict(look.first)
    for one in open_fields:
        name = one.field.name if one.field else COMMENT
        agreed.pop(name, None)
        if chosen[name].strip():
            agreed[name] = chosen[name].strip()
    sheet.decided_by_id = scope.user_id
    seal = _seal_of(sheet.round_id)
    content = _opened(seal, look.sheet, "first") | {"keyed": agreed}
    return _agreed(sheet, seal, look.questionnaire, content, (look.first, look.second))


def _all_chosen(open_fields: list[Differing], chosen: Mapping[str, str]) -> None:
    missing = [
        one.field.name if one.field else COMMENT
        for one in open_fields
        if not _fits(one, chosen.get(one.field.name if one.field else COMMENT))
    ]
    if missing:
        raise RefusedError([Problem("paper.not_decided", Place(key=name)) for name in missing])


def _fits(one: Differing, value: str | None) -> bool:
    if value is None:
        return False
    return one.field is None or value == "" or bool(one.field.place_of(value))


@transaction.atomic
def shred(scope: Scope, round_id: int, bundle_id: int) -> PaperBundle:
    """Note that a bundle was shredded; RefusedError while a sheet of it is still needed."""
    scope.require(SHRED)
    bundle = get_object_or_404(PaperBundle.objects.select_for_update(), pk=bundle_id, round_id=round_id)
    if not may_be_shredded(bundle):
        raise RefusedError.of("paper.still_needed", bundle=bundle.name)
    bundle.shredded_on, bundle.shredded_by_id = today(), scope.user_id
    bundle.save(update_fields=["shredded_on", "shredded_by"])
    return bundle


def agreed_content(sheet: PaperSheet) -> dict[str, Any]:
    """Token, hash of the questionnaire, answers of an agreed sheet; for `paper_casting` alone."""
    return _opened(_seal_of(sheet.round_id), sheet, "agreed")


def _content(taken: Taken, keyed: Keyed) -> dict[str, Any]:
    return {"token": taken.token, "sha256": taken.found.slip.instrument_sha256, "keyed": keyed}


def _about(sheet: PaperSheet, column: str) -> str:
    return f"ballots_papersheet.{column}|{sheet.pk.hex}"


def _seal(found: FoundSlip) -> SheetSeal:
    return SheetSeal(found.keys.k2)


def _seal_of(round_id: int) -> SheetSeal:
    keys = secrets_of(round_id)
    if keys is None:
        raise RefusedError.of("paper.ended")
    return SheetSeal(keys.k2)


def _opened(seal: SheetSeal, sheet: PaperSheet, column: str) -> dict[str, Any]:
    try:
        return seal.open(_about(sheet, column), getattr(sheet, column) or b"")
    except SheetLostError:
        raise RefusedError.of("paper.lost", sheet=label_of(sheet)) from None
