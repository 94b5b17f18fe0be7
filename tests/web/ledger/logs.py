"""Short words for tests of the log: stage some entries, read what was published, set the database back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minping_engine.proof import FolderStore, read_entries, read_entry
from minping_engine.verification import LogReport, verify_log
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services import stage


def stage_some(count: int, prefix: str = "step") -> None:
    """Entries `prefix:0`, `prefix:1` ..."""
    for number in range(count):
        stage("test.step", f"{prefix}:{number}", {"number": number})


def published_steps(number: int = 1, *, folder: object = None) -> list[str]:
    """Step ids in the published log, in order."""
    log = Log.objects.get(number=number)
    where = folder or selectors.folder_of(number)
    checkpoint = selectors.published(log, where)  # type: ignore[arg-type]
    if checkpoint is None:
        return []
    entries = read_entries(FolderStore(where), size=checkpoint.size)  # type: ignore[arg-type]
    return [entry.step_id for one in entries if (entry := read_entry(one))]


def report(number: int = 1, older: bytes | None = None) -> LogReport:
    """The auditor's check of the files alone."""
    return verify_log(selectors.folder_of(number), Log.objects.get(number=number).verifier, older)


@dataclass(frozen=True)
class Backup:
    """The ledger's rows at a moment."""

    logs: list[dict[str, Any]]
    entries: list[dict[str, Any]]


def backup() -> Backup:
    """Take the rows."""
    return Backup(
        list(Log.objects.order_by("pk").values()), list(StagedEntry.objects.order_by("pk").values())
    )


def restore(taken: Backup) -> None:
    """Set the tables back to what was taken."""
    StagedEntry.objects.all().delete()
    Log.objects.exclude(pk__in=[row["id"] for row in taken.logs]).delete()
    for row in taken.logs:
        Log.objects.update_or_create(pk=row["id"], defaults=row)
    StagedEntry.objects.bulk_create([StagedEntry(**row) for row in taken.entries])
