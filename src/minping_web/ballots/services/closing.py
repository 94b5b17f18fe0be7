"""Closing a round, up to the point where its ballots can be opened: end of voting, then two custodians.

States (vote.md): open -> closing -> written -> logged -> purged. Voting ends first, under the lock that every
vote shares, and only then do custodians bring their keys: nothing can be added to what they open. The first
leaves boxes that only another custodian can open, the second brings forth the private key; the count is work
of `snapshots`, queued by name. Nothing secret is in the database, in arguments of jobs, or in logs.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from minping_engine.errors import Problem
from minping_web.ballots.models import Custodian, RoundClosing, RoundKey
from minping_web.ballots.rules.custody import Pair
from minping_web.ballots.rules.words import ClosingState
from minping_web.ballots.selectors.paper import agreed_sheets
from minping_web.ballots.services import key_files
from minping_web.ballots.services.boxes import custodian_of, opened_inner, opened_outer, refuse_another
from minping_web.ballots.services.custody import CUSTODIAN, private_key_of, still_fits
from minping_web.common.approval import require_fresh_factor
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, system_scope
from minping_web.jobs.models import Job
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.services.ending import mark_closing
from minping_web.rounds.services.secrets import destroy_secrets, rounds_with_secrets, secrets_of
from minping_web.rounds.services.spending import ROUND_LOCK

START = "closing.start"
TASK, DISCARD = "snapshots.close", "snapshots.discard"
TRIES = 20
"""A killed worker uses one up; a refusal by a rule ends the job at once."""
ENDED = frozenset({SurveyRound.State.OPEN, SurveyRound.State.STOPPED})
BEFORE_LOGGED = (ClosingState.CLOSING, ClosingState.WRITTEN)


@transaction.atomic
def start_closing(scope: Scope, round_id: int) -> RoundClosing:
    """End the voting for good. Raises `RefusedError` before the announced end, whether stopped or not."""
    scope.require(START)
    require_fresh_factor(scope)
    found = get_object_or_404(SurveyRound, pk=round_id)
    if found.state in ENDED and now() < found.closes_at:
        raise RefusedError.of("closing.too_early", until=found.closes_at.strftime("%Y-%m-%d %H:%M"))
    return end_voting(scope, round_id, {})


def end_voting(scope: Scope, round_id: int, told: dict[str, Any]) -> RoundClosing:
    """The end itself, in the caller's transaction; what was `told` of it goes into the ledger.

    What refuses is found before the lock is taken: a closing that is not ready holds up no vote.
    """
    refuse_unready(get_object_or_404(SurveyRound, pk=round_id))
    lock_round(round_id)
    found = get_object_or_404(SurveyRound.objects.select_for_update(of=("self",)), pk=round_id)
    refuse_unready(found)
    if not told and now() < found.closes_at:  # extended while this one waited for the lock
        raise RefusedError.of("closing.too_early", until=found.closes_at.strftime("%Y-%m-%d %H:%M"))
    mark_closing(found)
    stage("round.closing", f"round-{round_id}-closing", {"round": round_id, **told})
    closing, _made = RoundClosing.objects.update_or_create(
        pk=round_id,
        defaults={"state": ClosingState.CLOSING, "started_by_id": scope.user_id, "started_at": now()},
    )
    return closing


def refuse_unready(found: SurveyRound) -> None:
    """Raise `RefusedError` where ending the voting would lose something, or there is nothing to end."""
    if found.state not in ENDED:
        raise RefusedError.of("closing.not_open")
    if not RoundKey.objects.filter(pk=found.pk, destroyed_on=None).exists():
        raise RefusedError.of("closing.no_key")
    sheets = agreed_sheets(found.pk)
    if sheets and found.state == SurveyRound.State.STOPPED and now() <= found.closes_at:
        raise RefusedError.of("closing.paper_stopped", sheets=sheets)
    if sheets:
        raise RefusedError.of("closing.paper_agreed", sheets=sheets)


def lock_round(round_id: int) -> None:
    """Wait until no vote of this round is under way and let none begin; on SQLite the write lock does it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ROUND_LOCK, round_id])


def bring_key(scope: Scope, round_id: int, file: bytes, passphrase: str) -> RoundClosing:
    """A custodian's part; the second one's queues the count. Raises `RefusedError` in words for a person.

    The file is opened before the transaction, which then checks everything once more.
    """
    _closing, _key, mine = _wanted(scope, round_id)
    private = private_key_of(mine, file, passphrase)
    with transaction.atomic():
        closing, key, again = _wanted(scope, round_id, locked=True)
        refuse_another(mine, again)
        _take_in(closing, key, mine, private)
        closing.save()
    return closing


