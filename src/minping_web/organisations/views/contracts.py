"""Contracts: list, one within its tree, and the forms that change it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.organisations.exports import contract_rows
from minping_web.organisations.forms import ContractForm, initial_below, initial_of_contract
from minping_web.organisations.imports import CONTRACTS
from minping_web.organisations.models import Contract
from minping_web.organisations.rules import yuan
from minping_web.organisations.selectors import (
    EDIT,
    VIEW,
    amount_running,
    contracts_seen,
    filtered_contracts,
    may_edit,
    places_seen,
    tree_of,
)
from minping_web.organisations.services import delete_contract, save_contract


@page(VIEW)
def contract_list(request: ScopedRequest) -> HttpResponse:
    """Search, filter, export."""
    text, state = asked(request, "q"), asked(request, "state")
    seen = contracts_seen(request.scope)
    found = filtered_contracts(seen, text, state, main_only=asked(request, "level") == "main")
    if wants_export(request):
        return export_response(request, CONTRACTS, contract_rows(request.scope, found))
    context = {
        "page": paged(request, found),
        "text": text,
        "state": state,
        "level": asked(request, "level"),
        "running": yuan(amount_running(seen, today())),
        "may_edit": request.scope.may(EDIT),
        "today": today(),
    }
    return render(request, "organisations/contracts.html", context)


def _contract(request: ScopedRequest, pk: int) -> Contract:
    return get_object_or_404(contracts_seen(request.scope), pk=pk)


@page()
def contract_detail(request: ScopedRequest, pk: int) -> HttpResponse:
    """One contract within its tree."""
    contract = _contract(request, pk)
    node = tree_of(request.scope, contract)
    places = places_seen(request.scope, contract)
    context = {
        "contract": contract,
        "tree": node,
        "here": next(line for line in node.lines() if line.contract.pk == contract.pk),
        "places": places,
        "elsewhere": contract.places.count() > len(places),
        "may_edit": may_edit(request.scope, contract.principal.area),
        "may_list": request.scope.may(VIEW),
        "today": today(),
    }
    return render(request, "organisations/contract.html", context)


@page(EDIT, methods=("GET", "POST"))
def contract_add(request: ScopedRequest) -> HttpResponse:
    """A new contract; with `?main=` a sub-contract of that one."""
    initial: dict[str, Any] = {}
    back = reverse("organisations:contracts")
    if asked(request, "main").isdigit():
        main = _contract(request, int(asked(request, "main")))
        initial, back = initial_below(main), reverse("organisations:contract", args=[main.pk])
    form = ContractForm(request.POST or None, scope=request.scope, initial=initial)

    def save() -> str:
        contract = save_contract(request.scope, form.draft())
        return reverse("organisations:contract", args=[contract.pk])

    title = _("Add a sub-contract") if initial else _("Add a contract")
    return edited(request, form, save=save, context={"title": title, "back": back})


@page(EDIT, methods=("GET", "POST"))
def contract_edit(request: ScopedRequest, pk: int) -> HttpResponse:
    """Other values for a contract."""
    contract = _contract(request, pk)
    form = ContractForm(request.POST or None, scope=request.scope, initial=initial_of_contract(contract))
    back = reverse("organisations:contract", args=[pk])

    def save() -> str:
        save_contract(request.scope, form.draft(), existing=contract)
        return back

    title = _("Edit contract %(code)s") % {"code": contract.code}
    return edited(request, form, save=save, context={"title": title, "back": back})


@page(EDIT, methods=("GET", "POST"))
def contract_delete(request: ScopedRequest, pk: int) -> HttpResponse:
    """Remove a contract that was entered by mistake."""
    contract = _contract(request, pk)
    back = reverse("organisations:contract", args=[pk])
    context: dict[str, Any] = {
        "title": _("Remove contract %(code)s?") % {"code": contract.code},
        "lead": _("Only for contracts entered by mistake. The list of changes can undo this."),
        "back": back,
        "submit": _("Remove"),
    }
    if request.method != "POST":
        return render(request, "minping/confirm.html", context)
    try:
        delete_contract(request.scope, contract)
    except RefusedError as refused:
        context["problems"] = lines(refused.problems)
        return render(request, "minping/confirm.html", context, status=422)
    messages.success(request, _("The contract was removed."))
    return redirect("organisations:contracts")
