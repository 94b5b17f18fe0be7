"""The two-person rule, once for the whole product.

An app registers what can be proposed (`Act`): its permission, what carrying it out does, how long a
proposal waits. One person proposes with a reason; another who holds the permission there approves with
a second factor given in the last minutes; then the act runs in the same transaction, so that it is
either decided and done, or neither. Refusing and withdrawing leave a trace as well. A proposal without a
place concerns the whole district and takes the whole district's permission.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.functional import Promise

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.pages import is_fresh
from minping_web.common.problems import RefusedError
from minping_web.common.scope import PATH_END, Scope, scope_of_user

VIEW = "approval.view"
"""Reads every proposal, decides none."""

Carry = Callable[[Scope, dict[str, Any]], object]
"""Carries the act out as the approver: `carry(scope, payload)`."""


@dataclass(frozen=True)
class Act:
    """Something that takes two persons."""

    kind: str
    title: str | Promise
    permission: str
    carry: Carry
    lasts: timedelta = timedelta(days=7)
    describe: Callable[[dict[str, Any]], list[tuple[str, str]]] = field(default=lambda payload: [])
    decided_by: str = ""
    """The permission of the second person where it is another one than the first person's."""

    @property
    def deciding(self) -> str:
        """The permission that decides."""
        return self.decided_by or self.permission


@dataclass(frozen=True)
class Shown:
    """A secret that an act brought forth: the page shows it once, to whoever carried the act out."""

    title: str
    text: str
    is_path: bool = False
    """The text is a path of this site; the page puts its own address before it."""


_acts: dict[str, Act] = {}


def register(act: Act) -> Act:
    """Make an act known; called when an app is wired."""
    _acts[act.kind] = act
    return act


def act_of(kind: str) -> Act:
    """The registered act; KeyError for an unknown kind is a fault of ours."""
    return _acts[kind]


def acts() -> dict[str, Act]:
    """All registered acts by kind."""
    return dict(_acts)


@transaction.atomic
def propose(
    scope: Scope, kind: str, *, title: str, reason: str, payload: dict[str, Any], area_path: str = ""
) -> Proposal:
    """Open a proposal; the proposer needs the act's permission at the area."""
    act = act_of(kind)
    if scope.user_id is None or not _holds(scope, act.permission, area_path):
        raise PermissionDenied(act.permission)
    if not reason.strip():
        raise RefusedError.of("approval.reason_missing", Place(key="reason"))
    moment = now()
    return Proposal.objects.create(
        kind=kind,
        title=title,
        reason=reason.strip(),
        payload=payload,
        area_path=area_path,
        proposer_id=scope.user_id,
        proposed_at=moment,
        expires_at=moment + act.lasts,
    )


@transaction.atomic
def approve(scope: Scope, proposal_id: int, *, note: str = "", seen: str | None = None) -> object:
    """Decide and carry out; returns what the act returns. `seen`: the digest of what the page told.

    Raises `RefusedError` when it is not open any more, the same person asks, the second factor is missing
    or stale, the proposer has lost the right since, or what would happen is not what was seen;
    `PermissionDenied` without the permission.
    """
    proposal = _open_proposal(scope, proposal_id)
    if proposal.proposer_id == scope.user_id:
        raise RefusedError.of("approval.same_person")
    require_fresh_factor(scope)
    act = act_of(proposal.kind)
    if not _holds(scope_of_user(proposal.proposer_id), act.permission, proposal.area_path):
        raise RefusedError.of("approval.proposer_lost_right")
    if seen is not None and not hmac.compare_digest(seen.encode(), told_digest(proposal).encode()):
        raise RefusedError.of("approval.changed")
    outcome = act.carry(scope, proposal.payload)
    _decide(scope, proposal, Proposal.State.EXECUTED, note)
    return outcome


def told_digest(proposal: Proposal) -> str:
    """Of everything that the page tells about a proposal: another one means that something has moved."""
    act = _acts.get(proposal.kind)
    with translation.override("en"):  # somebody may read in one language and decide in another
        told = act.describe(proposal.payload) if act else []
        words = [[str(part) for part in line] for line in told]
    text = json.dumps([proposal.pk, proposal.title, proposal.payload, words], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def refuse(scope: Scope, proposal_id: int, *, note: str) -> None:
    """Say no, with a reason; one's own proposal is withdrawn instead."""
    proposal = _open_proposal(scope, proposal_id)
    if proposal.proposer_id == scope.user_id:
        raise RefusedError.of("approval.same_person")
    if not note.strip():
        raise RefusedError.of("approval.reason_missing", Place(key="note"))
    _decide(scope, proposal, Proposal.State.REFUSED, note.strip())


@transaction.atomic
def withdraw(scope: Scope, proposal_id: int) -> None:
    """The proposer takes it back."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id, proposer_id=scope.user_id)
    if not _is_open(proposal):
        raise RefusedError.of("approval.not_open")
    _decide(scope, proposal, Proposal.State.WITHDRAWN, "")


def require_fresh_factor(scope: Scope) -> None:
    """Raise `RefusedError` unless a second factor was given a short while ago."""
    if not is_fresh(scope):
        raise RefusedError.of("approval.factor_needed")


def expire_proposals() -> int:
    """Close what waited too long; run by a job every hour. Returns how many."""
    waiting = Proposal.objects.filter(state=Proposal.State.OPEN, expires_at__lte=now())
    return waiting.update(state=Proposal.State.EXPIRED, decided_at=now())


def decidable(scope: Scope) -> QuerySet[Proposal]:
    """What waits for this person's decision: open, somebody else's, within the act's permission."""
    waiting = Proposal.objects.filter(state=Proposal.State.OPEN, expires_at__gt=now())
    return waiting.filter(_within_acts(scope)).exclude(proposer_id=scope.user_id).select_related("proposer")


def visible(scope: Scope) -> QuerySet[Proposal]:
    """Own proposals, those within an act's permission, and all for who may look at every approval."""
    seen = Proposal.objects.select_related("proposer", "decider")
    if scope.may_everywhere(VIEW):
        return seen
    return seen.filter(Q(proposer_id=scope.user_id) | _within_acts(scope))


def _within_acts(scope: Scope) -> Q:
    found = Q(pk__in=())
    for act in _acts.values():
        reach = scope.reach(act.deciding)
        if reach.whole:
            found |= Q(kind=act.kind)
        for root in reach.paths:
            found |= Q(kind=act.kind, area_path__gte=root, area_path__lt=root + PATH_END)
    return found


def _holds(scope: Scope, permission: str, area_path: str) -> bool:
    if area_path:
        return scope.may(permission, area_path)
    return scope.may_everywhere(permission)


def _is_open(proposal: Proposal) -> bool:
    return proposal.state == Proposal.State.OPEN and proposal.expires_at > now()


def _open_proposal(scope: Scope, proposal_id: int) -> Proposal:
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    act = _acts.get(proposal.kind)
    if act is None:  # proposed by an earlier version that knew more acts
        raise RefusedError.of("approval.not_open")
    if not _holds(scope, act.deciding, proposal.area_path):
        raise PermissionDenied(act.deciding)
    if not _is_open(proposal):
        raise RefusedError.of("approval.not_open")
    return proposal


def _decide(scope: Scope, proposal: Proposal, state: Proposal.State, note: str) -> None:
    proposal.state, proposal.decider_id = state, scope.user_id
    proposal.decided_at, proposal.decision_note = now(), note
    proposal.save(update_fields=["state", "decider", "decided_at", "decision_note"])
