"""One vote per household and target: which of several ballots counts (S1, evidence.md 1).

`latest` keeps the newest, `first` the oldest; equal or unknown times go by file and row, a known
time beats an unknown one. `reject` counts none of several. Out: the ballots that stay, and each
dropped one with the ballot that was kept instead, for the report. Without a household column
every row counts: nothing can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from minping_engine.snapshot.importing.apply_times import UNKNOWN
from minping_engine.snapshot.importing.texts import Codes

Rule = Literal["latest", "first", "reject"]
NOBODY = -1


@dataclass(frozen=True)
class Votes:
    """Ballots by number: those kept (ascending); those dropped, each with the kept one or -1."""

    kept: Codes
    dropped: Codes
    instead: Codes
    households: Codes


def choose_votes(household: Codes, target: Codes, time: Codes, rule: Rule) -> Votes:
    """Decide among ballots of the same household and target; codes below 0 stand alone."""
    alone = (household < 0) | (target < 0)
    key = np.where(alone, NOBODY, household * (max(int(target.max(initial=0)), 0) + 1) + target)
    number = np.arange(len(key), dtype=np.int64)
    late = np.where(time == UNKNOWN, np.iinfo(np.int64).max, time) if rule == "first" else time
    order = np.lexsort((number, late, key))
    order = order[key[order] >= 0]
    winner = _winner(order, key, last=rule != "first")
    several = np.zeros(len(key), bool)
    several[order] = _several(key[order])
    dropped = several if rule == "reject" else several & (winner != number)
    instead = np.full(len(key), NOBODY) if rule == "reject" else winner
    gone = np.flatnonzero(dropped)
    return Votes(np.flatnonzero(~dropped), gone, instead[gone].astype(np.int64), household[gone])


def _several(sorted_keys: Codes) -> npt.NDArray[np.bool_]:
    same = sorted_keys[1:] == sorted_keys[:-1]
    return np.append(same, False) | np.insert(same, 0, False) if len(sorted_keys) else np.zeros(0, bool)


def _winner(order: Codes, key: Codes, *, last: bool) -> Codes:
    """For every ballot the one of its group that counts."""
    keys = key[order]
    found, first, counts = np.unique(keys, return_index=True, return_counts=True)
    chosen = order[first + counts - 1] if last else order[first]
    winner = np.arange(len(key), dtype=np.int64)
    winner[order] = chosen[np.searchsorted(found, keys)]
    return winner
