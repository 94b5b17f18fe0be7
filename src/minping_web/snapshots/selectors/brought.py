"""Sealed folders that were brought and wait to be taken over: which there are, and what one of them holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404
from django.utils import timezone

from minping_engine.snapshot import open_snapshot
from minping_web.places.models import Area

BROUGHT = ".brought-"
HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Plan:
    """What taking it over would make. `unknown`: codes of rated areas that this district does not have."""

    sha256: str
    period: str
    source: str
    ballots: int
    assessees: int
    files: int
    level: str
    subject: str
    areas: int
    unknown: tuple[str, ...]
    brought_at: datetime


def snapshots_home() -> Path:
    """Where sealed snapshots lie."""
    return Path(settings.DATA_FOLDER) / "snapshots"


def brought_folder(sha256: str) -> Path:
    """Where a folder of this hash waits; 404 for what is no hash."""
    if not HASH.fullmatch(sha256):
        raise Http404
    return snapshots_home() / f"{BROUGHT}{sha256}"


def all_brought() -> list[Plan]:
    """Everything that waits, newest first."""
    found = [plan_of(one.name.removeprefix(BROUGHT)) for one in snapshots_home().glob(f"{BROUGHT}*")]
    return sorted(found, key=lambda plan: plan.brought_at, reverse=True)


def plan_of(sha256: str) -> Plan:
    """What one of them holds; it was checked when it was brought. 404 without it."""
    folder = brought_folder(sha256)
    if not folder.is_dir():
        raise Http404
    opened = open_snapshot(folder, verify=False)
    targets = opened.table("targets").to_pylist()
    levels = {row["area_id"]: row["level"] for row in opened.table("areas").to_pylist()}
    rated = sorted({row["area_id"] for row in targets})
    known = set(Area.objects.filter(code__in=rated).values_list("code", flat=True))
    return Plan(
        sha256, opened.period, str(opened.manifest["source"]), sum(part.rows for part in opened.parts),
        opened.table("assessees").num_rows, len(opened.manifest["files"]),
        str(levels.get(rated[0], "")) if rated else "", str(targets[0]["subject"]) if targets else "",
        len(rated), tuple(one for one in rated if one not in known),
        datetime.fromtimestamp(folder.stat().st_mtime, timezone.get_current_timezone()),
    )  # fmt: skip