def _wanted(scope: Scope, round_id: int, *, locked: bool = False) -> tuple[RoundClosing, RoundKey, Custodian]:
    """The closing, the round's key and the user's own among its three, if a key of theirs is wanted now.

    The round's key is locked as well: a handover that is being written changes whose boxes there are.
    """
    scope.require(CUSTODIAN)
    require_fresh_factor(scope)
    closings = RoundClosing.objects.select_for_update(of=("self",)) if locked else RoundClosing.objects.all()
    closing = get_object_or_404(closings, pk=round_id)
    if closing.state not in BEFORE_LOGGED or closing.second_custodian_id:
        raise RefusedError.of("closing.no_key_wanted")
    keys = RoundKey.objects.select_for_update() if locked else RoundKey.objects.all()
    key = keys.get(pk=round_id)
    mine = custodian_of(scope, key)
    first = _first_of(closing)
    if first is not None and (first.user_id == mine.user_id or first.body == mine.body):
        raise RefusedError.of("closing.same_custodian")
    return closing, key, mine


def _first_of(closing: RoundClosing) -> Custodian | None:
    """Who came first; nobody if they left the body since: another one begins anew."""
    first = closing.first_custodian
    return first if first is not None and still_fits(first) else None


def _take_in(closing: RoundClosing, key: RoundKey, mine: Custodian, private: bytes) -> None:
    """Leave the halves of the first, or bring forth the round's key with the second and queue the count."""
    first, closing.problem = _first_of(closing), {}
    if first is None:
        if closing.first_custodian is not None:
            key_files.withdraw_private(key.pk)
        _leave_halves(key, mine, private)
        closing.first_custodian = mine
        return
    pair = Pair(first.pk, mine.pk)
    half = key_files.read_half(key.pk, pair)
    key_files.write_private(key.pk, opened_inner(key, pair, half, private))
    closing.second_custodian, closing.job = mine, queue_count(key.pk)


def _leave_halves(key: RoundKey, mine: Custodian, private: bytes) -> None:
    """Open the outer box of each pair that begins with this custodian."""
    for other in (holder for holder in key.holders if holder != mine.pk):
        pair = Pair(mine.pk, other)
        key_files.write_half(key.pk, pair, opened_outer(key, pair, private))


def queue_count(round_id: int) -> Job:
    """The job that counts, acting for nobody: its two starters are named in the closing."""
    title = _("Count the round “%(name)s”") % {"name": SurveyRound.objects.get(pk=round_id).name}
    return enqueue(system_scope(), TASK, title=title, max_tries=TRIES, round_id=round_id)


def mark_written(round_id: int, sha256: str) -> None:
    """The snapshot lies in its folder and waits for the second process; a logged count stays as it is."""
    begun = RoundClosing.objects.filter(pk=round_id, state__in=BEFORE_LOGGED)
    begun.update(state=ClosingState.WRITTEN, snapshot_sha256=sha256)


def take_keys_back(round_id: int, problem: Problem) -> None:
    """The count was refused by a rule: no key stays on the disk, and both custodians must come again.

    A count that is logged is never taken back.
    """
    begun = RoundClosing.objects.filter(pk=round_id, state__in=BEFORE_LOGGED)
    if not begun.exists():
        return
    key_files.withdraw_private(round_id)
    told = {"code": problem.code, "params": {name: str(value) for name, value in problem.params.items()}}
    begun.update(state=ClosingState.CLOSING, problem=told, first_custodian=None, second_custodian=None)


def at_cancelling(scope: Scope, survey_round: SurveyRound) -> None:
    """What `rounds` calls inside the transaction of a cancellation: votes and keys are destroyed after it."""
    if RoundKey.objects.filter(pk=survey_round.pk, destroyed_on=None).exists():
        _queue_discard(survey_round.pk)


def _queue_discard(round_id: int) -> Job:
    return enqueue(system_scope(), DISCARD, max_tries=TRIES, round_id=round_id)


def cancelled_with_keys() -> list[int]:
    """Cancelled rounds whose sealed votes are still there."""
    rows = RoundKey.objects.filter(round__state=SurveyRound.State.CANCELLED, destroyed_on=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def cancelled_with_secrets() -> list[int]:
    """Rounds that were cancelled before they had a key, and whose secrets a crash left."""
    rows = SurveyRound.objects.filter(pk__in=rounds_with_secrets(), state=SurveyRound.State.CANCELLED)
    unopened = rows.exclude(pk__in=RoundKey.objects.values("pk")).order_by("pk").values_list("pk", flat=True)
    return [pk for pk in unopened if secrets_of(pk) is not None]


def resume_broken_off() -> int:
    """Queue what a lost job left: keys are there, or only the purge remains. By the clock. Gives how many."""
    waiting = RoundClosing.objects.exclude(state__in=(ClosingState.OPEN, ClosingState.PURGED))
    count = 0
    for closing in waiting.select_related("job"):
        ready = closing.state == ClosingState.LOGGED or key_files.read_private(closing.pk) is not None
        if ready and not (closing.job and closing.job.is_open):
            with transaction.atomic():
                RoundClosing.objects.filter(pk=closing.pk).update(job=queue_count(closing.pk))
            count += 1
    for round_id in cancelled_with_keys():
        _queue_discard(round_id)
        count += 1
    for round_id in cancelled_with_secrets():
        destroy_secrets(round_id)
        key_files.destroy_key_folder(round_id)
    return count
