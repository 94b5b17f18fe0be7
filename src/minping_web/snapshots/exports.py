"""The register of snapshots as a table to download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone

from minping_web.common.tabular import Column, TableSpec
from minping_web.snapshots.models import SealedSnapshot

SNAPSHOTS = TableSpec(
    "snapshots",
    "封存快照",
    "Snapshots",
    (
        Column("round", "轮次", "Round"),
        Column("period", "考核期", "Period"),
        Column("ballots", "答卷数", "Ballots"),
        Column("made_at", "封存时间", "Sealed at"),
        Column("sha256", "SHA-256", "SHA-256"),
    ),
    key=("sha256",),
)


def rows(snapshots: Iterable[SealedSnapshot]) -> Iterator[dict[str, object]]:
    """One row per snapshot."""
    for one in snapshots:
        yield {
            "round": one.round.name,
            "period": one.period,
            "ballots": one.ballots,
            "made_at": f"{timezone.localtime(one.made_at):%Y-%m-%d %H:%M}",
            "sha256": one.sha256,
        }
