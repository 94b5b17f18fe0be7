"""Which open rounds still hang on somebody who left, and how far handing their key over is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from minping_web.ballots.models import Custodian, KeyHandover, RoundKey
from minping_web.rounds.models import SurveyRound

RUNNING = (SurveyRound.State.OPEN, SurveyRound.State.STOPPED)


@dataclass(frozen=True)
class Orphaned:
    """A running round that is wrapped for somebody who retired since."""

    round: SurveyRound
    leaving: Custodian
    successor: Custodian | None
    """Whoever keeps the body's key now, once its file was tried."""
    staying: tuple[Custodian, ...]
    """The two others, who open the key together."""
    waiting: KeyHandover | None

    def expects(self, user_id: int | None) -> bool:
        """Whether this user is one of the two and has not come yet."""
        is_staying = any(one.user_id == user_id for one in self.staying)
        return is_staying and (self.waiting is None or self.waiting.first.user_id != user_id)

    def may_withdraw(self, user_id: int | None) -> bool:
        """Whether this user may take back what was begun."""
        return self.waiting is not None and may_withdraw(user_id, self.waiting)


def waiting(round_id: int) -> KeyHandover | None:
    """The handover that its first custodian began."""
    rows = KeyHandover.objects.filter(round_id=round_id, done_at=None, ended_at=None)
    return rows.select_related("leaving__user", "successor__user", "first__user", "round").first()


def lasting(found: KeyHandover, since: datetime) -> bool:
    """Whether one that was begun may still be finished."""
    return found.begun_at >= since and found.round.state in RUNNING


def may_withdraw(user_id: int | None, found: KeyHandover) -> bool:
    """Whether this user is one of the two who stay; who left has no say any more."""
    holders = RoundKey.objects.get(pk=found.round_id).holders
    staying = Custodian.objects.filter(pk__in=holders).exclude(pk=found.leaving_id)
    return user_id is not None and staying.filter(user_id=user_id).exists()


def orphaned(*, round_id: int | None = None) -> list[Orphaned]:
    """Running rounds with a custodian who left, the newest first."""
    keys = RoundKey.objects.filter(destroyed_on=None, round__state__in=RUNNING).select_related("round")
    if round_id is not None:
        keys = keys.filter(pk=round_id)
    found = [_orphaned(key) for key in keys.order_by("-pk")]
    return [one for some in found for one in some]


def orphaned_of(round_id: int, custodian_id: int) -> Orphaned:
    """One of them, else 404."""
    for one in orphaned(round_id=round_id):
        if one.leaving.pk == custodian_id:
            return one
    raise Http404


def _orphaned(key: RoundKey) -> list[Orphaned]:
    holders = list(Custodian.objects.filter(pk__in=key.holders).select_related("user"))
    begun = waiting(key.pk)
    return [
        Orphaned(
            key.round, one, _successor(one),
            tuple(other for other in holders if other.pk != one.pk),
            begun if begun and begun.leaving_id == one.pk else None,
        )
        for one in holders if one.retired_at is not None
    ]  # fmt: skip


def _successor(leaving: Custodian) -> Custodian | None:
    rows = Custodian.objects.filter(body=leaving.body, retired_at=None, proven_on__isnull=False)
    return rows.select_related("user").first()


def handed_over(round_id: int) -> list[KeyHandover]:
    """What was handed over in a round, oldest first."""
    rows = KeyHandover.objects.filter(round_id=round_id, done_at__isnull=False)
    people = ("leaving__user", "successor__user", "first__user", "second__user")
    return list(rows.select_related(*people).order_by("done_at"))
