"""What may be done to a round out of the ordinary: each with its reason, a row that stays and a ledger entry.

What only holds (postpone, stop, resume, revoke, stop an area) one person does at once: in an accident minutes
count. What costs money, discards votes or moves the end takes two. An app above that keeps votes hears of a
cancelled round through a registered hook.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from minping_engine.errors import Place
from minping_web.channels.services.printing import cancel_run, cancel_runs_of
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.rounds.models import Accident, InvitationToken, RoundArea, SurveyRound, TokenBatch
from minping_web.rounds.rules.words import AccidentKind, Channel
from minping_web.rounds.selectors.rounds import locked_round
from minping_web.rounds.services.drafting import LONGEST_DAYS, require_everywhere
from minping_web.rounds.services.folders import forget_list
from minping_web.rounds.services.inviting import end_tokens, guard_tokens, owner_of
from minping_web.rounds.services.secrets import destroy_secrets

ACCIDENT = "rounds.accident"
SHORTEST_REASON = 4
State = SurveyRound.State
BEFORE = (State.FIXED, State.DRAWING, State.DRAWN)
RUNNING = (State.OPEN, State.STOPPED)

Canceller = Callable[[Scope, SurveyRound], object]
_cancellers: list[Canceller] = []


def register_canceller(canceller: Canceller) -> Canceller:
    """What must be done with votes and keys of a cancelled round; called inside its transaction."""
    if canceller not in _cancellers:
        _cancellers.append(canceller)
    return canceller


@transaction.atomic
def postpone(scope: Scope, round_id: int, *, days: int, reason: str) -> Accident:
    """Move beginning and end of a round that is not open yet."""
    found = _round(scope, round_id, BEFORE)
    if not 1 <= days <= LONGEST_DAYS:
        raise RefusedError.of("round.out_of_range", Place(key="days"), low=1, high=LONGEST_DAYS, found=days)
    before = _dates(found)
    found.opens_at += timedelta(days=days)
    found.closes_at += timedelta(days=days)
    _contacts_last(found)
    found.save(update_fields=["opens_at", "closes_at"])
    return written_down(scope, found, AccidentKind.POSTPONE, reason, before=before, after=_dates(found))


@transaction.atomic
def extend(scope: Scope, round_id: int, *, closes_at: datetime, reason: str) -> Accident:
    """Move the end of an open round to a later moment; by two persons (`acts`)."""
    found = _round(scope, round_id, RUNNING)
    if closes_at <= found.closes_at or closes_at - found.opens_at > timedelta(days=LONGEST_DAYS):
        raise RefusedError.of("round.extend_later", Place(key="closes_at"), days=LONGEST_DAYS)
    before = _dates(found)
    found.closes_at = closes_at
    _contacts_last(found)
    found.save(update_fields=["closes_at"])
    return written_down(scope, found, AccidentKind.EXTEND, reason, before=before, after=_dates(found))


def _contacts_last(found: SurveyRound) -> None:
    if found.frame.needed_until < found.closes_at.date():
        until = found.frame.needed_until.isoformat()
        raise RefusedError.of("round.contacts_too_short", Place(key="frame"), until=until)


@transaction.atomic
def stop(scope: Scope, round_id: int, *, reason: str) -> Accident:
    """No vote is taken until somebody resumes; those given stay."""
    found = _round(scope, round_id, (State.OPEN,))
    return _to_state(scope, found, State.STOPPED, AccidentKind.STOP, reason)


@transaction.atomic
def resume(scope: Scope, round_id: int, *, reason: str) -> Accident:
    """Votes are taken again."""
    found = _round(scope, round_id, (State.STOPPED,))
    if found.closes_at <= now():
        raise RefusedError.of("round.over_already", Place(key="closes_at"))
    return _to_state(scope, found, State.OPEN, AccidentKind.RESUME, reason)


@transaction.atomic
def cancel(scope: Scope, round_id: int, *, reason: str) -> Accident:
    """End a round for good without a count: votes are discarded, keys destroyed; by two persons (`acts`)."""
    found = _round(scope, round_id, (*BEFORE, *RUNNING))
    for canceller in _cancellers:
        canceller(scope, found)
    end_tokens(scope, InvitationToken.objects.filter(batch__round=found))
    cancel_runs_of(scope, owner_of(found), reason=reason)
    found.ended_at = now()
    found.save(update_fields=["ended_at"])
    written = _to_state(scope, found, State.CANCELLED, AccidentKind.CANCEL, reason)
    transaction.on_commit(lambda: destroy_secrets(round_id))
    transaction.on_commit(lambda: forget_list(round_id))
    return written


def _to_state(scope: Scope, found: SurveyRound, state: State, kind: AccidentKind, reason: str) -> Accident:
    before = {"state": str(found.state)}
    found.state = state
    found.save(update_fields=["state"])
    return written_down(scope, found, kind, reason, before=before, after={"state": str(state)})


@transaction.atomic
def revoke_batch(scope: Scope, round_id: int, batch_id: int, *, reason: str) -> Accident:
    """End the live tokens of a leaked batch; votes given with them stay. Its households need new ones."""
    found = _round(scope, round_id, (State.DRAWN, *RUNNING))
    batch = TokenBatch.objects.select_for_update(of=("self",)).get(pk=batch_id, round=found)
    if batch.revoked_at is not None:
        raise RefusedError.of("round.revoked_already")
    tokens = InvitationToken.objects.filter(batch=batch)
    guard_tokens(tokens)
    ended = end_tokens(scope, tokens)
    if batch.channel == Channel.QR and batch.owner_ref:
        _destroy_letters(scope, int(batch.owner_ref), reason)
    batch.revoked_at = now()
    batch.save(update_fields=["revoked_at"])
    after = {"batch": batch.title, "revoked": ended, "tokens": batch.tokens}
    return written_down(scope, found, AccidentKind.REVOKE, reason, after=after, batch=batch)


def _destroy_letters(scope: Scope, run_id: int, reason: str) -> None:
    """Letters that were not printed yet; of printed ones nothing is left here."""
    with suppress(RefusedError):
        cancel_run(scope, run_id, reason=reason)


@transaction.atomic
def stop_area(scope: Scope, round_id: int, area_id: int, *, reason: str) -> Accident:
    """No more votes from one area; those given count."""
    found = _round(scope, round_id, (State.DRAWN, *RUNNING))
    row = _area(found, area_id)
    if row.stopped:
        raise RefusedError.of("round.area_stopped")
    row.stopped = True
    row.save(update_fields=["stopped"])
    return written_down(scope, found, AccidentKind.STOP_AREA, reason, after={"area": row.area.code}, area=row)


@transaction.atomic
def rerun_area(scope: Scope, round_id: int, area_id: int, *, reason: str) -> Accident:
    """Void one area and draft a round that asks it again, with a draw of its own; by two persons (`acts`).

    A sealed ballot names its area only inside, so the area's ballots are left out when the round is closed.
    """
    found = _round(scope, round_id, (State.DRAWN, *RUNNING))
    row = _area(found, area_id)
    if row.voided:
        raise RefusedError.of("round.area_voided")
    row.stopped = row.voided = True
    row.save(update_fields=["stopped", "voided"])
    end_tokens(scope, InvitationToken.objects.filter(invitation__round=found, invitation__area_id=area_id))
    again = _draft_again(scope, found, row)
    after = {"area": row.area.code, "round": again.pk}
    return written_down(scope, found, AccidentKind.RERUN, reason, after=after, area=row)


def _draft_again(scope: Scope, found: SurveyRound, row: RoundArea) -> SurveyRound:
    again = SurveyRound.objects.create(
        name=f"{found.name} · {row.area.name}"[:80], period=found.period, frame=found.frame,
        scheme_id_wanted=found.scheme_id_wanted, level=found.level, subject=found.subject,
        is_pilot=found.is_pilot, design={**found.design, "areas": [row.area_id]}, rerun_of=found,
        opens_at=found.opens_at, closes_at=found.closes_at, made_by_id=scope.user_id, made_at=now(),
    )  # fmt: skip
    for one in found.instruments.all():
        again.instruments.create(audience=one.audience, version_id=one.version_id)
    return again


def _area(found: SurveyRound, area_id: int) -> RoundArea:
    return (
        RoundArea.objects.select_for_update(of=("self",))
        .select_related("area")
        .get(round=found, area_id=area_id)
    )


def written_down(
    scope: Scope,
    found: SurveyRound,
    kind: AccidentKind,
    reason: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    area: RoundArea | None = None,
    batch: TokenBatch | None = None,
) -> Accident:
    """The row and the ledger's entry, in the caller's transaction. Raises `RefusedError` without a reason."""
    why = " ".join(reason.split())
    if len(why) < SHORTEST_REASON:
        raise RefusedError.of("round.reason_missing", Place(key="reason"))
    made = Accident.objects.create(
        round=found, kind=kind, reason=why[:300], before=before or {}, after=after or {}, batch=batch,
        area_id=area.area_id if area else None, by_id=scope.user_id, at=now(),
    )  # fmt: skip
    step = f"{found.step_id}-{kind.value}-{made.pk}"
    told = made.after | ({"batch": batch.pk} if batch else {})  # its title was typed
    record = {"round": found.pk, **committed("reason", made.reason, step=step), "before": made.before,
              "after": told, "by": scope.user_id or 0, "at": made.at.isoformat()}  # fmt: skip
    stage(f"round.{kind.value}", step, record)
    return made


def _dates(found: SurveyRound) -> dict[str, str]:
    return {"opens_at": found.opens_at.isoformat(), "closes_at": found.closes_at.isoformat()}


def _round(scope: Scope, round_id: int, states: tuple[State, ...]) -> SurveyRound:
    require_everywhere(scope, ACCIDENT)
    found = locked_round(round_id)
    if found.state not in states:
        raise RefusedError.of("round.wrong_state", state=str(found.get_state_display()))
    return found
