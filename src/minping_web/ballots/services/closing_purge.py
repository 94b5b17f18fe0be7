"""After the count is in the ledger: destroy what could lead from a ballot back to a household.

Keys first, since without them the rows say nothing; then slots, sheets and solved work, then what the
database keeps of deleted rows, then the order in which households voted. Every step may be repeated: a
killed purge is finished by the next. What WAL archives and older backups still hold is ciphertext whose key
is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from minping_web.ballots.models import (
    BallotSlot,
    OpenBallot,
    PaperSheet,
    RoundClosing,
    RoundKey,
    SpentWork,
)
from minping_web.ballots.rules.words import ClosingState
from minping_web.ballots.services.key_files import destroy_key_folder
from minping_web.common.clock import now, today
from minping_web.rounds.services.mixing import mix_invitations
from minping_web.rounds.services.secrets import destroy_secrets

EMPTIED = (BallotSlot, OpenBallot, PaperSheet, SpentWork)
"""Tables that hold nothing of a round any more when it is purged."""
JOURNAL_WAITS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between tries to empty SQLite's journal; whoever reads a page is done long before."""


def purge_round(round_id: int, reached: Callable[[str], object] = lambda name: None) -> None:
    """Destroy keys, rows and their traces; the round is `purged` only when all of it was done."""
    destroy_secrets(round_id)
    destroy_key_folder(round_id)
    reached("keys destroyed")
    with secure_delete(), transaction.atomic():
        for model in EMPTIED:
            model._default_manager.filter(round_id=round_id)._raw_delete("default")
        RoundKey.objects.filter(pk=round_id).update(destroyed_on=today())
    reached("rows deleted")
    forget_deleted_rows()
    mix_invitations(round_id)
    RoundClosing.objects.filter(pk=round_id).update(state=ClosingState.PURGED, purged_at=now())


class secure_delete:  # noqa: N801  (reads as a verb where it is used)
    """SQLite overwrites what is deleted inside; without it deleted values stay readable in the file."""

    def __enter__(self) -> None:
        self._before = 1
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA secure_delete")
                self._before = cursor.fetchone()[0]
                cursor.execute("PRAGMA secure_delete=ON")

    def __exit__(self, *_error: object) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA secure_delete={int(self._before)}")


def forget_deleted_rows() -> None:
    """Make the database give up the bytes of deleted rows: files are written anew without them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for model in EMPTIED:
                cursor.execute(f'VACUUM FULL "{model._meta.db_table}"')
            return
        _emptied_journal(cursor)
        cursor.execute("VACUUM")
        _emptied_journal(cursor)


def _emptied_journal(cursor: CursorWrapper) -> None:
    """SQLite says in its answer, not by an error, that a reader keeps it from writing the journal back."""
    for wait in JOURNAL_WAITS:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if not cursor.fetchone()[0]:
            return
        time.sleep(wait)
    raise OperationalError("the journal is being read; the purge is tried again")
