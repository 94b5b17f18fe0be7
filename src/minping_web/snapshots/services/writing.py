"""Counted ballots as a sealed folder: cells widened, shuffled, durable on disk before it counts.

In: what the count found. Out: the folder below `snapshots` in the data folder and what a second process must
find in it. Ballots get random 63-bit numbers and stand in their order; comments are shuffled and numbered by
themselves, redacted, and nothing joins them to ballots. A folder has its name only when all its bytes are on
disk; what a killed run left behind is removed by the next.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings
from numpy.typing import NDArray

from minping_engine.insight import NameList, redact
from minping_engine.snapshot import CELL, CLUSTER, BallotPart, SnapshotHead, seal_snapshot
from minping_engine.terms import Mode
from minping_web.ballots.services.key_files import sync_folder
from minping_web.people.models import Person
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.cells import levels_of
from minping_web.snapshots.rules.columns import NONE, Columns, Comment, Numbering, Sheet
from minping_web.snapshots.rules.generalise import Dimension, Generalised, generalise
from minping_web.snapshots.rules.sources import sources
from minping_web.snapshots.selectors.facts import RoundFacts
from minping_web.snapshots.selectors.spread import STRATUM, Spread
from minping_web.snapshots.services.counting import Counted, shuffle

Ints = NDArray[np.int64]
SALT_BYTES = 32
SOURCE = "minping: sealed round"
RULE = "one household, one vote; the last one from its first token"


@dataclass(frozen=True)
class SealedText:
    """An original with the number of its redacted copy."""

    number: int
    comment: Comment


@dataclass(frozen=True)
class Written:
    """A folder that is durable, and what must be found in it."""

    folder: Path
    sha256: str
    parts: tuple[tuple[str, pa.Table], ...]
    salt: bytes
    originals: tuple[SealedText, ...]
    withheld: Mapping[int, int]
    """Target -> counted ballots that are not released."""


@dataclass(frozen=True)
class _Made:
    """Ballot tables with what was merged and how many are not released, by target."""

    parts: tuple[tuple[str, pa.Table], ...]
    generalised: Generalised
    withheld: Mapping[int, int]
    open_withheld: int


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
    """Write everything and make it durable; the folder's name tells its hash."""
    remove_partial(facts.round.pk)
    made = _ballots(facts, counted)
    spread = Spread(made.generalised.merges)
    tables = {name: source(facts, spread) for name, source in sorted(sources().items())}
    tables["comments"], originals = _comments(counted)
    salt = secrets.token_bytes(SALT_BYTES)
    draft = snapshot_folder() / f".round-{facts.round.pk}-{secrets.token_hex(6)}"
    parts = [BallotPart(name, _district(facts), table) for name, table in made.parts]
    sha256 = seal_snapshot(draft, _head(facts, counted, made, salt), tables, parts)
    folder = snapshot_folder() / f"round-{facts.round.pk}-{sha256[:12]}"
    _put_durably(draft, folder)
    return Written(folder, sha256, made.parts, salt, tuple(originals), made.withheld)


def _put_durably(draft: Path, folder: Path) -> None:
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


def _head(facts: RoundFacts, counted: Counted, made: _Made, salt: bytes) -> SnapshotHead:
    rule: dict[str, Any] = {
        "rule": RULE,
        "round": facts.round.pk,
        "ballot_salt": salt.hex(),
        "least_in_cell": facts.least,
        "small_areas": [facts.areas[target].code for target in sorted(made.withheld)],
        "withheld": sum(made.withheld.values()),
        "slots": counted.slots,
        "invalid": counted.invalid,
        "set_aside": counted.set_aside,
        "open_online": counted.open_found,
        "open_online_invalid": counted.open_invalid,
        "open_online_withheld": made.open_withheld,
    }
    merges = tuple(
        {"area": facts.areas[one.target].code, "variable": one.variable, "levels": list(one.levels),
         "into": one.into}
        for one in made.generalised.merges
    )  # fmt: skip
    return SnapshotHead(
        facts.round.period, facts.period_kind, SOURCE,
        synthetic=settings.DEMO, import_rule=rule, merged_cells=merges,
    )  # fmt: skip


def _district(facts: RoundFacts) -> str:
    """Code of the district that the rated areas lie in."""
    from minping_web.places.models import Area

    around = {pk for area in facts.areas for pk in area.ancestor_ids}
    found = (
        Area.objects.filter(pk__in=around, level="district").order_by("code").values_list("code", flat=True)
    )
    return next(iter(found), "district")


def _ballots(facts: RoundFacts, counted: Counted) -> _Made:
    """Ballot tables of all questionnaires, cells widened over all of them together."""
    sheets = [sheet for _key, sheet in sorted(counted.sheets.items()) if len(sheet.columns)]
    frames = [_frame_levels(facts, counted, sheet) for sheet in sheets]
    kept = [_released(facts, sheet) for sheet in sheets]
    rows, dimensions = _rows(facts, sheets, frames)
    target = _joined([sheet.columns["target"] for sheet in sheets])
    asked = _joined([sheet.columns["mode"] for sheet in sheets]) != Mode.OPEN_ONLINE
    released = np.concatenate(kept) if kept else np.empty(0, np.bool_)
    seen = asked & released
    found = generalise(target[seen], rows[seen], dimensions, facts.least)
    rows[seen] = found.rows
    numbers = _fresh_numbers(len(rows))
    parts, start = list[tuple[str, pa.Table]](), 0
    for sheet, keep in zip(sheets, kept, strict=True):
        mine = slice(start, start + len(sheet.columns))
        start = mine.stop
        table = _table(facts, counted, sheet, rows[mine], numbers[mine])
        parts.append((sheet.instrument, table.filter(pa.array(keep)).sort_by("ballot_id")))
    withheld = _by_number(target[asked & ~released])
    return _Made(tuple(parts), found, withheld, int((~asked & ~released).sum()))


