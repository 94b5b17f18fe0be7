"""Texts and signatures: write, see the length, have them approved."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.channels import exports
from minping_web.channels.forms import ReasonForm, SignatureForm, TextFilterForm, TextForm, VersionForm
from minping_web.channels.models import TextVersion
from minping_web.channels.rules.texts import EXAMPLE, characters, composed, filled, parts_of
from minping_web.channels.selectors.texts import (
    signature_of,
    signatures_seen,
    text_of,
    texts_seen,
    version_of,
)
from minping_web.channels.services import wording
from minping_web.channels.services.numbers import channel_rules
from minping_web.channels.views.answers import Ask, asked_page, confirmed_page
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines

MOST_EXPORTED = 5_000


@page("channels.view")
def text_list(request: ScopedRequest) -> HttpResponse:
    """All texts and signatures: search, filters, export."""
    form = TextFilterForm(request.GET or None)
    rows = texts_seen(request.scope, **(form.cleaned_data if form.is_valid() else {}))
    if wants_export(request):
        return export_response(request, exports.TEXTS, exports.text_rows(rows[:MOST_EXPORTED]))
    context = {
        "form": form, "page_obj": paged(request, rows), "signatures": signatures_seen(request.scope),
        "may_edit": request.scope.may("channels.edit"),
    }  # fmt: skip
    return render(request, "channels/text_list.html", context)


@page("channels.view")
def text_page(request: ScopedRequest, text_id: int) -> HttpResponse:
    """One text with all its versions, as they arrive on a phone."""
    text = text_of(request.scope, text_id)
    shown = [
        (version, [_sample(version, language) for language in ("zh", "en")])
        for version in text.versions.all()
    ]
    context = {"text": text, "versions": shown, "may_edit": request.scope.may("channels.edit")}
    return render(request, "channels/text.html", context)


def _sample(version: TextVersion, language: str) -> dict[str, object]:
    whole = composed(
        version.signature.name, version.body(language), language=language, stop_word=channel_rules().stop_word
    )
    text = filled(whole, EXAMPLE)
    return {"text": text, "parts": parts_of(text), "characters": characters(text), "language": language}


@page("channels.edit", methods=("GET", "POST"))
def text_new(request: ScopedRequest) -> HttpResponse:
    """A new text."""
    ask = Ask(
        _("New text"), _("Go on to the wording"), reverse("channels:texts"),
        _("A text has a name and a purpose; what it says stands in versions."),
    )  # fmt: skip
    form = TextForm(request.POST or None)
    return asked_page(
        request, ask, form, lambda: wording.new_text(request.scope, **form.cleaned_data),
        (_("Saved. Open it and write its first version."), reverse("channels:texts")),
    )  # fmt: skip


@page("channels.edit", methods=("GET", "POST"))
def version_new(request: ScopedRequest, text_id: int) -> HttpResponse:
    """The next wording; `check` shows what would be said of it without saving."""
    text = text_of(request.scope, text_id)
    newest = text.versions.first()
    start = {"zh": newest.zh, "en": newest.en, "signature": newest.signature} if newest else {}
    form = VersionForm(request.POST or None, initial=start)
    back = reverse("channels:text", args=[text.pk])
    ask = Ask(
        _("New version: %(text)s") % {"text": text}, _("Save as draft"), back,
        _("The signature before it and the hint how to unsubscribe after it are added by themselves."),
        _("Up to 70 characters cost one part. Say who asks, what about and until when; nothing that sounds "
          "like advertising. A second person approves the wording before it can be sent."),
    )  # fmt: skip
    if request.method == "POST" and "check" in request.POST and form.is_valid():
        return _checked(request, text.purpose, form, ask)
    return asked_page(
        request,
        ask,
        form,
        lambda: _save(request, text.pk, form),
        (_("Saved as draft. Have it approved now."), back),
    )


def _save(request: ScopedRequest, text_id: int, form: VersionForm) -> object:
    data = form.cleaned_data
    return wording.new_version(
        request.scope, text_id, signature_id=data["signature"].pk, zh=data["zh"], en=data["en"]
    )


def _checked(request: ScopedRequest, purpose: str, form: VersionForm, ask: Ask) -> HttpResponse:
    data = form.cleaned_data
    found = wording.findings(purpose, data["signature"].name, zh=data["zh"], en=data["en"])
    draft = TextVersion(signature=data["signature"], zh=data["zh"], en=data["en"])
    broken = any(problem.code == "channels.gap_unknown" for problem in found)
    samples = [] if broken else [_sample(draft, language) for language in ("zh", "en")]
    context = {"ask": ask, "form": form, "problems": lines(found), "samples": samples}
    return render(request, "channels/form.html", context)


@page("channels.edit", methods=("GET", "POST"))
def version_propose(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Have a wording approved."""
    version = version_of(request.scope, version_id)
    return _proposed(request, "version", version.pk, reverse("channels:text", args=[version.text_id]))


