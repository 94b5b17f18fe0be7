"""A custodian left while a round is open: the two others wrap the round's key for the successor.

Both bring file and passphrase, one after the other, as at closing; nothing else opens the boxes. The first
leaves a half that only the other one opens, for a day at most. The second brings the key forth in memory: it
is wrapped anew for the two and the successor, and what was wrapped for the one who left is destroyed. The
private key never becomes a file here. Ballots and the public key stay as they are.

Key files are opened before the transaction (it takes long); all is checked again under the lock of the
round's key, which everything takes that changes boxes or handovers, tidying too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.http import Http404

from minping_engine.errors import Place
from minping_web.ballots.models import Custodian, KeyHandover, RoundKey
from minping_web.ballots.rules.custody import Pair, key_id, wrap_for_pairs
from minping_web.ballots.rules.words import Body
from minping_web.ballots.selectors.handovers import RUNNING, lasting, may_withdraw, waiting
from minping_web.ballots.services import key_files
from minping_web.ballots.services.boxes import custodian_of, opened_inner, opened_outer, refuse_another
from minping_web.ballots.services.custody import CUSTODIAN, about_key, holders_now, private_key_of, still_fits
from minping_web.common.approval import require_fresh_factor
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.rounds.models import SurveyRound

LASTS = timedelta(hours=24)
SHORTEST_REASON = 4


class _Exchange(NamedTuple):
    """The round's key, the user's own among its three, whose goes and whose comes."""

    key: RoundKey
    mine: Custodian
    leaving: Custodian
    successor: Custodian


def begin(
    scope: Scope, round_id: int, leaving_id: int, *, reason: str, file: bytes, passphrase: str
) -> KeyHandover:
    """The first custodian's part. RefusedError where nobody left, nobody follows, or one is under way."""
    mine = _to_begin(scope, round_id, leaving_id).mine
    why = " ".join(reason.split())
    if len(why) < SHORTEST_REASON:
        raise RefusedError.of("custody.reason_missing", Place(key="reason"))
    private = private_key_of(mine, file, passphrase)
    with transaction.atomic():
        one = _to_begin(scope, round_id, leaving_id, locked=True)
        refuse_another(mine, one.mine)
        return _begin(one, why[:200], private)


def _begin(one: _Exchange, why: str, private: bytes) -> KeyHandover:
    pair = _pair(one)
    half = opened_outer(one.key, pair, private)
    made = KeyHandover.objects.create(
        round_id=one.key.pk, leaving=one.leaving, successor=one.successor, first=one.mine, reason=why,
        begun_at=now(),
    )  # fmt: skip
    key_files.destroy_handover(one.key.pk)  # of one that was written and never committed
    key_files.write_handover(one.key.pk, pair, half)
    return made


def finish(scope: Scope, round_id: int, *, file: bytes, passphrase: str) -> KeyHandover:
    """The second custodian's part: the key is wrapped for the successor. RefusedError as `begin`."""
    mine = _to_finish(scope, round_id)[0].mine
    private = private_key_of(mine, file, passphrase)
    with transaction.atomic():
        one, found = _to_finish(scope, round_id, locked=True)
        refuse_another(mine, one.mine)
        return _finish(one, found, private)


def _finish(one: _Exchange, found: KeyHandover, own: bytes) -> KeyHandover:
    key = one.key
    half = key_files.read_handover(key.pk, pair := Pair(found.first_id, one.mine.pk))
    _wrap_anew(one, opened_inner(key, pair, half, own))
    found.second, found.done_at = one.mine, now()
    found.save(update_fields=["second", "done_at"])
    stage("round.key_handed_over", _step(found), _record(found))
    _tidy_after_commit(key.pk)
    return found


def _to_begin(scope: Scope, round_id: int, leaving_id: int, *, locked: bool = False) -> _Exchange:
    """What a handover would exchange, if one may begin."""
    key, mine = _ready(scope, round_id, locked=locked)
    if waiting(round_id) is not None:
        raise RefusedError.of("handover.begun_already")
    return _exchange(key, mine, leaving_id)


def _to_finish(scope: Scope, round_id: int, *, locked: bool = False) -> tuple[_Exchange, KeyHandover]:
    """What it exchanges and what the first began, if this user may finish it."""
    key, mine = _ready(scope, round_id, locked=locked)
    found = _begun(round_id)
    if mine.pk in (found.first_id, found.leaving_id):
        raise RefusedError.of("handover.other_custodian")
    one = _exchange(key, mine, found.leaving_id)
    if one.successor.pk != found.successor_id:
        raise RefusedError.of("handover.other_successor")
    return one, found


def _begun(round_id: int) -> KeyHandover:
    """What the first began, if that still counts."""
    found = waiting(round_id)
    if found is None or found.begun_at < now() - LASTS or not still_fits(found.first):
        raise RefusedError.of("handover.not_begun")
    return found


@transaction.atomic
def withdraw(scope: Scope, round_id: int) -> None:
    """Take back what was begun; the two who stay may, and nobody else."""
    scope.require(CUSTODIAN)
    require_fresh_factor(scope)
    _locked(round_id)
    found = waiting(round_id)
    if found is None:
        raise RefusedError.of("handover.not_begun")
    if not may_withdraw(scope.user_id, found):
        raise RefusedError.of("handover.not_yours")
    _end(found)


