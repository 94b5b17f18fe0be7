"""Reads of the register of snapshots and of what everybody may check of a closed round."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.ballots.models import CountedReceipt, RoundClosing
from minping_web.ballots.rules.words import ClosingState
from minping_web.common.scope import Scope
from minping_web.ledger.models import StagedEntry
from minping_web.places.selectors.areas import called_by_code
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.receipts import HEAD, SECTION

VIEW, DOWNLOAD = "snapshots.view", "snapshots.download"
COUNTED = (ClosingState.LOGGED, ClosingState.PURGED)
ENTRY = "round.counted"


def snapshots_seen(scope: Scope) -> QuerySet[SealedSnapshot]:
    """All sealed snapshots, newest first; none without the right to see them in the whole district."""
    rows = SealedSnapshot.objects.select_related("round").annotate(copies=Count("taken"))
    return rows.order_by("-pk") if scope.may_everywhere(VIEW) else rows.none()


def snapshot_of(scope: Scope, snapshot_id: int) -> SealedSnapshot:
    """One of them, else 404."""
    return get_object_or_404(snapshots_seen(scope), pk=snapshot_id)


def folder_of(snapshot: SealedSnapshot) -> Path:
    """Where its files lie."""
    return Path(settings.DATA_FOLDER) / "snapshots" / snapshot.folder


def manifest_of(snapshot: SealedSnapshot) -> dict[str, Any] | None:
    """What `snapshot.json` says; None where the folder is not there."""
    file = folder_of(snapshot) / "snapshot.json"
    if not file.is_file():
        return None
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


@dataclass(frozen=True)
class CountedRound:
    """A round whose count is in the ledger."""

    closing: RoundClosing

    @property
    def number(self) -> int:
        """Of the round."""
        return int(self.closing.pk)

    @cached_property
    def areas(self) -> list[dict[str, Any]]:
        """Counts and roots with the names of the areas."""
        names = called_by_code(row["area"] for row in self.closing.counts)
        return [{**row, "name": names.get(row["area"], "")} for row in self.closing.counts]

    @cached_property
    def total(self) -> dict[str, int]:
        """Sums over areas."""
        names = ("drawn", "spent", "ballots", "withheld")
        return {name: sum(row.get(name, 0) for row in self.closing.counts) for name in names}

    @cached_property
    def entry(self) -> StagedEntry | None:
        """The step in the ledger, with its record and nonce."""
        rows = StagedEntry.objects.filter(kind=ENTRY, nonce__isnull=False, record__round=self.number)
        return rows.order_by("-pk").first()


def counted_rounds() -> list[CountedRound]:
    """Newest first."""
    rows = RoundClosing.objects.filter(state__in=COUNTED).select_related("round")
    return [CountedRound(row) for row in rows.order_by("-pk")]


def counted_round(round_id: int) -> CountedRound:
    """One of them, else 404."""
    rows = RoundClosing.objects.select_related("round")
    return CountedRound(get_object_or_404(rows, pk=round_id, state__in=COUNTED))


@dataclass(frozen=True)
class FoundReceipt:
    """A receipt that is in a published count."""

    round: CountedRound
    area: dict[str, Any]


def find_receipt(receipt: str) -> FoundReceipt | None:
    """Where a receipt was counted; by the index of each closed round, newest first."""
    rows = CountedReceipt.objects.filter(
        round_id__in=[one.number for one in counted_rounds()], receipt=receipt
    )
    row = rows.select_related("area").order_by("-round_id").first()
    if row is None:
        return None
    found = counted_round(row.round_id)
    area = next(one for one in found.areas if one["area"] == row.area.code)
    return FoundReceipt(found, area)


def counted_lines(found: CountedRound) -> Iterator[str]:
    """The published list, piece by piece."""
    record = found.entry.record if found.entry and found.entry.record else {}
    yield HEAD.format(
        round=found.number, name=found.closing.round.name, period=found.closing.round.period,
        sha256=found.closing.snapshot_sha256, root=record.get("receipts_root", ""),
        withheld=record.get("withheld", 0),
    )  # fmt: skip
    for area in found.areas:
        yield SECTION.format(**area)
        rows = CountedReceipt.objects.filter(round_id=found.number, area__code=area["area"])
        receipts = "\n".join(rows.order_by("receipt").values_list("receipt", flat=True))
        yield f"{receipts}\n" if receipts else ""


def opened_record(found: CountedRound) -> str | None:
    """The line that opens the ledger's entry, in the form that `minping verify log --opened` reads."""
    entry = found.entry
    if entry is None or entry.index is None or entry.nonce is None:
        return None
    opened = {"index": entry.index, "nonce": bytes(entry.nonce).hex(), "record": entry.record}
    return json.dumps(opened, ensure_ascii=False, sort_keys=True) + "\n"
