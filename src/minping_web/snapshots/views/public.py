"""For everybody: is my ballot in the count, the list of all receipts, the record that the ledger sealed.

No account, no script. A receipt says that a ballot of one's slip is counted, not what it says; nothing that
is typed here is stored.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from minping_web.common.attempts import within_limits
from minping_web.common.edit_pages import paged
from minping_web.common.pages import ScopedRequest, page
from minping_web.snapshots.rules.receipts import read_receipt
from minping_web.snapshots.selectors.register import (
    counted_lines,
    counted_round,
    counted_rounds,
    find_receipt,
    opened_record,
)

TEXT = "text/plain; charset=utf-8"
OPEN = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


@page(public=True, methods=("GET", "POST"))
def check(request: ScopedRequest) -> HttpResponse:
    """Type a receipt: counted or not."""
    typed, said, found, status = request.POST.get("receipt", "")[:60], "", None, 200
    if request.method == "POST":
        receipt = read_receipt(typed)
        if not within_limits(request, "receipt"):
            said, status = "too_many", 429
        elif receipt is None:
            said, status = "no_receipt", 422
        else:
            found = find_receipt(receipt)
            said = "counted" if found else "not_counted"
    context = {"typed": typed, "said": said, "found": found, "rounds": counted_rounds()[:20]}
    response = render(request, "snapshots/check.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@page(public=True)
def counted(request: ScopedRequest, round_id: int) -> HttpResponse:
    """One closed round: area by area, with how to check it."""
    found = counted_round(round_id)
    search = request.GET.get("search", "").strip()[:80]
    areas = [one for one in found.areas if search in one["name"] or search in one["area"]]
    context = {"found": found, "page_obj": paged(request, areas), "search": search}
    return render(request, "snapshots/counted.html", context)


@page(public=True, bare=True)
def counted_list(request: ScopedRequest, round_id: int) -> HttpResponseBase:
    """All receipts, sorted, with the roots over them."""
    pieces = (piece.encode() for piece in counted_lines(counted_round(round_id)))
    return StreamingHttpResponse(pieces, content_type=TEXT, headers=OPEN)


@page(public=True)
def counted_record(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The line that opens the ledger's entry; 404 until the ledger has published it."""
    line = opened_record(counted_round(round_id))
    if line is None:
        raise Http404
    return HttpResponse(line, content_type="application/x-ndjson; charset=utf-8", headers=OPEN)
