"""Change keys: a new key seals from now on, then everything sealed before moves to it, chunk by chunk.

What is left to do is read from the values themselves (they begin with their key's id), so it may be
stopped and taken up at any time, and rows that others write meanwhile are right already. Old keys stay in
the folder until `key_report` shows that nothing uses them; taking them away is done by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BinaryField, F, Func, Q

from minping_web.common.crypto import (
    BLIND_ID_BYTES,
    ID_BYTES,
    Keyring,
    SealedTable,
    add_field_key,
    add_index_key,
    keyring,
    sealed_tables,
    sealed_values,
)
from minping_web.common.scope import Scope, entered, system_scope
from minping_web.jobs.models import Job
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage

CHUNK = 500
PASSES = 3
"""Rows that a slower process wrote with the old key during a pass are taken by the next."""


@transaction.atomic
def rotate_keys(scope: Scope, *, index_too: bool = False) -> Job:
    """Make new keys and queue the move. The new keys belong into the keys' own backup before it ends."""
    scope.require("keys.rotate")
    field_key = add_field_key(settings.KEY_FOLDER)
    index_key = add_index_key(settings.KEY_FOLDER) if index_too else 0
    record = {"field_key": field_key, "index_key": index_key, "by": scope.user_id or 0}
    stage("keys.added", f"keys-{field_key}-{keyring().newest_index}", record)
    return enqueue(scope, "frames.rotate_keys", max_tries=50)


def rotate_now() -> int:
    """From the command line: a new field key, and everything moved at once. Returns rows moved."""
    with transaction.atomic():
        field_key = add_field_key(settings.KEY_FOLDER)
        record = {"field_key": field_key, "index_key": 0, "by": 0}
        stage("keys.added", f"keys-{field_key}-{keyring().newest_index}", record)
    return sum(move_to_newest(lambda done, total, note="": None).values())


def move_to_newest(progress: Callable[..., None]) -> dict[str, int]:
    """Move every sealed value and blind index to the newest keys. Returns rows by table."""
    moved: Counter[str] = Counter()
    for _pass in range(PASSES):
        before = sum(moved.values())
        for table in sealed_tables():
            moved[table.model._meta.label_lower] += _move_table(table, progress, sum(moved.values()))
        for values in sealed_values():
            moved[values.model._meta.label_lower] += values.move()
        if sum(moved.values()) == before:
            break
    return dict(moved)


def _move_table(table: SealedTable, progress: Callable[..., None], done: int) -> int:
    moved, after = 0, None
    while True:
        with entered(system_scope()), transaction.atomic():
            rows = _next_rows(table, after)
            for row in rows:
                _move_row(table, row, keyring())
        if not rows:
            return moved
        moved, after = moved + len(rows), rows[-1].pk
        progress(done + moved, 0, table.model._meta.label_lower)


def _next_rows(table: SealedTable, after: object) -> list[Any]:
    ring, old = keyring(), Q(pk__in=())
    names: dict[str, Func] = {}
    for column in table.columns:
        names[f"key_of_{column}"] = _prefix(column, ID_BYTES)
        newest = ring.newest.to_bytes(ID_BYTES, "big")
        old |= Q(**{f"{column}__isnull": False}) & ~Q(**{f"key_of_{column}": newest})
    for column, (blind, _purpose) in table.blinds.items():
        names[f"key_of_{blind}"] = _prefix(blind, BLIND_ID_BYTES)
        newest = ring.newest_index.to_bytes(BLIND_ID_BYTES, "big")
        old |= Q(**{f"{column}__isnull": False}) & ~Q(**{f"key_of_{blind}": newest})
    rows = table.model._default_manager.select_for_update().alias(**names).filter(old).order_by("pk")
    return list(rows.filter(pk__gt=after)[:CHUNK] if after is not None else rows[:CHUNK])


def _prefix(column: str, length: int) -> Func:
    return Func(F(column), 1, length, function="substr", output_field=BinaryField())


def _move_row(table: SealedTable, row: Any, ring: Keyring) -> None:
    changed: dict[str, bytes] = {}
    for column in table.columns:
        sealed = getattr(row, column)
        if sealed:
            about = table.about(column, row.pk)
            plain = ring.open(sealed, about)
            changed[column] = ring.seal(plain, about)
            if column in table.blinds:
                blind, purpose = table.blinds[column]
                changed[blind] = ring.blind(plain, purpose)
    table.model._default_manager.filter(pk=row.pk).update(**changed)


def key_report() -> list[tuple[str, str, int, int, bool]]:
    """(table, column, key id, values, newest?) of every sealed column and blind index."""
    found = []
    with entered(system_scope()):
        for table in sealed_tables():
            columns = [(column, ID_BYTES, keyring().newest) for column in table.columns]
            columns += [(b, BLIND_ID_BYTES, keyring().newest_index) for b, _purpose in table.blinds.values()]
            for column, length, newest in columns:
                for key_id, count in _counted(table, column, length):
                    found.append(
                        (str(table.model._meta.verbose_name), column, key_id, count, key_id == newest)
                    )
    for values in sealed_values():
        name, newest = str(values.model._meta.verbose_name), keyring().newest
        counts = sorted(values.count().items())
        found += [(name, values.column, key_id, count, key_id == newest) for key_id, count in counts]
    return found


def _counted(table: SealedTable, column: str, length: int) -> Iterable[tuple[int, int]]:
    counts: Counter[int] = Counter()
    values = table.model._default_manager.exclude(**{f"{column}__isnull": True}).order_by()
    prefixes = values.annotate(key_of=_prefix(column, length)).values_list("key_of", flat=True)
    for prefix in prefixes.iterator(chunk_size=20_000):
        counts[int.from_bytes(bytes(prefix), "big")] += 1
    return sorted(counts.items())