def _by_number(values: Ints) -> dict[int, int]:
    found, many = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), many.tolist(), strict=True))


def _joined(columns: Sequence[Ints]) -> Ints:
    return np.concatenate(columns) if columns else np.empty(0, np.int64)


def _frame_levels(facts: RoundFacts, counted: Counted, sheet: Sheet) -> Ints:
    """(ballots, frame variables): the levels of each ballot's frame cell."""
    if not facts.frame_variables:
        return np.empty((len(sheet.columns), 0), np.int64)
    levels = np.array([levels_of(cell, facts.frame_variables) for cell in counted.cells.texts], np.int64)
    found: Ints = levels[sheet.columns["frame_cell"]]
    return found


def _rows(facts: RoundFacts, sheets: Sequence[Sheet], frames: Sequence[Ints]) -> tuple[Ints, list[Dimension]]:
    """One row of frame-known levels per ballot; the questionnaire is told by the household's audience."""
    dimensions = [
        Dimension("instrument", None),
        Dimension("mode", Mode.UNKNOWN.value),
        *(Dimension(one.name, one.rest) for one in facts.frame_variables),
        Dimension("randomised", 0),
        Dimension(STRATUM, 0, is_weight=True),
    ]
    pieces = [
        np.column_stack([
            np.full(len(sheet.columns), at), sheet.columns["mode"], frame, sheet.columns["randomised"],
            sheet.columns["stratum"],
        ])
        for at, (sheet, frame) in enumerate(zip(sheets, frames, strict=True))
    ]  # fmt: skip
    if not pieces:
        return np.empty((0, len(dimensions)), np.int64), dimensions
    return np.concatenate(pieces).astype(np.int64), dimensions


def _released(facts: RoundFacts, sheet: Sheet) -> NDArray[np.bool_]:
    """Fewer ballots of one questionnaire in an area than a cell needs are counted and not released.

    The office knows which questionnaire a household got, so a lone one would be read as that household's.
    Questionnaires cannot be merged; nor can answers to the open link be merged with those of invited
    households without being counted among them, so both are held against the number by themselves.
    """
    is_open = sheet.columns["mode"] == Mode.OPEN_ONLINE
    target = sheet.columns["target"]
    group = 2 * target + is_open
    many = np.bincount(group, minlength=2 * len(facts.areas)) >= facts.least
    keep: NDArray[np.bool_] = many[group]
    return keep


def _fresh_numbers(n: int) -> Ints:
    """Different random 63-bit numbers from the operating system."""
    while True:
        found = np.frombuffer(os.urandom(8 * n), dtype="<u8") >> np.uint64(1)
        if len(np.unique(found)) == n:
            return found.astype(np.int64)


def _table(facts: RoundFacts, counted: Counted, sheet: Sheet, rows: Ints, numbers: Ints) -> pa.Table:
    columns = sheet.columns
    made: dict[str, pa.Array] = {
        "ballot_id": pa.array(numbers, pa.int64()),
        "target": pa.array(columns["target"], pa.int32()),
        "stratum": pa.array(rows[:, -1], pa.int16()),
        "mode": pa.array(rows[:, 1], pa.int8()),
        "randomised": pa.array(rows[:, -2], pa.int8()),
    }
    for at, one in enumerate(facts.frame_variables):
        made[CELL + one.name] = pa.array(rows[:, 2 + at], pa.int16())
    for one in facts.about_variables[:-1]:
        told = columns[f"about_{one.name}"] if one.name in sheet.about else np.full(len(columns), NONE)
        made[CELL + one.name] = pa.array(np.where(told == NONE, one.rest, told), pa.int16())
    made[CELL + facts.about_variables[-1].name] = pa.array(columns["help"], pa.int16())
    for name in sheet.items:
        codes = columns[f"item_{name}"]
        made[f"item_{name}"] = pa.array(codes, pa.int16(), mask=codes == NONE)
    made |= _clusters(facts, columns, {"interviewer": counted.clusters, "batch": counted.batches})
    return pa.table(made)


def _clusters(facts: RoundFacts, columns: Columns, kinds: Mapping[str, Numbering]) -> dict[str, pa.Array]:
    """Random numbers for interviewers and batches, where any ballot has one and an area enough of them."""
    made = {}
    for name, source in (("interviewer", "cluster"), ("batch", "batch")):
        found = columns[source]
        if not found.any():
            continue
        pairs = columns["target"] * len(kinds[name].texts) + found
        _pairs, place, count = np.unique(pairs, return_inverse=True, return_counts=True)
        hidden = (found == 0) | (count[place] < facts.least)
        fresh = np.array([secrets.randbelow(2**31) for _text in kinds[name].texts])
        made[CLUSTER + name] = pa.array(fresh[found], pa.int32(), mask=hidden)
    return made


def _comments(counted: Counted) -> tuple[pa.Table, list[SealedText]]:
    """Redacted copies in random order with numbers of their own; originals beside them, for sealing."""
    rows = counted.comments
    shuffle(rows)
    numbers = _fresh_numbers(len(rows))
    names = NameList(Person.objects.values_list("name", flat=True))
    table = pa.table(
        {
            "comment_id": pa.array(numbers, pa.int64()),
            "target": pa.array([one.target for one in rows], pa.int32()),
            "text": pa.array([redact(one.text, names=names).text for one in rows], pa.string()),
        }
    )
    originals = [SealedText(int(number), one) for number, one in zip(numbers, rows, strict=True)]
    return table.filter(pa.compute.not_equal(table["text"], "")), originals
