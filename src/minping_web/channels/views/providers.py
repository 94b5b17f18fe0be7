"""Providers, the rules of messages, numbers that want none."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.channels.forms import NewProviderForm, NumberForm, ProviderForm, RulesForm
from minping_web.channels.models import Provider, UnsubscribedNumber
from minping_web.channels.selectors.texts import provider_of, providers_seen, unsubscribed_by_way
from minping_web.channels.services.carriers.template import secret_of
from minping_web.channels.services.numbers import channel_rules, subscribe_again, unsubscribe
from minping_web.channels.services.providing import COLUMNS, change_rules, propose_provider
from minping_web.channels.views.answers import Ask, asked_page, tried
from minping_web.common.pages import ScopedRequest, page


@page("channels.view")
def provider_list(request: ScopedRequest) -> HttpResponse:
    """Providers; of a secret only whether it is there."""
    rows = [(one, secret_of(one.name) is not None) for one in providers_seen(request.scope)]
    context = {"rows": rows, "may_edit": request.scope.may("channels.edit")}
    return render(request, "channels/provider_list.html", context)


@page("channels.edit", methods=("GET", "POST"))
def provider_new(request: ScopedRequest) -> HttpResponse:
    """Propose a new one."""
    form = NewProviderForm(request.POST or None)
    return _asked(request, form, "", _("New provider"))


@page("channels.edit", methods=("GET", "POST"))
def provider_edit(request: ScopedRequest, name: str) -> HttpResponse:
    """Propose other settings."""
    provider = provider_of(request.scope, name)
    start = {name: getattr(provider, name) for name in COLUMNS if name != "config"}
    form = ProviderForm(request.POST or None, initial=start | provider.config)
    return _asked(request, form, provider.name, _("Provider: %(name)s") % {"name": provider})


def _asked(request: ScopedRequest, form: ProviderForm, name: str, title: str) -> HttpResponse:
    ask = Ask(
        title, _("Propose"), reverse("channels:providers"),
        _("A second person must approve; until then nothing changes."),
        _(
            "Phones and links go to this address, so a second person approves every change. The secret is a "
            "file named after the provider in the folder “providers” of the key folder; it is never shown."
        ),
    )  # fmt: skip

    def save() -> object:
        data = form.cleaned_data
        values = form.values()
        return propose_provider(request.scope, name or values.pop("name"), values, reason=data["reason"])

    return asked_page(
        request,
        ask,
        form,
        save,
        (_("Proposed. A second person must approve."), reverse("channels:providers")),
    )


@page("channels.view")
def rules_page(request: ScopedRequest) -> HttpResponse:
    """Rules and the count of numbers that want no messages."""
    return _rules(request, NumberForm())


def _rules(request: ScopedRequest, form: NumberForm) -> HttpResponse:
    context = {
        "rules": channel_rules(), "ways": unsubscribed_by_way(),
        "count": UnsubscribedNumber.objects.count(), "number_form": form,
        "may_edit": request.scope.may("channels.edit"),
        "callback": [one for one in providers_seen(request.scope) if one.kind == Provider.Kind.HTTP],
    }  # fmt: skip
    return render(request, "channels/rules.html", context, status=422 if form.errors else 200)


@page("channels.edit", methods=("GET", "POST"))
def rules_edit(request: ScopedRequest) -> HttpResponse:
    """Change the rules."""
    form = RulesForm(request.POST or None, instance=channel_rules())
    back = reverse("channels:rules")
    ask = Ask(
        _("Rules of messages"), _("Save"), back,
        _("They hold for every batch from now on, also for those that are being sent."),
    )  # fmt: skip
    return asked_page(
        request, ask, form, lambda: change_rules(request.scope, form.cleaned_data), (_("Saved."), back)
    )


@page("channels.edit", methods=("GET", "POST"))
def number_wish(request: ScopedRequest) -> HttpResponse:
    """Somebody told the office what to do with a number."""
    if request.method != "POST":  # back from choosing the language on a form that was refused
        return redirect("channels:rules")
    form = NumberForm(request.POST)

    def act() -> None:
        if form.cleaned_data["wish"] == "stop":
            unsubscribe(form.cleaned_data["phone"], UnsubscribedNumber.Way.OFFICE)
        else:
            subscribe_again(request.scope, form.cleaned_data["phone"])

    if not form.is_valid():
        return _rules(request, form)
    return tried(request, act, _("Noted."), "channels:rules")
