"""Counted ballots as a sealed folder: cells widened, shuffled, durable on disk before it counts.

In: what the count found. Out: the folder below `snapshots` in the data folder and what a second process must
find in it. Ballots come from `ballot_tables`, comments from `comment_copies`. A folder has its name only when
all its bytes are on disk; what a killed run left behind is removed by the next.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings

from minping_engine.snapshot import BallotPart, SnapshotHead, seal_snapshot
from minping_web.ballots.services.key_files import sync_folder
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.generalise import Merge
from minping_web.snapshots.rules.sources import sources
from minping_web.snapshots.selectors.facts import RoundFacts
from minping_web.snapshots.selectors.spread import INSTRUMENT, Spread
from minping_web.snapshots.services.ballot_tables import (
    CLUSTERS,
    Widened,
    ballot_tables,
    widen_cells,
    withheld_cells,
)
from minping_web.snapshots.services.comment_copies import Originals, redacted_table, shuffled
from minping_web.snapshots.services.counting import Counted

SALT_BYTES = 32
SOURCE = "minping: sealed round"
RULE = "one household, one vote; the last one from its first token"
COMMENTS = "of released ballots of invited households; none of withheld ballots, none of the open link"


@dataclass(frozen=True)
class Written:
    """A folder that is durable, and what must be found in it."""

    folder: Path
    sha256: str
    parts: tuple[tuple[str, pa.Table], ...]
    salt: bytes
    originals: Originals
    withheld: Mapping[int, int]
    """Target -> counted ballots that are not released."""


def snapshot_folder() -> Path:
    """Where sealed snapshots lie: below the data folder, not among the keys."""
    return Path(settings.DATA_FOLDER) / "snapshots"


def remove_partial(round_id: int, keep: str = "") -> None:
    """Folders of this round that never became its snapshot; a registered one stays whatever happens."""
    registered = SealedSnapshot.objects.filter(round_id=round_id).values_list("folder", flat=True)
    kept = {keep, *registered}
    for path in snapshot_folder().glob(f"*round-{round_id}-*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def write_snapshot(facts: RoundFacts, counted: Counted) -> Written:
    """Write everything and make it durable; the folder's name tells its hash.

    Columns of ballots are gone from `counted` afterwards: each questionnaire's make room for its table.
    """
    remove_partial(facts.round.pk)
    with _one_heap():
        return _written(facts, counted)


@contextmanager
def _one_heap() -> Iterator[None]:
    """Arrow takes memory where Python does, so that what the columns gave back is used again."""
    usual = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(usual)


def _written(facts: RoundFacts, counted: Counted) -> Written:
    widened = widen_cells(facts, counted)
    spread = Spread(widened.generalised.merges, withheld_cells(counted, widened))
    tables = {name: source(facts, spread) for name, source in sorted(sources().items())}
    originals = shuffled(counted.comments)
    tables["comments"] = redacted_table(originals, widened.released)
    salt = secrets.token_bytes(SALT_BYTES)
    draft = snapshot_folder() / f".round-{facts.round.pk}-{secrets.token_hex(6)}"
    head, made = _head(facts, counted, widened, salt), list[tuple[str, pa.Table]]()
    sha256 = seal_snapshot(draft, head, tables, _parts(facts, counted, widened, made))
    folder = snapshot_folder() / f"round-{facts.round.pk}-{sha256[:12]}"
    put_durably(draft, folder)
    return Written(folder, sha256, tuple(made), salt, originals, widened.withheld)


def _parts(
    facts: RoundFacts, counted: Counted, widened: Widened, made: list[tuple[str, pa.Table]]
) -> Iterator[BallotPart]:
    """One part after the other as it is written; `made` keeps their tables for the count that is compared."""
    district = _district(facts)
    for instrument, table in ballot_tables(facts, counted, widened):
        made.append((instrument, table))
        yield BallotPart(instrument, district, table)


def put_durably(draft: Path, folder: Path) -> None:
    """All bytes, then all names, then the one name that counts."""
    for path in draft.rglob("*"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    sync_folder(draft)
    draft.rename(folder)
    sync_folder(folder.parent)


def _head(facts: RoundFacts, counted: Counted, widened: Widened, salt: bytes) -> SnapshotHead:
    rule: dict[str, Any] = {
        "rule": RULE,
        "round": facts.round.pk,
        "ballot_salt": salt.hex(),
        "least_in_cell": facts.least,
        "comments": COMMENTS,
        "open_online_comments": counted.comments.of_open_link,
        "small_areas": [facts.areas[target].code for target in sorted(widened.withheld)],
        "withheld": sum(widened.withheld.values()),
        "slots": counted.slots,
        "invalid": counted.invalid,
        "set_aside": counted.set_aside,
        "open_online": counted.open_found,
        "open_online_invalid": counted.open_invalid,
        "open_online_withheld": widened.open_withheld,
    }
    merges = tuple(_listed(facts, widened, one) for one in widened.generalised.merges
                   if one.variable not in CLUSTERS)  # fmt: skip
    return SnapshotHead(
        facts.round.period, facts.period_kind, SOURCE,
        synthetic=settings.DEMO, import_rule=rule, merged_cells=merges,
    )  # fmt: skip


def _listed(facts: RoundFacts, widened: Widened, one: Merge) -> dict[str, Any]:
    """A merge as the manifest has it (`SnapshotHead`)."""
    row: dict[str, Any] = {
        "area": facts.areas[one.target].code, "variable": one.variable, "levels": list(one.levels),
        "into": one.into,
    }  # fmt: skip
    if one.cell:
        cell: dict[str, Any] = dict(one.cell)
        cell[INSTRUMENT] = widened.parts[cell[INSTRUMENT]].sheet.instrument
        row["cell"] = cell
    if one.groups:
        row["modes"] = sorted({group[0] for group in one.groups})
    return row


def _district(facts: RoundFacts) -> str:
    """Code of the district that the rated areas lie in."""
    from minping_web.places.models import Area

    around = {pk for area in facts.areas for pk in area.ancestor_ids}
    found = (
        Area.objects.filter(pk__in=around, level="district").order_by("code").values_list("code", flat=True)
    )
    return next(iter(found), "district")
