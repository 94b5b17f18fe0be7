"""Contacts as a file: a reason, a second person for more than a few, a permit for a day, a trace for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.crypto import keyring
from minping_web.common.language import listed
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import ContactAccess, ContactExport, Frame, Unit
from minping_web.frames.rules import EXPORT_DOWNLOADS, EXPORT_LASTS, EXPORTED_ALONE, Instrument
from minping_web.frames.selectors.areas import area_label
from minping_web.frames.selectors.staff import lock_user
from minping_web.frames.selectors.units import UnitFilters, area_seen, units_with_contacts
from minping_web.frames.services.log import log_access, stated_reason
from minping_web.frames.services.sealed_contacts import CONTACT_FIELDS, open_contact
from minping_web.ledger.services import stage

ACT = "frames.export"
Wanted = dict[str, Any]
"""Of a permit: frame, area (or None), instrument, rows, reason, asked_by."""


@transaction.atomic
def ask_export(
    scope: Scope, frame_id: int, *, area_id: int | None, instrument: str, reason: str
) -> ContactExport | Proposal:
    """A permit at once for a few contacts a day, else a proposal for a second person.

    Raises `RefusedError` without a reason or when there is nothing to export.
    """
    why = stated_reason(reason)
    area = area_seen(scope, area_id, "frames.export") if area_id else None
    wanted: Wanted = {
        "frame": frame_id, "area": area_id, "instrument": instrument, "reason": why,
        "asked_by": scope.user_id,
    }  # fmt: skip
    wanted["rows"] = _rows(scope, wanted).count()
    if not wanted["rows"]:
        raise RefusedError.of("frame.nothing_to_export", Place())
    lock_user(scope.user_id)
    if _permitted_alone_today(scope) + wanted["rows"] <= EXPORTED_ALONE:
        return _permit(wanted, approved_by=None)
    title = _("Export %(n)s contacts") % {"n": wanted["rows"]}
    path = area.path if area else ""
    return approval.propose(scope, ACT, title=title, reason=why, payload=wanted, area_path=path)


def _permitted_alone_today(scope: Scope) -> int:
    """Contacts that this person was permitted within a day without a second one, in whatever frames."""
    alone = ContactExport.objects.filter(asked_by_id=scope.user_id, approved_by=None)
    return alone.filter(made_at__gt=now() - timedelta(days=1)).aggregate(sum=Sum("rows"))["sum"] or 0


def carry_export(scope: Scope, payload: Wanted) -> ContactExport:
    """What the second person sets going."""
    return _permit(payload, approved_by=scope.user_id)


def describe(payload: Wanted) -> list[tuple[str, str]]:
    """What the second person reads: everything that the permit will say."""
    frame = Frame.objects.filter(pk=payload["frame"]).first()
    return [
        (_("Frame"), str(frame)),
        (_("Area"), area_label(payload["area"]) or _("All places of the one who asks")),
        (_("Questionnaire"), _questionnaire(payload["instrument"])),
        (_("Contacts"), str(payload["rows"])),
        (_("Fields"), listed([_("Phone"), _("Second phone"), _("Address")])),
        (_("Downloads"), _("%(n)s within a day") % {"n": EXPORT_DOWNLOADS}),
        (_("Reason"), payload["reason"]),
    ]


def _questionnaire(instrument: str) -> str:
    return str(Instrument(instrument).label) if instrument else _("All questionnaires")


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Export contacts"), "frames.export", carry_export,
        describe=describe, decided_by="frames.approve_export",
    )  # fmt: skip


@transaction.atomic
def open_export(scope: Scope, export_id: int) -> Iterator[dict[str, str]]:
    """The rows of a permit for the one who asked; counts the download, logs it, stages it for the ledger.

    Foreign permits are 404. Raises `RefusedError` when it expired, was used too often, or when more contacts
    would leave than were permitted.
    """
    scope.require("frames.export")
    permits = ContactExport.objects.select_for_update(of=("self",)).filter(asked_by_id=scope.user_id)
    permit = get_object_or_404(permits, pk=export_id)
    if permit.expires_at <= now() or permit.downloads >= EXPORT_DOWNLOADS:
        raise RefusedError.of("frame.export_ended")
    wanted = {"frame": permit.frame_id, "area": permit.area_id, "instrument": permit.filters["instrument"]}
    units = list(_rows(scope, wanted))
    if len(units) > permit.rows:
        raise RefusedError.of("frame.export_grew", Place(), found=len(units), permitted=permit.rows)
    ContactExport.objects.filter(pk=permit.pk).update(downloads=F("downloads") + 1)
    log_access(
        scope, ContactAccess.Act.EXPORTED, reason=permit.reason, fields=CONTACT_FIELDS,
        frame_id=permit.frame_id, area_id=permit.area_id, rows=len(units),
    )  # fmt: skip
    record = {"export": permit.pk, "frame": permit.frame_id, "rows": len(units), "by": scope.user_id or 0,
              "second": permit.approved_by_id or 0, "download": permit.downloads + 1}  # fmt: skip
    stage("frame.contacts_exported", f"frame-export-{permit.pk}-{permit.downloads + 1}", record)
    return _plain(units)


def _plain(units: list[Unit]) -> Iterator[dict[str, str]]:
    ring = keyring()
    for unit in units:
        contact = open_contact(unit.contact, ring)
        yield {
            "area": unit.area.code,
            "house_code": unit.house_code,
            "building": unit.building,
            "kind": str(unit.get_kind_display()),
            "instrument": str(unit.get_instrument_display()),
            "phone": contact.phone,
            "second_phone": contact.second_phone,
            "address": contact.address,
        }


def _rows(scope: Scope, wanted: Wanted) -> Any:
    path = area_seen(scope, wanted["area"], "frames.export").path if wanted["area"] else ""
    filters = UnitFilters(area_path=path, instrument=wanted["instrument"])
    return units_with_contacts(scope, wanted["frame"], filters, permission="frames.export")


def _permit(wanted: Wanted, *, approved_by: int | None) -> ContactExport:
    moment = now()
    return ContactExport.objects.create(
        frame_id=wanted["frame"],
        area_id=wanted["area"],
        filters={"instrument": wanted["instrument"]},
        fields=list(CONTACT_FIELDS),
        rows=wanted["rows"],
        reason=wanted["reason"],
        asked_by_id=wanted["asked_by"],
        approved_by_id=approved_by,
        made_at=moment,
        expires_at=moment + EXPORT_LASTS,
    )
