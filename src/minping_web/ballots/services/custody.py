"""Custodians: three bodies, one key file each; the round's key pair, wrapped for their pairs at opening.

A custodian's key counts only once its holder has shown that the file opens (`drill`): a download that never
arrived must not become known at closing. Retiring takes nothing back: rounds that are open stay wrapped for
the three of their day of opening. Every change leaves an entry in the ledger.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place
from minping_web.access.rules import Role
from minping_web.access.selectors import roles_held
from minping_web.ballots.models import Custodian, RoundKey
from minping_web.ballots.rules import custody as rules
from minping_web.ballots.rules.words import Body
from minping_web.ballots.services.key_files import forbid_core_dumps, write_wrapped
from minping_web.common.approval import require_fresh_factor
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.services.secrets import bind_public_key

CUSTODIAN = "closing.custodian"
BODY_OF: dict[Role, Body] = {
    Role.DISTRICT_BUREAU: Body.BUREAU,
    Role.SURVEY_MANAGER: Body.THIRD_PARTY,
    Role.AUDITOR: Body.AUDITOR,
}
"""For which body somebody may keep a key: who orders the round, who carries it out, who checks both."""


def bodies_of(user_id: int | None) -> list[Body]:
    """The bodies that a user can be custodian of."""
    held = roles_held(user_id) if user_id is not None else frozenset()
    return [body for role, body in BODY_OF.items() if role in held]


@transaction.atomic
def make_key(scope: Scope, body: str, passphrase: str) -> tuple[Custodian, bytes]:
    """A key pair for the user as custodian of a body; the file is given out this once and kept nowhere."""
    scope.require(CUSTODIAN)
    require_fresh_factor(scope)
    if scope.user_id is None or body not in bodies_of(scope.user_id):
        raise PermissionDenied(CUSTODIAN)
    if len(passphrase) < rules.SHORTEST_PASSPHRASE:
        raise RefusedError.of(
            "custody.passphrase_short", Place(key="passphrase"), least=rules.SHORTEST_PASSPHRASE
        )
    standing = Custodian.objects.select_for_update().filter(retired_at=None)
    if standing.filter(user_id=scope.user_id).exclude(body=body).exists():
        raise RefusedError.of("custody.two_bodies")
    held = standing.filter(body=body).first()
    if held and held.proven_on:
        raise RefusedError.of("custody.body_taken")
    if held:  # made, but never opened: the file was lost on its way
        held.delete()
    forbid_core_dumps()
    made = rules.new_key_file(passphrase, body)
    row = Custodian.objects.create(
        user_id=scope.user_id, body=body, public_key=made.public_key, made_at=now()
    )
    return row, made.file


def drill(scope: Scope, file: bytes, passphrase: str) -> Custodian:
    """Does the user's file still open? The first time, the key begins to count."""
    scope.require(CUSTODIAN)
    held = Custodian.objects.filter(user=scope.user_id or 0, retired_at=None).first()
    if held is None:
        raise RefusedError.of("custody.no_key")
    private_key_of(held, file, passphrase)
    with transaction.atomic():
        row = Custodian.objects.select_for_update().get(pk=held.pk)
        if row.proven_on is None:
            stage("custodian.named", f"custodian-{row.pk}-named", _record(row))
        row.proven_on = today()
        row.save(update_fields=["proven_on"])
    return row


def private_key_of(custodian: Custodian, file: bytes, passphrase: str) -> bytes:
    """What the file holds, if it is this custodian's; raises `RefusedError` in words for a person.

    It takes some tenths of a second: call it before a transaction, since votes would wait for it on SQLite.
    """
    forbid_core_dumps()
    try:
        private = rules.open_key_file(file, passphrase)
    except rules.WrongPassphraseError:
        raise RefusedError.of("custody.wrong_passphrase", Place(key="passphrase")) from None
    except rules.NotAKeyFileError:
        raise RefusedError.of("custody.not_a_key_file", Place(key="file")) from None
    if rules.public_of(private) != bytes(custodian.public_key):
        raise RefusedError.of(
            "custody.other_key", Place(key="file"), key=rules.key_id(bytes(custodian.public_key))
        )
    return private


@transaction.atomic
def retire(scope: Scope, custodian_id: int, *, reason: str) -> Custodian:
    """End a custodian: their own body does it, or who starts closings; a successor makes a new key."""
    require_fresh_factor(scope)
    row = get_object_or_404(Custodian.objects.select_for_update(), pk=custodian_id, retired_at=None)
    require_may_retire(scope, row)
    if not reason.strip():
        raise RefusedError.of("custody.reason_missing", Place(key="reason"))
    row.retired_at, row.retired_because = now(), reason.strip()
    row.save(update_fields=["retired_at", "retired_because"])
    if row.proven_on:
        step = f"custodian-{row.pk}-retired"
        told = committed("reason", row.retired_because, step=step)
        stage("custodian.retired", step, _record(row) | told)
    return row


def require_may_retire(scope: Scope, row: Custodian) -> None:
    """Raise `PermissionDenied` for whoever is neither of the body nor starts closings."""
    own_body = scope.may(CUSTODIAN) and row.body in bodies_of(scope.user_id)
    if not own_body and not scope.may_everywhere("closing.start"):
        raise PermissionDenied(CUSTODIAN)


def _record(row: Custodian) -> dict[str, object]:
    return {
        "custodian": row.pk,
        "body": row.body,
        "holder": row.user_id,
        "key": rules.key_id(bytes(row.public_key)),
        "public_key": bytes(row.public_key).hex(),
    }


def holders_now() -> dict[Body, Custodian]:
    """The custodians whose keys count today."""
    rows = Custodian.objects.filter(retired_at=None, proven_on__isnull=False).select_related("user")
    return {Body(row.body): row for row in rows if still_fits(row)}


def still_fits(row: Custodian) -> bool:
    """Whether its holder still belongs to the body; who left it opens nothing for it any more."""
    return row.body in bodies_of(row.user_id)


@transaction.atomic
def make_round_key(round_id: int) -> RoundKey:
    """The key pair of a round at its opening; repeating gives the one that is there.

    Raises `RefusedError` unless all three bodies have a custodian: with two, the loss of one would be the
    loss of the round.
    """
    found = RoundKey.objects.filter(pk=round_id).first()
    if found is not None:
        return found
    holders = holders_now()
    missing = [body for body in Body if body not in holders]
    if missing:
        names = "、".join(str(body.label) for body in missing)
        raise RefusedError.of("custody.bodies_missing", missing=names)
    forbid_core_dumps()
    private, public = rules.new_pair()
    keys = {row.pk: bytes(row.public_key) for row in holders.values()}
    name = rules.key_id(public)
    write_wrapped(round_id, name, rules.wrap_for_pairs(private, keys, about_key(round_id, name)))
    bind_public_key(round_id, public)
    stage("round.key", f"round-{round_id}-key", {"round": round_id, "public_key": public.hex(),
          "custodians": sorted(keys)})  # fmt: skip
    return RoundKey.objects.create(round_id=round_id, public_key=public, key_id=name, holders=sorted(keys))


def at_opening(scope: Scope, survey_round: SurveyRound) -> dict[str, str]:
    """What `rounds` calls inside the transaction of an opening; goes into the ledger's entry."""
    key = make_round_key(survey_round.pk)
    return {"public_key": bytes(key.public_key).hex(), "key_id": key.key_id}


def about_key(round_id: int, key_id: str) -> str:
    """What the boxes of a round's key are bound to."""
    return f"round {round_id} {key_id}"
