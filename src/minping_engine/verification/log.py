"""`verify_log`: the whole check of a published log, in the order of docs/method/ledger.md.

In: a folder, the key that the auditor holds; perhaps a checkpoint that the auditor kept, what others say of
the log (witnesses, paper, timestamps), and disclosed records. Out: a `LogReport` with all problems. Faults
of the auditor's own input (no folder, no key) are raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from minping_engine.errors import IntegrityError, Place, Problem
from minping_engine.proof import (
    CHECKPOINT_PATH,
    ENTRIES,
    TILE_WIDTH,
    Checkpoint,
    VerifierKey,
    open_checkpoint,
    tiles_of,
    verifier_key,
)
from minping_engine.verification.entries import Hashes, reread_entries
from minping_engine.verification.folder import LogFolder, open_folder
from minping_engine.verification.history import broken_history
from minping_engine.verification.opened import check_disclosed, read_disclosed
from minping_engine.verification.outside import OutsideProofs, check_outside
from minping_engine.verification.report import LogReport
from minping_engine.verification.tiles import check_tiles

OLDER = "older checkpoint"
MOST_MISSING = 1_000
"""Missing bundles that are named one by one; a checkpoint that promises more is not searched for them."""


@dataclass(frozen=True)
class _Signed:
    """A checkpoint if its signature holds, and what is wrong with it."""

    checkpoint: Checkpoint | None
    problems: tuple[Problem, ...] = ()


def verify_log(
    folder: Path,
    key: VerifierKey | str,
    older_checkpoint: bytes | None = None,
    *,
    opened: Path | None = None,
    older_name: str = OLDER,
    outside: OutsideProofs | None = None,
) -> LogReport:
    """Reread the whole log and say everything that is wrong with it.

    `older_checkpoint` is a note that the auditor kept from before, `outside` what witnesses, paper and
    timestamps say: without any of them an edited history that was signed again looks sound.
    """
    held = open_folder(folder)
    key = verifier_key(key) if isinstance(key, str) else key
    lines, problems = read_disclosed(opened) if opened else ([], [])
    signed = _signed(held, key)
    size, anchor, beyond = _extent(held, signed.checkpoint)
    made = reread_entries(held, size, {line.index for line in lines})
    tiles = check_tiles(held, made.leaves, anchor)
    proved = _best(tiles.true, made.leaves)
    older_size, history = _history(older_checkpoint, key, signed.checkpoint, proved, older_name)
    notes = (held.store.read(CHECKPOINT_PATH) or b"", *([older_checkpoint] if older_checkpoint else []))
    others = check_outside(outside or OutsideProofs(), key, signed.checkpoint, proved, notes)
    count, unopened = check_disclosed(lines, made.kept, opened.name if opened else "")
    found = (*signed.problems, *beyond, *history, *others.problems, *made.problems, *tiles.problems)
    return LogReport(
        origin=key.name,
        size=signed.checkpoint.size if signed.checkpoint else None,
        root=signed.checkpoint.root if signed.checkpoint else b"",
        entries=made.entries,
        files=len(held.tiles),
        kinds=dict(sorted(made.kinds.items())),
        other_entries=made.others,
        older_size=older_size,
        opened=count,
        cosigned=others.cosigned,
        printed_size=others.printed_size,
        stamped=others.stamped,
        problems=tuple(
            sorted((*found, *problems, *unopened), key=lambda problem: problem.severity)
        ),  # errors first
    )


def _signed(held: LogFolder, key: VerifierKey) -> _Signed:
    content = held.store.read(CHECKPOINT_PATH)
    if content is None:
        return _Signed(None, (Problem("ledger.no_checkpoint", Place(file=CHECKPOINT_PATH)),))
    return _opened(content, key, CHECKPOINT_PATH)


def _opened(content: bytes, key: VerifierKey, file: str) -> _Signed:
    try:
        return _Signed(open_checkpoint(content, key, file))
    except IntegrityError as error:
        return _Signed(None, error.problems)


def _extent(held: LogFolder, checkpoint: Checkpoint | None) -> tuple[int, bytes | None, tuple[Problem, ...]]:
    """Up to which size to check and under which root: what was signed, else as far as bundles reach."""
    bundles = {path.index for path in held.tiles if path.level == ENTRIES}
    reach = min(held.held_size, (len(bundles) + MOST_MISSING) * TILE_WIDTH)
    if checkpoint is None:
        return reach, None, ()
    if tiles_of(ENTRIES, checkpoint.size) > len(bundles) + MOST_MISSING:
        params: dict[str, object] = {"size": checkpoint.size, "bundles": len(bundles)}
        return reach, None, (Problem("ledger.mostly_missing", Place(file=CHECKPOINT_PATH), params),)
    return checkpoint.size, checkpoint.root, ()


def _best(true: Sequence[Hashes], leaves: Hashes) -> Hashes:
    """Leaf hashes as proved under the root; as the entries give them only if it proves nothing at all.

    Entries that contradict a root which was proved say nothing about history: their own fault is told.
    """
    is_proved = any(one is not None for row in true for one in row)
    return true[0] if is_proved else leaves


def _history(
    content: bytes | None, key: VerifierKey, now: Checkpoint | None, leaves: Hashes, name: str
) -> tuple[int | None, tuple[Problem, ...]]:
    """Whether the log begins with the one of the kept checkpoint: its size if so, else what is wrong."""
    if content is None:
        return None, ()
    older = _opened(content, key, name)
    if older.checkpoint is None:
        return None, older.problems
    problem = broken_history(older.checkpoint, now, leaves)
    return (None, (problem,)) if problem else (older.checkpoint.size, ())
