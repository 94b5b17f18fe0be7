"""The boxes that a round's private key lies in: who may open them, the outer one, the inner one.

Two custodians open a round together, at closing (`closing`) or to wrap its key for a successor (`handover`).
"""

from __future__ import annotations

from minping_web.ballots.models import Custodian, RoundKey
from minping_web.ballots.rules import custody as rules
from minping_web.ballots.services import key_files
from minping_web.ballots.services.custody import about_key, still_fits
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope


def custodian_of(scope: Scope, key: RoundKey) -> Custodian:
    """The user's key among those that the round is wrapped for, retired since or not."""
    mine = Custodian.objects.filter(user=scope.user_id or 0, pk__in=key.holders).first()
    if mine is None:
        raise RefusedError.of("closing.not_a_custodian")
    if not still_fits(mine):
        raise RefusedError.of("closing.role_ended", body=str(mine.get_body_display()))
    return mine


def refuse_another(before: Custodian, locked: Custodian) -> None:
    """Raise `RefusedError` where the file was opened for another key than the one found under the lock."""
    if before.pk != locked.pk:
        raise RefusedError.of("closing.not_a_custodian")


def opened_outer(key: RoundKey, pair: rules.Pair, private: bytes) -> bytes:
    """The inner box of a pair, which only its second opens; by the first's private key."""
    box = key_files.read_wrapped(key.pk, key.key_id, pair)
    return _unboxed(key, pair, box, private, outer=True)


def opened_inner(key: RoundKey, pair: rules.Pair, half: bytes | None, private: bytes) -> bytes:
    """The round's private key, by the second's private key; checked against the public one."""
    found = _unboxed(key, pair, half, private, outer=False)
    if rules.public_of(found) != bytes(key.public_key):
        raise RefusedError.of("closing.box_damaged")
    return found


def _unboxed(key: RoundKey, pair: rules.Pair, box: bytes | None, private: bytes, *, outer: bool) -> bytes:
    if box is None:
        raise RefusedError.of("closing.box_missing")
    try:
        return (rules.open_outer if outer else rules.open_inner)(
            box, private, pair, about_key(key.pk, key.key_id)
        )
    except rules.NotForThisKeyError:
        raise RefusedError.of("closing.box_damaged") from None
