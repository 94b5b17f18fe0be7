"""Pages for staff and auditors: the log at a glance, its entries, opening records."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import export_response, file_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.ledger import selectors
from minping_web.ledger.exports import ENTRIES, rows
from minping_web.ledger.forms import OpenRecordsForm
from minping_web.ledger.models import StagedEntry
from minping_web.ledger.services import export_opened
from minping_web.ledger.services.committing import salt_of

MOST_EXPORTED = 100_000
STATES = ("waiting", "sealed", "forgotten", "lost")


@page(selectors.VIEW)
def overview(request: ScopedRequest) -> HttpResponse:
    """Size, checkpoint, what waits, whether all copies agree, the last recheck."""
    _whole(request, selectors.VIEW)
    standing = selectors.standing()
    check = selectors.last_check(standing.log)
    context = {
        "standing": standing,
        "log": standing.log,
        "problems": lines(standing.problems),
        "kinds": selectors.kinds(),
        "lost": selectors.lost_count(),
        "alarms": lines(selectors.witness_alarms(request.scope)),
        "has_mirror": settings.LEDGER_MIRROR is not None,
        "check": check,
        "found": lines(selectors.problems_of(check)),
        "may_open": request.scope.reach(selectors.EXPORT).whole,
    }
    return render(request, "ledger/overview.html", context)


def _whole(request: ScopedRequest, permission: str) -> None:
    """The log is one for the whole district, and so must be the right to it."""
    if not request.scope.reach(permission).whole:
        raise PermissionDenied(permission)


@page(selectors.VIEW)
def entries(request: ScopedRequest) -> HttpResponse:
    """The entries, newest first; what they say is shown to nobody here."""
    _whole(request, selectors.VIEW)
    filters = _filters(request)
    found = selectors.listed_entries(request.scope, filters)
    if wants_export(request):
        return export_response(request, ENTRIES, rows(found[:MOST_EXPORTED].iterator(), _record_word))
    context = {
        "page": paged(request, found),
        "filters": filters,
        "filtered": filters != selectors.EntryFilters(),
        "kinds": selectors.kinds(),
        "may_open": request.scope.reach(selectors.EXPORT).whole,
    }
    return render(request, "ledger/entries.html", context)


def _record_word(entry: StagedEntry) -> str:
    if entry.is_lost:
        return _("lost in a restore")
    return _("kept") if entry.nonce else _("forgotten")


def _filters(request: ScopedRequest) -> selectors.EntryFilters:
    state = request.GET.get("state", "")
    return selectors.EntryFilters(
        text=asked(request, "q", 120),
        kind=request.GET.get("kind", "")[:60],
        state=state if state in STATES else "",
    )


@page(selectors.EXPORT, methods=("GET", "POST"), fresh_factor=True)
def open_records(request: ScopedRequest) -> HttpResponse:
    """Hand records and nonces to an auditor, for a reason that the log keeps."""
    _whole(request, selectors.EXPORT)
    form = OpenRecordsForm(request.POST or None, kinds=selectors.kinds())
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        content = export_opened(
            request.scope,
            reason=asked["reason"],
            kind=asked["kind"],
            first=asked["first"] or 0,
            last=asked["last"],
        )
        return file_response(content, f"opened-{today():%Y%m%d}.jsonl", "application/jsonl")
    context = {"form": form, "problems": [], "stated": selectors.stated_reasons(salt_of)}
    return render(request, "ledger/open.html", context, status=422 if request.method == "POST" else 200)
