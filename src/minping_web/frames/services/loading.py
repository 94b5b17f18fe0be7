"""Many units at once: a new frame version is filled in chunks and switched at the end.

Nothing of a frame shows while it is loading, so a crash leaves no half frame: the next attempt starts a
new one and the nightly job removes the torso. PostgreSQL takes rows by COPY into a temporary table (COPY
itself stops before row-level security) and from there under the policy; SQLite by executemany.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from minping_engine.errors import Place, Problem
from minping_web.common.clock import now
from minping_web.common.crypto import Keyring, keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import Frame, ResidentRequest, Unit, UnitContact
from minping_web.frames.selectors.areas import UnitArea, areas_for_units
from minping_web.frames.services.counting import recount
from minping_web.frames.services.forgetting import forget_unwanted, one_at_a_time
from minping_web.frames.services.sealed_contacts import PHONE_PURPOSE, Contact, seal_contact

CHUNK = 20_000
ROW_BYTES = 48
"""Random bytes of a unit: its id and its salt."""
Chance = Callable[[int], bytes]

UNIT_COLUMNS = (
    "id", "frame_id", "area_id", "community_id", "house_code", "building", "kind", "instrument", "rater",
    "special", "has_contact", "do_not_contact", "excluded", "salt",
)  # fmt: skip
CONTACT_COLUMNS = (
    "unit_id", "frame_id", "community_id", "phone", "phone_blind", "second_phone", "second_phone_blind",
    "address",
)  # fmt: skip


class NewUnit(NamedTuple):
    """A unit on its way in; values as in `rules`."""

    area_code: str
    house_code: str
    building: str = ""
    kind: str = "household"
    instrument: str = "young_and_middle_aged"
    rater: str = "owner"
    special: str = ""
    phone: str = ""
    second_phone: str = ""
    address: str = ""


def load_frame(
    scope: Scope,
    name: str,
    rows: Iterable[NewUnit],
    *,
    as_of: date,
    needed_until: date | None = None,
    chance: Chance = os.urandom,
) -> Frame:
    """Make a draft frame of rows that were checked elsewhere; the demonstration's way in.

    `chance` gives ids and salts: invented households may have the same ones every time. Needs `frames.edit`
    at every area. Raises `RefusedError` with all unknown areas of a chunk; then nothing is kept.
    """
    with entered(scope), transaction.atomic():
        frame = begin_frame(scope, name, as_of=as_of, needed_until=needed_until)
        areas = areas_for_units(scope, "frames.edit")
        for chunk in chunks(rows):
            write_chunk(frame, chunk, areas, chance=chance)
        return finish_frame(frame)


def begin_frame(
    scope: Scope, name: str, *, as_of: date, needed_until: date | None = None, replaces: Frame | None = None
) -> Frame:
    """An empty frame that does not show yet."""
    scope.require("frames.edit")
    until = needed_until or date(as_of.year + 1, as_of.month, min(as_of.day, 28))
    return Frame.objects.create(
        name=name,
        as_of=as_of,
        needed_until=until,
        replaces=replaces,
        made_by_id=scope.user_id,
        made_at=now(),
    )


def chunks(rows: Iterable[NewUnit], size: int = CHUNK) -> Iterator[list[NewUnit]]:
    """Lists of at most `size` rows."""
    source = iter(rows)
    while chunk := list(islice(source, size)):
        yield chunk


@transaction.atomic
def write_chunk(
    frame: Frame, rows: list[NewUnit], areas: dict[str, UnitArea], *, chance: Chance = os.urandom
) -> None:
    """Write units and their sealed contacts; the caller has entered the scope."""
    unknown = sorted({row.area_code for row in rows} - areas.keys())
    if unknown:
        raise RefusedError(
            [Problem("frame.area_unknown", Place(key=code), {"found": code}) for code in unknown]
        )
    units, contacts = _prepared(frame, rows, areas, _unwanted(), chance(ROW_BYTES * len(rows)))
    if connection.vendor == "postgresql":
        _copied(Unit._meta.db_table, UNIT_COLUMNS, units)
        _copied(UnitContact._meta.db_table, CONTACT_COLUMNS, contacts)
    else:
        _inserted(Unit._meta.db_table, UNIT_COLUMNS, units)
        _inserted(UnitContact._meta.db_table, CONTACT_COLUMNS, contacts)


def _prepared(
    frame: Frame, rows: list[NewUnit], areas: dict[str, UnitArea], unwanted: frozenset[bytes], random: bytes
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    ring, plain_ids = keyring(), connection.vendor != "postgresql"
    units: list[tuple[object, ...]] = []
    contacts: list[tuple[object, ...]] = []
    for number, row in enumerate(rows):
        part = random[ROW_BYTES * number : ROW_BYTES * (number + 1)]
        unit_id, area = UUID(bytes=part[:16], version=4), areas[row.area_code]
        stored = unit_id.hex if plain_ids else unit_id
        asked_us_not_to = bool(unwanted) and _is_unwanted(row, ring, unwanted)
        reached = not asked_us_not_to and bool(row.phone or row.second_phone or row.address)
        units.append((
            stored, frame.pk, area.id, area.community_id, row.house_code, row.building, row.kind,
            row.instrument, row.rater, row.special, reached, asked_us_not_to, "", part[16:],
        ))  # fmt: skip
        if reached:
            sealed = seal_contact(unit_id, Contact(row.phone, row.second_phone, row.address), ring)
            contacts.append((stored, frame.pk, area.community_id, *sealed))
    return units, contacts


def _unwanted() -> frozenset[bytes]:
    """Blind indexes of phones whose households had their data deleted: they do not come back by a file."""
    deleted = ResidentRequest.objects.filter(
        kind=ResidentRequest.Kind.DELETION, state=ResidentRequest.State.DONE
    )
    return frozenset(bytes(blind) for blind in deleted.values_list("phone_blind", flat=True) if blind)


def _is_unwanted(row: NewUnit, ring: Keyring, unwanted: frozenset[bytes]) -> bool:
    phones = filter(None, (row.phone, row.second_phone))
    return any(blind in unwanted for phone in phones for blind in ring.blinds(phone, PHONE_PURPOSE))


def _copied(table: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    named, arriving = ", ".join(columns), f"arriving_{table}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {arriving} ON COMMIT DELETE ROWS AS "
            f"SELECT {named} FROM {table} WITH NO DATA"
        )
        cursor.execute(f"TRUNCATE {arriving}")
        with cursor.copy(f"COPY {arriving} ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {table} ({named}) SELECT {named} FROM {arriving}")
        cursor.execute(f"TRUNCATE {arriving}")


def _inserted(table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


@transaction.atomic
def finish_frame(frame: Frame) -> Frame:
    """The switch: the frame shows, and the draft that it replaces does not any more."""
    one_at_a_time()
    forget_unwanted(frame)
    frame.counts = recount(frame)
    frame.units = sum(area["units"] for area in frame.counts.values())
    frame.state = Frame.State.DRAFT
    frame.save(update_fields=["counts", "units", "state"])
    if frame.replaces_id:
        replaced = Frame.objects.filter(pk=frame.replaces_id, state=Frame.State.DRAFT)
        replaced.update(state=Frame.State.SUPERSEDED, superseded_at=now())
    return frame
