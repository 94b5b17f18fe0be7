"""Links for raters without an account: made, shown once, revoked, made anew (S47, S103, S106).

The secret leaves this module once, on its way to paper or a file; the table keeps a hash of it. The ledger
says how many links a call has, never for whom. A link works until the call ends, as often as wanted.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.rules.links import (
    LINKABLE,
    LONGEST_NAME,
    MOST_AT_ONCE,
    SHORTEST_REASON,
    link_hash,
)
from minping_web.appraisals.selectors.evidence import EDIT
from minping_web.appraisals.selectors.paper import about_name, name_of
from minping_web.appraisals.selectors.raters import group_of
from minping_web.appraisals.services.calls import (
    fresh_numbers,
    group_problems,
    refuse_while_closing,
    require_everywhere,
)
from minping_web.ballots.rules.pace import Pace
from minping_web.common.clock import today
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import kept
from minping_web.places.models import Area
from minping_web.rounds.rules.tokens import new_token

ENTRY = "evidence.links"
HANDED_OUT = "evidence.links_handed_out"
REVOKED = "evidence.link_revoked"
_wrong = Pace(60, 60)
"""Links that nobody has: a mistyped one now and then, not a thousand of them."""


@dataclass(frozen=True)
class LinkDraft:
    """What the form asks: how many links, or a name for each; `reason`: why, needed where names leave."""

    count: int = 0
    names: Sequence[str] = ()
    place: Area | None = None
    kind: str = ""
    reason: str = ""

    @property
    def n(self) -> int:
        """How many links."""
        return len(self.names) or self.count


@dataclass(frozen=True)
class IssuedLink:
    """One link on its way out; nobody can read it again."""

    number: int
    name: str
    place: str
    token: str


@transaction.atomic
def issue_links(scope: Scope, call: RaterCall, draft: LinkDraft) -> list[IssuedLink]:
    """Call so many people without an account. Raises `RefusedError` with all that does not fit."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(call.round_id)
    problems = [*_call_problems(call), *_draft_problems(call, draft)]
    problems += group_problems(call, draft.kind, draft.n)
    if problems:
        raise RefusedError(problems)
    names = list(draft.names) or [""] * draft.count
    made = [
        _issued(call, draft, number, name)
        for number, name in zip(fresh_numbers(call, len(names)), names, strict=True)
    ]
    _note(scope, call, made, draft.reason)
    return made


def _call_problems(call: RaterCall) -> list[Problem]:
    problems = []
    if group_of(call).source not in LINKABLE:
        problems.append(Problem("appraisal.no_links_for_group"))
    if call.is_over_on(today()):
        params: dict[str, object] = {"first": call.opens_on, "last": call.ends_on}
        problems.append(Problem("appraisal.not_open", params=params))
    return problems


def _draft_problems(call: RaterCall, draft: LinkDraft) -> list[Problem]:
    problems = []
    if not 1 <= draft.n <= MOST_AT_ONCE:
        problems.append(Problem("appraisal.too_many_links", Place(key="count"), {"most": MOST_AT_ONCE}))
    if any(len(name) > LONGEST_NAME for name in draft.names):
        problems.append(Problem("appraisal.name_too_long", Place(key="names"), {"most": LONGEST_NAME}))
    if call.own_place_only and draft.place is None:
        problems.append(Problem("appraisal.place_missing", Place(key="place")))
    if draft.names and len(draft.reason.strip()) < SHORTEST_REASON:
        params: dict[str, object] = {"least": SHORTEST_REASON}
        problems.append(Problem("appraisal.too_short", Place(key="reason"), params))
    return problems


def _issued(call: RaterCall, draft: LinkDraft, number: int, name: str) -> IssuedLink:
    token = new_token()
    row = CalledRater.objects.create(
        call=call, number=number, kind=draft.kind, place=draft.place, link=link_hash(token),
        link_made_on=today(),
    )  # fmt: skip
    if name:
        row.name = keyring().seal(name, about_name(row.pk))
        row.save(update_fields=["name"])
    return IssuedLink(number, name, draft.place.name if draft.place else "", token)


def _note(scope: Scope, call: RaterCall, made: Sequence[IssuedLink], reason: str) -> None:
    """How many links the call has now; and, where names leave with them, who took them and why."""
    by_link = CalledRater.objects.filter(call=call, user__isnull=True).count()
    about = {"round": call.round_id, "call": call.pk, "group": call.group}
    step = f"rater-links-{call.pk}-{secrets.token_hex(8)}"
    stage(ENTRY, step, {**about, "made": len(made), "by_link": by_link})
    if any(one.name for one in made):
        named = {**about, "rows": len(made), "by": scope.user_id}
        out = f"{step}-handed-out"
        stage(HANDED_OUT, out, {**named, **kept("reason", reason.strip(), step=out)})


@transaction.atomic
def make_anew(scope: Scope, call: RaterCall, rater_id: int, *, reason: str = "") -> IssuedLink:
    """Another link for the same rater: the one before ends at once, and what was only saved goes with it.

    Not once marks were handed in: whoever makes the link could open it, read them and write others.
    """
    require_everywhere(scope, EDIT)
    refuse_while_closing(call.round_id)
    rater = _by_link(call, rater_id)
    name = name_of(rater)
    problems = _call_problems(call)
    if rater.handed_in_at is not None:
        problems.append(Problem("appraisal.handed_in_by_link"))
    if name and len(reason.strip()) < SHORTEST_REASON:
        problems.append(Problem("appraisal.too_short", Place(key="reason"), {"least": SHORTEST_REASON}))
    if problems:
        raise RefusedError(problems)
    token = new_token()
    rater.link, rater.link_made_on, rater.revoked_on = link_hash(token), today(), None
    rater.sheet, rater.saved_at = None, None
    rater.save(update_fields=["link", "link_made_on", "revoked_on", "sheet", "saved_at"])
    made = IssuedLink(rater.number, name, rater.place.name if rater.place else "", token)
    _note(scope, call, [made], reason)
    return made


@transaction.atomic
def revoke(scope: Scope, call: RaterCall, rater_id: int) -> None:
    """End a link at once; marks that were handed in stay, or links could be ended for what they marked."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(call.round_id)
    rater = _by_link(call, rater_id)
    if rater.revoked_on is None:
        rater.revoked_on = today()
        rater.save(update_fields=["revoked_on"])
        about = {"round": call.round_id, "call": call.pk, "handed_in": rater.handed_in_at is not None}
        stage(REVOKED, f"rater-link-revoked-{rater.pk}-{secrets.token_hex(8)}", about)


def _by_link(call: RaterCall, rater_id: int) -> CalledRater:
    rows = CalledRater.objects.select_for_update(of=("self",)).select_related("place")
    return rows.get(call=call, pk=rater_id, user__isnull=True)


def may_try_again() -> bool:
    """Whether one more unknown link is answered; no address of a visitor is kept for it."""
    return _wrong.takes(time.monotonic())
