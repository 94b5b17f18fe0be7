"""Who the witnesses are: entered and removed by two persons; each change is a policy that is logged."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import InputError, Place
from minping_engine.proof import COSIGNATURE, VerifierKey, verifier_key
from minping_engine.witness import WitnessPolicy, quorum_of
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger import selectors
from minping_web.ledger.models import PolicyVersion, Witness
from minping_web.ledger.services.committing import kept
from minping_web.ledger.services.posting import is_address
from minping_web.ledger.services.staging import stage
from minping_web.ledger.services.witnessing import MANAGE, publish_policy

ADD, REMOVE = "ledger.witness_add", "ledger.witness_remove"
ENTRY = "ledger.policy"


def propose_witness(scope: Scope, *, key: str, address: str, quorum: int, reason: str) -> Proposal:
    """Ask a second person to enter a witness. Raises `RefusedError` for a key or a number that cannot be."""
    found = _checked(key.strip(), address.strip(), quorum)
    payload = {
        "key": str(found),
        "address": address.strip(),
        "quorum": quorum,
        "reason": reason.strip()[:300],
    }
    title = _("Enter the witness %(name)s") % {"name": found.name}
    return approval.propose(scope, ADD, title=title[:200], reason=reason, payload=payload)


def propose_removal(scope: Scope, witness: Witness, *, quorum: int, reason: str) -> Proposal:
    """Ask a second person to remove a witness; `quorum` of those that stay must have signed then."""
    _refuse_quorum(quorum, selectors.present_witnesses().exclude(pk=witness.pk).count())
    payload = {"witness": witness.pk, "name": witness.name, "quorum": quorum, "reason": reason.strip()[:300]}
    title = _("Remove the witness %(name)s") % {"name": witness.name}
    return approval.propose(scope, REMOVE, title=title[:200], reason=reason, payload=payload)


def _checked(text: str, address: str, quorum: int) -> VerifierKey:
    try:
        key = verifier_key(text)
    except InputError:
        raise RefusedError.of("ledger.witness_key", Place(key="key")) from None
    present = list(selectors.present_witnesses())
    if key.kind != COSIGNATURE:
        raise RefusedError.of("ledger.witness_key", Place(key="key"))
    if any(one.name == key.name or verifier_key(one.verifier).public == key.public for one in present):
        raise RefusedError.of("ledger.witness_twice", Place(key="key"), name=key.name)
    if address and not is_address(address):
        raise RefusedError.of("ledger.witness_address", Place(key="address"))
    _refuse_quorum(quorum, len(present) + 1)
    return key


def _refuse_quorum(quorum: int, witnesses: int) -> None:
    if not min(1, witnesses) <= quorum <= witnesses:
        raise RefusedError.of("ledger.witness_quorum", Place(key="quorum"), witnesses=witnesses)


@transaction.atomic
def carry_add(scope: Scope, payload: dict[str, Any]) -> Witness:
    """Enter it; the policy that holds from now on is logged in the same transaction."""
    key = _checked(payload["key"], payload["address"], payload["quorum"])
    made = Witness.objects.create(
        name=key.name, verifier=str(key), address=payload["address"], reason=payload["reason"], added_at=now()
    )
    _new_policy(scope, payload, {"added": key.name})
    return made


@transaction.atomic
def carry_removal(scope: Scope, payload: dict[str, Any]) -> None:
    """It is asked no more; what it signed stays."""
    found = selectors.present_witnesses().filter(pk=payload["witness"]).first()
    if found is None:
        raise RefusedError.of("approval.not_open")
    found.removed_at = now()
    found.save(update_fields=["removed_at"])
    _refuse_quorum(payload["quorum"], selectors.present_witnesses().count())
    _new_policy(scope, payload, {"removed": found.name})


def _new_policy(scope: Scope, payload: dict[str, Any], told: dict[str, str]) -> PolicyVersion:
    """Names are those of bodies, which the policy publishes; the reason may name a person."""
    quorum = payload["quorum"]
    text = str(_policy(quorum))
    last = PolicyVersion.objects.first()
    made = PolicyVersion.objects.create(
        number=last.number + 1 if last else 1, quorum=quorum, text=text, made_at=now(),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    step = f"ledger.policy-{made.number}"
    record = {
        "number": made.number,
        "policy": text,
        "policy_sha256": made.sha256,
        "by": scope.user_id,
        **kept("reason", payload["reason"], step=step),
        **told,
    }
    stage(ENTRY, step, record)
    transaction.on_commit(lambda: publish_policy(text))
    return made


def _policy(quorum: int) -> WitnessPolicy:
    """Of all present witnesses; `none` where there is nobody."""
    keys = list(selectors.present_witnesses().values_list("verifier", flat=True))
    made = quorum_of(keys, quorum) if keys else WitnessPolicy({}, "none")
    log = selectors.current_log()
    return replace(made, logs=(verifier_key(log.verifier),)) if log else made


def describe_add(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads."""
    return [
        (_("Verifier key"), payload["key"]),
        (_("Address"), payload["address"] or _("none: signatures are brought by hand")),
        (_("Must have signed"), str(payload["quorum"])),
    ]


def describe_removal(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads."""
    return [(_("Witness"), payload["name"]), (_("Must have signed"), str(payload["quorum"]))]


def acts() -> list[approval.Act]:
    """The two-person acts."""
    return [
        approval.Act(ADD, gettext_lazy("Enter a witness"), MANAGE, carry_add, describe=describe_add),
        approval.Act(
            REMOVE, gettext_lazy("Remove a witness"), MANAGE, carry_removal, describe=describe_removal
        ),
    ]
