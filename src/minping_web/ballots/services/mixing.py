"""Reports of a past day are written anew, in random order and under new ids.

A report knows no household, but the database remembers which rows were written one after the other. Who
reports right after voting would stand beside his household's row by transaction number and place. Rewritten
together, all reports of past days share one transaction, and their places say nothing. What older backups
and archives of the write-ahead log hold keeps its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from secrets import SystemRandom
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from minping_engine.errors import IntegrityError
from minping_web.ballots.models import CoercionReport, ProblemReport, ReportReading
from minping_web.ballots.services.closing_purge import secure_delete
from minping_web.ballots.services.reports import About, about_pressure, about_problem
from minping_web.common.clock import today
from minping_web.common.crypto import keyring

KINDS: tuple[tuple[type[Any], About, tuple[str, ...]], ...] = (
    (CoercionReport, about_pressure, ("text",)),
    (ProblemReport, about_problem, ("text", "contact")),
)


def reports_wait() -> bool:
    """Whether reports of past days stand in the order in which they came."""
    return any(model.objects.filter(day__lt=today(), is_mixed=False).exists() for model, *_rest in KINDS)


def mix_reports() -> int:
    """Rewrite what waits; how many. Killed before the commit, nothing has changed."""
    mixed = 0
    for model, about, columns in KINDS:
        with secure_delete(), transaction.atomic():
            rows = list(model.objects.select_for_update(of=("self",)).filter(day__lt=today(), is_mixed=False))
            _write_anew(model, rows, about, columns)
        if rows:
            _forget_places(model)
        mixed += len(rows)
    return mixed


def _write_anew(model: type[Any], rows: list[Any], about: About, columns: Sequence[str]) -> None:
    model.objects.filter(pk__in=[row.pk for row in rows])._raw_delete("default")
    SystemRandom().shuffle(rows)
    renamed: dict[UUID, UUID] = {}
    for row in rows:
        before, row.is_mixed = row.pk, True
        _rename(row, about, columns)
        renamed[before] = row.pk
    model.objects.bulk_create(rows, batch_size=200)
    readings = list(ReportReading.objects.filter(report__in=renamed))
    for reading in readings:
        reading.report = renamed[reading.report]
    ReportReading.objects.bulk_update(readings, ["report"], batch_size=200)


def _rename(row: Any, about: About, columns: Sequence[str]) -> None:
    """A new id, and texts bound to it; a text whose key is lost stays as it is, and so does the id."""
    keys, new = keyring(), uuid4()
    try:
        words = {
            name: keys.open(sealed, about(name, row.pk)) for name in columns if (sealed := getattr(row, name))
        }
    except IntegrityError:
        return
    for name, text in words.items():
        setattr(row, name, keys.seal(text, about(name, new)))
    row.pk = new


def _forget_places(model: type[Any]) -> None:
    """PostgreSQL keeps deleted rows until the table is written anew; SQLite overwrote them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'VACUUM FULL "{model._meta.db_table}"')
