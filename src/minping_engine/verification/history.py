"""Whether a log begins with what somebody kept of it.

In: an older checkpoint (signed, or typed from paper), the newest one, the leaf hashes as far as they are
proved. Out: nothing where the log continues it, else what is wrong.
"""

from __future__ import annotations

from minping_engine.errors import Place, Problem
from minping_engine.proof import CHECKPOINT_PATH, Checkpoint, root_of_hashes
from minping_engine.verification.entries import Hashes


def broken_history(
    old: Checkpoint, now: Checkpoint | None, leaves: Hashes, file: str = CHECKPOINT_PATH
) -> Problem | None:
    """What is wrong between an older checkpoint and the log; None if the log begins with it."""
    reached, place = now.size if now else len(leaves), Place(file=file)
    params: dict[str, object] = {"size": reached, "old": old.size}
    if old.size > reached:
        return Problem("ledger.rolled_back", place, params)
    beginning = [leaf for leaf in leaves[: old.size] if leaf is not None]
    if len(beginning) < old.size:
        return Problem("ledger.history_unknown", place, params)
    if root_of_hashes(beginning) != old.root:
        return Problem("ledger.history_changed", place, params)
    return None
