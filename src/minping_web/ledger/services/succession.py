"""A new log after every published copy of the old one was lost: the one thing that a recovery cannot mend.

Its first entry says which log it succeeds, as a statement signed by the new key, and by the old one if that
is left; it is published beside the logs. All entries that the database still has follow.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from minping_engine.errors import MinpingError
from minping_engine.proof import SigningKey, parse_checkpoint, parse_note, sign_note, signing_key
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import Log
from minping_web.ledger.services.keys import key_file, make_signing_key
from minping_web.ledger.services.lock import only_writer
from minping_web.ledger.services.recovery import Recovered
from minping_web.ledger.services.sequencing import mirror, open_log, publish
from minping_web.ledger.services.staging import stage

RENUMBER = """
UPDATE ledger_stagedentry SET log_id = %s, "index" = numbered.place
FROM (SELECT id, row_number() OVER (ORDER BY CASE WHEN id = %s THEN 0 ELSE 1 END,
             CASE WHEN "index" IS NULL THEN 1 ELSE 0 END, "index", id) - 1 AS place
      FROM ledger_stagedentry) AS numbered
WHERE ledger_stagedentry.id = numbered.id
"""


def open_successor(reason: str) -> Recovered:
    """Open the successor; `reason` is published with it."""
    with only_writer():
        old = selectors.current_log()
        if old is None:
            raise RefusedError.of("ledger.none_yet")
        with transaction.atomic():
            new = open_log(old.number + 1, f"{old.origin.removesuffix(f'/{old.number}')}/{old.number + 1}")
            note = _succession(old, new, reason)
            first = stage("ledger.succession", f"ledger.succession:{new.number}", {"note": note})
            with connection.cursor() as cursor:
                cursor.execute(RENUMBER, [new.pk, first.pk])
                new.size = int(cursor.rowcount)
            new.save(update_fields=["size"])
            _publish_statement(new, note)
        publish(new)
        mirror(new)
        return Recovered("", new.size)


def _succession(old: Log, new: Log, reason: str) -> str:
    """The statement as a signed note: which log ended where, and which one goes on."""
    known = parse_note(old.checkpoint.encode())
    end = parse_checkpoint(known.text) if known else None
    lines = (
        "minping ledger succession",
        f"old {old.verifier}",
        f"old-size {end.size if end else 0}",
        f"old-root {b64encode(end.root).decode() if end else '-'}",
        f"new {new.verifier}",
        f"reason {' '.join(reason.split())}",
    )
    return bytes(sign_note("".join(f"{line}\n" for line in lines).encode(), _signers(old, new))).decode()


def _publish_statement(new: Log, note: str) -> None:
    """Put the statement beside the logs, here and on the mirror, before the new log counts."""
    for root in (settings.LEDGER_FOLDER, settings.LEDGER_MIRROR):
        if root and Path(root).is_dir():
            (Path(root) / f"succession-{new.number}").write_text(note, "utf-8")


def _signers(old: Log, new: Log) -> list[SigningKey]:
    keys = [make_signing_key(new.number, new.origin)]
    try:
        return [*keys, signing_key(key_file(old.number).read_text("utf-8"))]
    except (OSError, MinpingError):
        return keys
