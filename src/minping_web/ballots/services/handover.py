"""A custodian left while a round is open: the two others wrap the round's key for the successor.

Both bring file and passphrase, one after the other, as at closing; nothing else opens the boxes. The first
leaves a half that only the other one opens, for a day at most. The second brings the key forth in memory: it
is wrapped anew for the two and the successor, and what was wrapped for the one who left is destroyed. The
private key never becomes a file here. Ballots and the public key stay as they are.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place
from minping_web.ballots.models import Custodian, KeyHandover, RoundKey
from minping_web.ballots.rules.custody import Pair, key_id, wrap_for_pairs
from minping_web.ballots.rules.words import Body
from minping_web.ballots.selectors.handovers import RUNNING, lasting, waiting
from minping_web.ballots.services import key_files
from minping_web.ballots.services.boxes import custodian_of, opened_inner, opened_outer
from minping_web.ballots.services.custody import CUSTODIAN, about_key, holders_now, private_key_of, still_fits
from minping_web.common.approval import require_fresh_factor
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

LASTS = timedelta(hours=24)
SHORTEST_REASON = 4


@transaction.atomic
def begin(
    scope: Scope, round_id: int, leaving_id: int, *, reason: str, file: bytes, passphrase: str
) -> KeyHandover:
    """The first custodian's part. RefusedError where nobody left, nobody follows, or one is under way."""
    key, mine = _ready(scope, round_id)
    why = " ".join(reason.split())
    if len(why) < SHORTEST_REASON:
        raise RefusedError.of("custody.reason_missing", Place(key="reason"))
    if waiting(round_id) is not None:
        raise RefusedError.of("handover.begun_already")
    leaving, successor = _exchanged(key, mine, leaving_id)
    pair = _pair(key, mine, leaving)
    half = opened_outer(key, pair, private_key_of(mine, file, passphrase))
    made = KeyHandover.objects.create(
        round_id=round_id, leaving=leaving, successor=successor, first=mine, reason=why[:200], begun_at=now()
    )
    key_files.write_handover(round_id, pair, half)
    return made


@transaction.atomic
def finish(scope: Scope, round_id: int, *, file: bytes, passphrase: str) -> KeyHandover:
    """The second custodian's part: the key is wrapped for the successor. RefusedError as `begin`."""
    key, mine = _ready(scope, round_id)
    found = _begun(round_id)
    if mine.pk in (found.first_id, found.leaving_id):
        raise RefusedError.of("handover.other_custodian")
    leaving, successor = _exchanged(key, mine, found.leaving_id)
    if successor.pk != found.successor_id:
        raise RefusedError.of("handover.other_successor")
    half = key_files.read_handover(round_id, pair := Pair(found.first_id, mine.pk))
    private = opened_inner(key, pair, half, private_key_of(mine, file, passphrase))
    _wrap_anew(key, leaving, successor, private)
    found.second, found.done_at = mine, now()
    found.save(update_fields=["second", "done_at"])
    stage("round.key_handed_over", f"round-{round_id}-key-handed-over-{found.pk}", _record(found))
    transaction.on_commit(lambda: _tidied(round_id))
    return found


def _begun(round_id: int) -> KeyHandover:
    """What the first began, if that still counts."""
    found = waiting(round_id)
    if found is None or found.begun_at < now() - LASTS or not still_fits(found.first):
        raise RefusedError.of("handover.not_begun")
    return found


@transaction.atomic
def withdraw(scope: Scope, round_id: int) -> None:
    """Take back what was begun; every custodian may."""
    scope.require(CUSTODIAN)
    found = waiting(round_id)
    if found is None:
        raise RefusedError.of("handover.not_begun")
    _end(found)


def end_stale() -> int:
    """By the clock: what nobody finished within a day, or whose round has ended; gives how many."""
    stale = KeyHandover.objects.filter(done_at=None, ended_at=None)
    rows = [one for one in stale.select_related("round") if not lasting(one, now() - LASTS)]
    for one in rows:
        with transaction.atomic():
            _end(one)
    return len(rows)


def _end(found: KeyHandover) -> None:
    found.ended_at = now()
    found.save(update_fields=["ended_at"])
    transaction.on_commit(lambda: _tidied(found.round_id))


def _ready(scope: Scope, round_id: int) -> tuple[RoundKey, Custodian]:
    """The round's key, locked, and the user's own among its three."""
    scope.require(CUSTODIAN)
    require_fresh_factor(scope)
    rows = RoundKey.objects.select_for_update(of=("self",)).select_related("round")
    key = get_object_or_404(rows, pk=round_id, destroyed_on=None)
    if key.round.state not in RUNNING:
        raise RefusedError.of("handover.not_running")
    return key, custodian_of(scope, key)


def _exchanged(key: RoundKey, mine: Custodian, leaving_id: int) -> tuple[Custodian, Custodian]:
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
    return leaving, successor


def _pair(key: RoundKey, mine: Custodian, leaving: Custodian) -> Pair:
    """This custodian, and the one who must come after."""
    return Pair(mine.pk, next(one for one in key.holders if one not in (mine.pk, leaving.pk)))


def _wrap_anew(key: RoundKey, leaving: Custodian, successor: Custodian, private: bytes) -> None:
    """New boxes first, then the names in the database, then (after the commit) the old boxes go."""
    ids = sorted({*key.holders, successor.pk} - {leaving.pk})
    rows = Custodian.objects.filter(pk__in=ids)
    keys = {row.pk: bytes(row.public_key) for row in rows}
    boxes = wrap_for_pairs(private, keys, about_key(key.pk, key.key_id))
    key_files.write_wrapped(key.pk, key.key_id, boxes)
    key.holders = ids
    key.save(update_fields=["holders"])


def _tidied(round_id: int) -> None:
    """Halves go, and boxes for whoever is no holder any more; a killed process leaves that to the next."""
    key_files.destroy_handover(round_id)
    key = RoundKey.objects.filter(pk=round_id, destroyed_on=None).first()
    if key is not None:
        key_files.keep_wrapped(round_id, key.key_id, key.holders)


def tidy_open_rounds() -> None:
    """By the clock, after a process was killed between a commit and its tidying."""
    for key in RoundKey.objects.filter(destroyed_on=None, round__state__in=RUNNING):
        if waiting(key.pk) is None:
            _tidied(key.pk)


def _record(found: KeyHandover) -> dict[str, object]:
    successor = found.successor
    return {
        "round": found.round_id,
        "body": successor.body,
        "from": found.leaving_id,
        "to": successor.pk,
        "holder": str(successor.user),
        "key": key_id(bytes(successor.public_key)),
        "public_key": bytes(successor.public_key).hex(),
        "by": sorted(one.pk for one in (found.first, found.second) if one),
        "reason": found.reason,
    }