@page("channels.edit", methods=("GET", "POST"))
def signature_propose(request: ScopedRequest, signature_id: int) -> HttpResponse:
    """Have a signature approved."""
    signature = signature_of(request.scope, signature_id)
    return _proposed(request, "signature", signature.pk, reverse("channels:texts"))


def _proposed(request: ScopedRequest, kind: str, row_id: int, back: str) -> HttpResponse:
    ask = Ask(
        _("Have it approved"), _("Propose"), back,
        _("A second person reads the whole wording and approves it; then it never changes."),
    )  # fmt: skip
    form = ReasonForm(request.POST or None)
    return asked_page(
        request, ask, form,
        lambda: wording.propose_wording(request.scope, kind, row_id, reason=form.cleaned_data["reason"]),
        (_("Proposed. A second person must approve."), back),
    )  # fmt: skip


@page("channels.edit", methods=("GET", "POST"))
def version_drop(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Delete a draft, asked once more."""
    version = version_of(request.scope, version_id)
    back = reverse("channels:text", args=[version.text_id])
    ask = Ask(
        _("Delete this draft"), _("Delete"), back,
        _("Version %(n)s was never approved and never sent. It cannot be brought back.")
        % {"n": version.number},
        danger=True,
    )  # fmt: skip
    return confirmed_page(
        request, ask, lambda: wording.drop_draft(request.scope, version.pk),
        (_("The draft is deleted."), back),
    )  # fmt: skip


@page("channels.edit", methods=("GET", "POST"))
def version_retire(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Take a wording out of use, asked once more."""
    version = version_of(request.scope, version_id)
    back = reverse("channels:text", args=[version.text_id])
    ask = Ask(
        _("Take out of use"), _("Take out of use"), back,
        _("New batches cannot take version %(n)s any more. This cannot be undone: to use the wording again, "
          "write it as a new version and have it approved.") % {"n": version.number},
        _("Batches that were opened with it go on. The public page still knows it, since messages with it "
          "may yet be read."),
        danger=True,
    )  # fmt: skip
    return confirmed_page(
        request, ask, lambda: wording.retire_version(request.scope, version.pk),
        (_("The wording is out of use. New batches cannot take it."), back),
    )  # fmt: skip


@page("channels.edit", methods=("GET", "POST"))
def signature_new(request: ScopedRequest) -> HttpResponse:
    """A new signature."""
    ask = Ask(
        _("New signature"), _("Save"), reverse("channels:texts"),
        _("The name before each message, as it was filed with the carrier."),
        _("Carriers drop messages whose signature was not filed with them."),
    )  # fmt: skip
    form = SignatureForm(request.POST or None)
    return asked_page(
        request, ask, form, lambda: wording.new_signature(request.scope, **form.cleaned_data),
        (_("Saved. Have it approved now."), reverse("channels:texts")),
    )  # fmt: skip
