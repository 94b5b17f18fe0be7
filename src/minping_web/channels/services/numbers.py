"""Numbers that want no messages, and how often a number was written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import QuerySet

from minping_engine.errors import Place
from minping_web.channels.models import ChannelRules, NumberUse, UnsubscribedNumber
from minping_web.channels.rules.phones import mobile
from minping_web.common.clock import today
from minping_web.common.crypto import SealedTable, keyring, register_sealed
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope

PURPOSE = "message-phone"
_TABLE = NumberUse._meta.db_table
_USES = f"SELECT blind, messages FROM {_TABLE} WHERE owner = %s AND blind"
_ADD = f"INSERT INTO {_TABLE} (owner, blind, messages)"
_OR_ADD = f"ON CONFLICT (owner, blind) DO UPDATE SET messages = {_TABLE}.messages + excluded.messages"


def register_tables() -> None:
    """Make the sealed column known to the change of keys."""
    register_sealed(SealedTable(UnsubscribedNumber, ("phone",), about, {"phone": ("phone_blind", PURPOSE)}))


def about(column: str, row_id: object) -> str:
    """What a sealed number is bound to."""
    key = row_id.hex if isinstance(row_id, UUID) else str(row_id)
    return f"channels_unsubscribednumber.{column}|{key}"


def unsubscribe(phone: str, way: str = UnsubscribedNumber.Way.OFFICE) -> bool:
    """Leave a number alone from now on; False if it was already. Raises `RefusedError` for no mobile number.

    It takes no scope: whoever holds the number may say so, by a reply or on the public page.
    """
    number = _required(phone)
    ring = keyring()
    with transaction.atomic():
        if UnsubscribedNumber.objects.filter(phone_blind__in=ring.blinds(number, PURPOSE)).exists():
            return False
        key = uuid4()
        values = {"id": key, "phone": ring.seal(number, about("phone", key)), "way": way, "since": today()}
        _row, made = UnsubscribedNumber.objects.get_or_create(
            phone_blind=ring.blind(number, PURPOSE), defaults=values
        )
        return made


@transaction.atomic
def subscribe_again(scope: Scope, phone: str) -> bool:
    """The number asked for messages again; False if it was not on the list."""
    scope.require("channels.edit")
    blinds = keyring().blinds(_required(phone), PURPOSE)
    return bool(UnsubscribedNumber.objects.filter(phone_blind__in=blinds).delete()[0])


def is_unsubscribed(phone: str) -> bool:
    """Whether a number is to be left alone."""
    blinds = keyring().blinds(mobile(phone), PURPOSE)
    return UnsubscribedNumber.objects.filter(phone_blind__in=blinds).exists()


def unsubscribed(among: Iterable[bytes] | None = None) -> frozenset[bytes]:
    """Blind indexes of numbers to be left alone: all for a whole batch, or those among some."""
    rows = UnsubscribedNumber.objects.all() if among is None else _those(among)
    return frozenset(map(bytes, rows.values_list("phone_blind", flat=True)))


def _those(blinds: Iterable[bytes]) -> QuerySet[UnsubscribedNumber]:
    return UnsubscribedNumber.objects.filter(phone_blind__in=list(blinds))


def forget_uses(owner: str) -> int:
    """The round is over: how often its numbers were written to is nobody's business any more."""
    return NumberUse.objects.filter(owner=owner).delete()[0]


def uses_of(owner: str, blinds: Iterable[bytes]) -> dict[bytes, int]:
    """Messages that these numbers had from an owner. Plain SQL: for a batch the ORM takes seconds longer."""
    wanted = list(blinds)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{_USES} = ANY(%s)", [owner, wanted])
        else:
            cursor.execute(f"{_USES} IN ({', '.join(['%s'] * len(wanted))})", [owner, *wanted])
        return {bytes(blind): count for blind, count in cursor.fetchall()}


def add_uses(owner: str, used: Mapping[bytes, int]) -> None:
    """Count messages to numbers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            listed = "SELECT %s, unnest(%s::bytea[]), unnest(%s::int[])"
            cursor.execute(f"{_ADD} {listed} {_OR_ADD}", [owner, list(used), list(used.values())])
        else:
            rows = [(owner, blind, count) for blind, count in used.items()]
            cursor.executemany(f"{_ADD} VALUES (%s, %s, %s) {_OR_ADD}", rows)


def use_purpose(owner: str) -> str:
    """Keeps the counts of two rounds apart: equal numbers have unequal hashes."""
    return f"{PURPOSE}|{owner}"


def channel_rules() -> ChannelRules:
    """The rules of the district; the first reader gets the defaults, unstored."""
    return ChannelRules.objects.filter(pk=1).first() or ChannelRules(pk=1)


def _required(phone: str) -> str:
    number = mobile(phone)
    if not number:
        raise RefusedError.of("channels.no_mobile", Place(key="phone"))
    return number