def end_stale() -> int:
    """By the clock: what nobody finished within a day, or whose round has ended; gives how many."""
    rounds = KeyHandover.objects.filter(done_at=None, ended_at=None).values_list("round_id", flat=True)
    return sum(_ended_stale(round_id) for round_id in list(rounds))


@transaction.atomic
def _ended_stale(round_id: int) -> bool:
    """Whether there was one to end, once nobody else writes at this round's key."""
    _locked(round_id)
    found = waiting(round_id)
    if found is None or lasting(found, now() - LASTS):
        return False
    _end(found)
    return True


def _end(found: KeyHandover) -> None:
    found.ended_at = now()
    found.save(update_fields=["ended_at"])
    _tidy_after_commit(found.round_id)


def _locked(round_id: int) -> RoundKey | None:
    """The round's key; whoever changes its boxes or its handover waits here for the one before.

    On SQLite the transaction is the lock.
    """
    return RoundKey.objects.select_for_update().filter(pk=round_id).first()


def _ready(scope: Scope, round_id: int, *, locked: bool) -> tuple[RoundKey, Custodian]:
    """The round's key and the user's own among its three."""
    scope.require(CUSTODIAN)
    require_fresh_factor(scope)
    key = _locked(round_id) if locked else RoundKey.objects.filter(pk=round_id).first()
    if key is None or key.destroyed_on is not None:
        raise Http404
    # A statement of its own: the round may have ended while this one waited for the lock.
    if not SurveyRound.objects.filter(pk=round_id, state__in=RUNNING).exists():
        raise RefusedError.of("handover.not_running")
    return key, custodian_of(scope, key)


def _exchange(key: RoundKey, mine: Custodian, leaving_id: int) -> _Exchange:
    """Who left, and whose key follows."""
    leaving = Custodian.objects.filter(pk=leaving_id, pk__in=key.holders).exclude(pk=mine.pk).first()
    if leaving is None or leaving.retired_at is None:
        raise RefusedError.of("handover.nobody_left")
    successor = holders_now().get(Body(leaving.body))
    if successor is None or successor.pk in key.holders:
        raise RefusedError.of("handover.no_successor", body=str(leaving.get_body_display()))
    staying = Custodian.objects.filter(pk__in=key.holders).exclude(pk=leaving.pk)
    if staying.filter(user_id=successor.user_id).exists():
        raise RefusedError.of("custody.two_bodies")
    return _Exchange(key, mine, leaving, successor)


def _pair(one: _Exchange) -> Pair:
    """This custodian, and the one who must come after."""
    mine, leaving = one.mine.pk, one.leaving.pk
    return Pair(mine, next(other for other in one.key.holders if other not in (mine, leaving)))


def _wrap_anew(one: _Exchange, private: bytes) -> None:
    """New boxes first, then the names in the database, then (after the commit) the old boxes go.

    Where one of the new boxes cannot be read again nothing is committed: the old ones still open the round.
    """
    key, ids = one.key, sorted({*one.key.holders, one.successor.pk} - {one.leaving.pk})
    keys = {row.pk: bytes(row.public_key) for row in Custodian.objects.filter(pk__in=ids)}
    boxes = wrap_for_pairs(private, keys, about_key(key.pk, key.key_id))
    key_files.write_wrapped(key.pk, key.key_id, boxes)
    key.holders = ids
    key.save(update_fields=["holders"])
    if any(key_files.read_wrapped(key.pk, key.key_id, pair) != box for pair, box in boxes.items()):
        raise RefusedError.of("handover.boxes_incomplete")


def _tidy_after_commit(round_id: int) -> None:
    """What fails there is logged and left to the clock: the handover itself stands."""
    transaction.on_commit(lambda: _tidied(round_id), robust=True)


@transaction.atomic
def _tidied(round_id: int) -> None:
    """Halves that no waiting handover left go, and boxes for whoever is no holder any more.

    By what lies on the disk, under the lock: in the middle of a handover the boxes on the disk are ahead of
    the names in the database. While a holder's box is missing none is destroyed.
    """
    key, found = _locked(round_id), waiting(round_id)
    if found is None:
        key_files.destroy_handover(round_id)
    else:
        key_files.keep_handover(round_id, found.first_id)
    if key is None or key.destroyed_on is not None:
        return
    if key_files.has_all_wrapped(round_id, key.key_id, key.holders):
        key_files.keep_wrapped(round_id, key.key_id, key.holders)


def tidy_open_rounds() -> None:
    """By the clock, after a process was killed before or after a commit."""
    running = RoundKey.objects.filter(destroyed_on=None, round__state__in=RUNNING)
    for round_id in sorted({*running.values_list("pk", flat=True), *key_files.rounds_with_handovers()}):
        _tidied(round_id)


def _step(found: KeyHandover) -> str:
    return f"round-{found.round_id}-key-handed-over-{found.pk}"


def _record(found: KeyHandover) -> dict[str, object]:
    successor = found.successor
    return {
        "round": found.round_id,
        "body": successor.body,
        "from": found.leaving_id,
        "to": successor.pk,
        "holder": successor.user_id,
        "key": key_id(bytes(successor.public_key)),
        "public_key": bytes(successor.public_key).hex(),
        "by": sorted(one.pk for one in (found.first, found.second) if one),
        **committed("reason", found.reason, step=_step(found)),
    }
