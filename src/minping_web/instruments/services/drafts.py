"""Drafts: made from nothing, a scheme, a spreadsheet or another version; edited; taken back; deleted.

Edits keep the content before them in the history of the draft (`InstrumentEdit`), not in the record of
changes: a questionnaire is one text that is read as a whole, and taking back its last edit must not depend
on what else happened in the registers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.deletion import ProtectedError

from minping_engine.errors import Place, Problem
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.instruments.models import Instrument, InstrumentEdit, InstrumentVersion
from minping_web.instruments.rules.drafting import content_of_scheme, empty_content, next_version
from minping_web.instruments.rules.presets import Content
from minping_web.instruments.selectors.versions import EDIT
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.selectors import loaded

CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}", re.ASCII)
KEPT_EDITS = 200
MILLI = 1000


@dataclass(frozen=True)
class NewInstrument:
    """What a new questionnaire begins with."""

    code: str
    title: str
    title_en: str = ""
    version: str = "1"


def require_edit(scope: Scope) -> None:
    """Questionnaires are the whole district's: the right must hold everywhere."""
    if not scope.may_everywhere(EDIT):
        raise PermissionDenied(EDIT)


@transaction.atomic
def new_instrument(scope: Scope, draft: NewInstrument) -> InstrumentVersion:
    """An empty questionnaire with its first draft."""
    require_edit(scope)
    content = empty_content(draft.code, draft.version, {"zh": draft.title, "en": draft.title_en})
    return _made(scope, _instrument(draft, must_be_new=True), content)


@transaction.atomic
def from_scheme(
    scope: Scope, scheme_version: SchemeVersion, instrument_id: str, *, version: str = ""
) -> InstrumentVersion:
    """A draft with the items of a frozen scheme's questionnaire, under the scheme's version or another."""
    require_edit(scope)
    scheme = loaded(scheme_version).scheme
    found = next((form for form in scheme.instruments if form.id == instrument_id), None)
    if found is None:
        raise RefusedError.of("instruments.not_in_scheme", Place(key="instrument"), name=instrument_id)
    total = scheme.scoring.total
    content = content_of_scheme(
        found, minimum_answered=total.minimum_answered, total_points=total.points / MILLI
    )
    draft = NewInstrument(found.id, found.title.zh, found.title.en, version or found.version)
    content["version"] = draft.version
    return _made(scope, _instrument(draft), content, scheme_version=scheme_version)


@transaction.atomic
def from_content(
    scope: Scope, content: Mapping[str, Any], *, based_on: InstrumentVersion | None = None
) -> InstrumentVersion:
    """A draft with a content that somebody brought along, of an XLSForm for example."""
    require_edit(scope)
    title = content["title"]
    draft = NewInstrument(content["id"], title["zh"], title.get("en", ""), content["version"])
    return _made(scope, _instrument(draft), dict(content), based_on=based_on)


@transaction.atomic
def copy_version(scope: Scope, version_id: int, *, version: str = "") -> InstrumentVersion:
    """A new draft with the content of another version, under the next number."""
    require_edit(scope)
    base = InstrumentVersion.objects.select_related("instrument").get(pk=version_id)
    known = list(base.instrument.versions.values_list("version", flat=True))
    content = {**base.content, "version": version or next_version(known)}
    return _made(
        scope, base.instrument, content, based_on=base, scheme_version=base.scheme_version
    )  # fmt: skip


def _instrument(draft: NewInstrument, *, must_be_new: bool = False) -> Instrument:
    problems = []
    if not CODE.fullmatch(draft.code):
        problems.append(Problem("instruments.code", Place(key="code")))
    if not draft.title.strip():
        problems.append(Problem("instruments.text_missing", Place(key="title")))
    found = Instrument.objects.filter(code=draft.code).first()
    if found is not None and must_be_new:
        problems.append(Problem("instruments.code_taken", Place(key="code"), {"code": draft.code}))
    if not VERSION.fullmatch(draft.version):
        problems.append(Problem("instruments.version", Place(key="version")))
    if problems:
        raise RefusedError(problems)
    return found or Instrument.objects.create(
        code=draft.code, title=draft.title.strip()[:120], title_en=draft.title_en.strip()[:160]
    )


