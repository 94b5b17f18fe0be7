"""Pages for everybody: is this message real, end messages to a number; and the calls of carriers.

Nothing that is typed here is stored or logged. Attempts are limited per address and in all, per process:
enough against a program that runs wild. Limits per code are the business of whoever knows the codes.
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from minping_web.channels.forms import AskForm, StopForm
from minping_web.channels.models import UnsubscribedNumber
from minping_web.channels.rules.asking import Answer, Verdict, judged
from minping_web.channels.rules.codes import code_source, plain_code
from minping_web.channels.selectors.texts import known_wordings, public_facts
from minping_web.channels.services.numbers import channel_rules, unsubscribe
from minping_web.channels.services.receipts import take_call
from minping_web.common.clock import now
from minping_web.common.pages import page

PER_ADDRESS, IN_ALL, WINDOW = 20, 600, 60
LARGEST_CALL = 2_000_000


@page(public=True, methods=("GET", "POST"))
def is_real(request: HttpRequest) -> HttpResponse:
    """Is this message real?"""
    form = AskForm(request.POST or None)
    answer, status = None, 200
    if request.method == "POST":
        if not _may_ask(request, "real"):
            answer, status = Answer(Verdict.UNKNOWN, "too_many"), 429
        elif form.is_valid():
            answer = _answer(form.cleaned_data["text"], form.cleaned_data["code"])
        else:
            status = 422
    context = {"form": form, "answer": answer, "facts": public_facts(), "rules": channel_rules()}
    return render(request, "channels/real.html", context, status=status)


def _answer(text: str, code: str) -> Answer:
    if text:
        return judged(text, known_wordings(), public_facts().hosts)
    source = code_source()
    known = source.was_given_out(plain_code(code)) if source else None
    if known is None:
        return Answer(Verdict.UNKNOWN, "code_unknown")
    return Answer(Verdict.YES, "code") if known else Answer(Verdict.NO, "code_not_ours")


@page(public=True, methods=("GET", "POST"))
def stop(request: HttpRequest) -> HttpResponse:
    """End messages to one's own number. The code of a message to that number is asked for: otherwise
    anybody could keep invitations from households whose judgement he fears."""
    form = StopForm(request.POST or None)
    said, status = "", 200
    if request.method == "POST":
        if not _may_ask(request, "stop"):
            said, status = "too_many", 429
        elif not form.is_valid():
            status = 422
        elif _is_theirs(form.cleaned_data["code"], form.cleaned_data["phone"]):
            unsubscribe(form.cleaned_data["phone"], UnsubscribedNumber.Way.PAGE)
            said = "done"
        else:
            said, status = "not_together", 422
    context = {"form": form, "said": said, "rules": channel_rules(), "facts": public_facts()}
    return render(request, "channels/stop.html", context, status=status)


def _is_theirs(code: str, phone: str) -> bool:
    source = code_source()
    last = code.strip().rstrip("/").rpartition("/")[2]
    return source is not None and source.belongs_to(plain_code(last), phone)


def _may_ask(request: HttpRequest, what: str) -> bool:
    """Count one attempt in this minute."""
    slot = int(now().timestamp()) // WINDOW
    address = hashlib.sha256(str(request.META.get("REMOTE_ADDR", "")).encode()).hexdigest()[:16]
    counts = []
    for name in (f"{what}:{address}:{slot}", f"{what}:{slot}"):
        cache.add(name, 0, timeout=2 * WINDOW)
        counts.append(cache.incr(name))
    return counts[0] <= PER_ADDRESS and counts[1] <= IN_ALL


@csrf_exempt
@page(public=True, methods=("POST",))
def receipts(request: HttpRequest, name: str) -> HttpResponse:
    """A carrier calls: receipts and replies, signed. Whatever is wrong, the answer is one and the same."""
    length = request.headers.get("Content-Length", "0")
    if not length.isdecimal() or int(length) > LARGEST_CALL:
        return JsonResponse({"taken": None}, status=404)
    taken = take_call(
        name, request.body, stamp=request.headers.get("X-Timestamp", ""),
        signature=request.headers.get("X-Signature", ""),
    )  # fmt: skip
    return JsonResponse({"taken": taken}, status=404 if taken is None else 200)
