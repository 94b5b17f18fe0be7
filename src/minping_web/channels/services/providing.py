"""Providers by two persons: whoever sets the address decides where telephone numbers and links go."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place, Problem
from minping_web.channels.models import ChannelRules, Provider
from minping_web.channels.services.carriers.template import HttpTemplate
from minping_web.common import approval
from minping_web.common.changes import recording
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

ACT = "channels.provider"
COLUMNS = ("title", "kind", "state", "number", "price_li", "per_second", "per_day", "idempotent", "config")


def propose_provider(scope: Scope, name: str, values: dict[str, Any], *, reason: str) -> Proposal:
    """Ask for a new provider, or other settings of one. Raises `RefusedError` with all faults."""
    found = _faults(values)
    if found:
        raise RefusedError(found)
    payload = {"name": name, "values": {column: values[column] for column in COLUMNS}}
    return approval.propose(
        scope, ACT, title=_("Provider: %(name)s") % {"name": values["title"]}, reason=reason, payload=payload
    )


def _faults(values: dict[str, Any]) -> list[Problem]:
    found = HttpTemplate.of(values["config"]).faults() if values["kind"] == Provider.Kind.HTTP else []
    if values["kind"] == Provider.Kind.FILE and not values["idempotent"]:
        values["idempotent"] = True
    if values["per_second"] < 1 or values["per_day"] < 1:
        found.append(Problem("channels.pace", Place(key="per_second")))
    return found


@transaction.atomic
def carry(scope: Scope, payload: dict[str, Any]) -> Provider:
    """What the second person sets going."""
    provider = Provider.objects.filter(name=payload["name"]).first() or Provider(name=payload["name"])
    for column, value in payload["values"].items():
        setattr(provider, column, value)
    provider.save()
    record = {
        "provider": provider.pk,
        "kind": provider.kind,
        "state": provider.state,
        "by": scope.user_id or 0,
    }
    stage("message_provider.changed", f"message-provider-{provider.pk}-{_steps(provider)}", record)
    return provider


def _steps(provider: Provider) -> int:
    """How often its settings were approved, this time included."""
    decided = Proposal.objects.filter(kind=ACT, payload__name=provider.name)
    return 1 + decided.filter(state=Proposal.State.EXECUTED).count()


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads: every setting, and what it was before where it changes."""
    before = Provider.objects.filter(name=payload["name"]).values(*COLUMNS).first() or {}
    old, new = _flat(before), _flat(payload["values"])
    lines = [(_("Short name"), payload["name"])]
    for key, value in new.items():
        was = old.get(key, value)
        told = value if was == value else _("%(new)s (before: %(old)s)") % {"new": value, "old": was}
        lines.append((key, told))
    return lines


def _flat(values: dict[str, Any]) -> dict[str, str]:
    """Settings with their words; those of the interface one by one."""
    flat: dict[str, str] = {}
    for column in COLUMNS[:-1]:
        if column in values:
            label = Provider._meta.get_field(column).verbose_name  # type: ignore[union-attr]
            flat[str(label)] = str(values[column])
    return flat | {key: str(value) for key, value in values.get("config", {}).items() if value}


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Change a provider of messages"), "channels.edit", carry,
        describe=describe, decided_by="channels.approve",
    )  # fmt: skip


def change_rules(scope: Scope, values: dict[str, Any]) -> ChannelRules:
    """Quiet hours, messages per number, the word that unsubscribes, the telephone."""
    scope.require("channels.edit")
    if not 0 <= values["quiet_until"] < values["quiet_from"] <= 24:
        raise RefusedError.of("channels.hours", Place(key="quiet_until"))
    with recording(scope, "channels.edit", _("Rules of messages")) as recorder:
        row = ChannelRules.objects.filter(pk=1).first()
        if row is None:
            row = ChannelRules.objects.create(pk=1)
        recorder.update(row, **values)
    return row
