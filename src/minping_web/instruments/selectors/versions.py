"""Questionnaires hold for the whole district: whoever may see any sees all."""

from __future__ import annotations

from django.db.models import Count, Max, Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.common.scope import Scope
from minping_web.instruments.models import Instrument, InstrumentEdit, InstrumentVersion

VIEW, EDIT = "instruments.view", "instruments.edit"


def instruments(scope: Scope, *, search: str = "", state: str = "") -> QuerySet[Instrument]:
    """Questionnaires with numbers of versions; none without the right."""
    if not scope.may(VIEW):
        return Instrument.objects.none()
    rows = Instrument.objects.annotate(
        drafts=Count("versions", filter=Q(versions__state="draft")),
        frozen=Count("versions", filter=Q(versions__state="frozen")),
        last=Max("versions__made_at"),
    )
    if search:
        rows = rows.filter(
            Q(code__icontains=search) | Q(title__icontains=search) | Q(title_en__icontains=search)
        )
    if state == "draft":
        rows = rows.filter(drafts__gt=0)
    elif state == "frozen":
        rows = rows.filter(frozen__gt=0)
    return rows.order_by("code")


def instrument_of(scope: Scope, instrument_id: int) -> Instrument:
    """One questionnaire, else 404."""
    return get_object_or_404(instruments(scope), pk=instrument_id)


def versions(scope: Scope, *, search: str = "", frozen_only: bool = False) -> QuerySet[InstrumentVersion]:
    """Versions of all questionnaires, newest first within each."""
    if not scope.may(VIEW):
        return InstrumentVersion.objects.none()
    rows = InstrumentVersion.objects.select_related(
        "instrument", "made_by", "frozen_by", "scheme_version"
    ).defer("scheme_version__files")
    if search:
        named = Q(instrument__title__icontains=search) | Q(instrument__title_en__icontains=search)
        rows = rows.filter(named | Q(instrument__code__icontains=search))
    return rows.filter(state=InstrumentVersion.State.FROZEN) if frozen_only else rows


def version_of(scope: Scope, version_id: int) -> InstrumentVersion:
    """One version, else 404."""
    return get_object_or_404(versions(scope), pk=version_id)


def neighbours(scope: Scope, version: InstrumentVersion) -> list[InstrumentVersion]:
    """All versions of its questionnaire, newest first, itself among them."""
    return list(versions(scope).filter(instrument_id=version.instrument_id).order_by("-pk"))


def edits_of(version: InstrumentVersion) -> QuerySet[InstrumentEdit]:
    """Edits of a draft, newest first, without what was there before."""
    return version.edits.select_related("made_by").defer("before")
