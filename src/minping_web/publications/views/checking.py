"""Is this paper, page or file what was published? For everybody; nothing that is brought here is kept."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from minping_web.common.attempts import within_limits
from minping_web.common.pages import ScopedRequest, page
from minping_web.publications.forms import MOST_BYTES, HashingUploadHandler
from minping_web.publications.selectors.checking import Verdict, check_file, check_text

LONGEST = 200
STATUS = {"": 200, "too_many": 429, "too_large": 413, "empty": 422}


@csrf_exempt  # it changes nothing, and the handler must be set before anything reads the form
@page(public=True, methods=("GET", "POST"))
def check(request: ScopedRequest) -> HttpResponse:
    """A file, a hash or a code; a code may come with the address, as the picture on paper has it."""
    if request.method == "POST" or "code" in request.GET:
        allowed = within_limits(request, "published")
        typed, verdict, said = _answered(request) if allowed else ("", None, "too_many")
    else:
        typed, verdict, said = "", None, ""
    context = {"typed": typed, "verdict": verdict, "said": said, "most": MOST_BYTES // 1024 // 1024}
    status = 422 if verdict and verdict.kind == "unreadable" else STATUS[said]
    response = render(request, "publications/check.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _answered(request: ScopedRequest) -> tuple[str, Verdict | None, str]:
    """(what was typed, what was found, what to say where nothing was looked for)."""
    if request.method != "POST":
        typed = request.GET["code"][:LONGEST].strip()
        return typed, check_text(typed), ""
    handler = HashingUploadHandler(request)
    request.upload_handlers = [handler]
    typed = request.POST.get("text", "")[:LONGEST].strip()
    if handler.is_too_large:
        return "", None, "too_large"
    if handler.brought:
        return "", check_file(handler.brought), ""
    return (typed, check_text(typed), "") if typed else ("", None, "empty")
