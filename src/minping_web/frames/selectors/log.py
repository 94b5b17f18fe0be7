"""The log of access to contacts, and permits to export."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from minping_web.common.scope import Scope, within
from minping_web.frames.models import ContactAccess, ContactExport


def accesses(
    scope: Scope, *, act: str = "", search: str = "", first: date | None = None, last: date | None = None
) -> QuerySet[ContactAccess]:
    """Accesses that an auditor may read; those without an area are seen by who may read everywhere."""
    rows = within(ContactAccess.objects.all(), scope, "frames.log", "area__path")
    if act:
        rows = rows.filter(act=act)
    if search:
        rows = rows.filter(Q(actor_label__icontains=search) | Q(reason__icontains=search))
    if first:
        rows = rows.filter(at__date__gte=first)
    if last:
        rows = rows.filter(at__date__lte=last)
    return rows.select_related("frame", "area").order_by("-pk")


def own_exports(scope: Scope, frame_id: int) -> QuerySet[ContactExport]:
    """One's own permits of a frame, newest first."""
    permits = ContactExport.objects.filter(frame_id=frame_id, asked_by_id=scope.user_id)
    return permits.select_related("area", "approved_by")
