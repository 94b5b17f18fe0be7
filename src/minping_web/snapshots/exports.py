"""The register of snapshots, and what was merged in one of them, as tables to download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone

from minping_web.common.tabular import Column, TableSpec
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.merged import MergedCell

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
MERGES = TableSpec(
    "merged",
    "合并的单元",
    "Merged cells",
    (
        Column("area", "区域编号", "Area code"),
        Column("name", "区域", "Area"),
        Column("cell", "所在单元", "Cell"),
        Column("variable", "变量", "Variable"),
        Column("levels", "合并的类别", "Levels"),
        Column("into", "合并为", "Became"),
    ),
    key=("area",),
)


def merge_rows(merges: Iterable[MergedCell]) -> Iterator[dict[str, object]]:
    """One row per merge."""
    for one in merges:
        yield {
            "area": one.area,
            "name": one.name,
            "cell": one.cell,
            "variable": one.variable,
            "levels": " + ".join(one.levels),
            "into": one.into,
        }


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