def _made(
    scope: Scope,
    instrument: Instrument,
    content: Content,
    *,
    based_on: InstrumentVersion | None = None,
    scheme_version: SchemeVersion | None = None,
) -> InstrumentVersion:
    version = content["version"]
    if not VERSION.fullmatch(version):
        raise RefusedError.of("instruments.version", Place(key="version"))
    if instrument.versions.filter(version=version).exists():
        params = {"code": instrument.code, "version": version}
        raise RefusedError.of("instruments.version_taken", Place(key="version"), **params)
    return InstrumentVersion.objects.create(
        instrument=instrument,
        version=version,
        content=content,
        based_on=based_on,
        scheme_version=scheme_version,
        made_by_id=scope.user_id,
        made_at=now(),
    )


def draft_of(scope: Scope, version_id: int) -> InstrumentVersion:
    """A draft, locked; raises `RefusedError` for a frozen version."""
    require_edit(scope)
    rows = InstrumentVersion.objects.select_for_update(of=("self",)).select_related("instrument")
    found = rows.filter(pk=version_id).first()
    if found is None or not found.is_draft:
        raise RefusedError.of("instruments.not_draft", Place(key="version"))
    return found


@transaction.atomic
def save_content(
    scope: Scope, version_id: int, content: Mapping[str, Any], *, seen: int, what: str = "save"
) -> InstrumentVersion:
    """Write a draft. `seen`: the edit that the writer began from; refused when another one came between."""
    draft = draft_of(scope, version_id)
    if draft.edit != seen:
        raise RefusedError.of("instruments.edited_meanwhile", Place(key="version"))
    written = {**content, "id": draft.content["id"], "version": draft.version}
    if written == draft.content:
        return draft
    InstrumentEdit.objects.create(
        version=draft, number=draft.edit + 1, what=what[:60], before=draft.content,
        made_by_id=scope.user_id, made_at=now(),
    )  # fmt: skip
    draft.edits.filter(number__lte=draft.edit + 1 - KEPT_EDITS).delete()
    draft.content, draft.edit = written, draft.edit + 1
    draft.save(update_fields=["content", "edit"])
    return draft


@transaction.atomic
def undo_edit(scope: Scope, version_id: int) -> InstrumentVersion:
    """Take back the last edit that was not taken back yet; again and again to the first."""
    draft = draft_of(scope, version_id)
    last = draft.edits.first()
    if last is None:
        raise RefusedError.of("instruments.nothing_to_undo", Place(key="version"))
    draft.content, draft.edit = last.before, draft.edit + 1
    draft.save(update_fields=["content", "edit"])
    last.delete()
    return draft


@transaction.atomic
def go_back(scope: Scope, version_id: int, number: int) -> InstrumentVersion:
    """The draft as it was before edit `number`; an edit in its turn, which can be taken back as well."""
    draft = draft_of(scope, version_id)
    chosen = draft.edits.filter(number=number).first()
    if chosen is None:
        raise RefusedError.of("instruments.nothing_to_undo", Place(key="version"))
    return save_content(scope, version_id, chosen.before, seen=draft.edit, what="go_back")


@transaction.atomic
def delete_draft(scope: Scope, version_id: int) -> None:
    """Remove a draft with its edits; a questionnaire without versions goes with its last one."""
    draft = draft_of(scope, version_id)
    instrument = draft.instrument
    try:
        draft.delete()
    except ProtectedError:
        raise RefusedError.of("instruments.in_use", Place(key="version")) from None
    if not instrument.versions.exists():
        instrument.delete()
