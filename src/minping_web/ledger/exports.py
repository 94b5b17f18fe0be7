"""The list of entries as a table to download; records are opened elsewhere (`services.export_opened`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.utils import timezone

from minping_web.common.tabular import Column, TableSpec
from minping_web.ledger.models import StagedEntry

ENTRIES = TableSpec(
    "ledger-entries",
    "日志条目",
    "Ledger entries",
    (
        Column("index", "序号", "Index"),
        Column("kind", "类别", "Kind"),
        Column("step", "步骤", "Step"),
        Column("staged_at", "登记时间", "Staged at"),
        Column("record", "记录", "Record"),
    ),
    key=("step",),
)


def rows(entries: Iterable[StagedEntry], word: Callable[[StagedEntry], str]) -> Iterator[dict[str, object]]:
    """One row per entry; `word` says whether its record is still there."""
    for entry in entries:
        yield {
            "index": entry.index if entry.index is not None else "",
            "kind": entry.kind,
            "step": entry.step_id,
            "staged_at": f"{timezone.localtime(entry.staged_at):%Y-%m-%d %H:%M:%S}",
            "record": word(entry),
        }
