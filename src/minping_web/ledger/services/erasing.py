"""Run retention clocks: erase, count, seal the count. Also erase what one person asks to have deleted.

An erasure and its entry are one transaction. Entries hold the clock, the number of rows and the day, so that
nobody learns from the log who asked; commitments to what was erased stay valid, since they are salted.
"""

from __future__ import annotations

from django.db import transaction

from minping_web.common.clock import now, today
from minping_web.common.models import Erasure
from minping_web.common.retention import Clock, clocks
from minping_web.ledger.services.staging import stage


def run_clocks(app: str) -> dict[str, int]:
    """Erase what is due of one app; rows by name of the clock, without those that had nothing to do."""
    erased = {}
    for clock in clocks(app):
        with transaction.atomic():
            rows = clock.sweep()
            if rows:
                note_erased(clock, rows)
                erased[clock.key.partition(".")[2]] = rows
    return erased


@transaction.atomic
def forget_person(person_id: int) -> int:
    """Erase what a person of the register may have deleted, in every app; how many rows."""
    total = 0
    for clock in clocks():
        rows = clock.forget(person_id) if clock.forget else 0
        if rows:
            note_erased(clock, rows)
        total += rows
    return total


def note_erased(clock: Clock, rows: int) -> None:
    """Count an erasure in the register and enter it in the ledger."""
    made = Erasure.objects.create(at=now(), clock=clock.key, rows=rows)
    record = {"clock": clock.key, "rows": rows, "on": today().isoformat()}
    stage(clock.entry, f"{clock.app}-erasure-{made.pk}", record)
