"""The head of a snapshot that somebody brought: what the product reads of it must be there, and be real.

The files are checked against their hashes by the engine; the head itself comes from outside as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from minping_engine.errors import Place, Problem
from minping_engine.terms import PeriodKind

FILE = "snapshot.json"
LONGEST_PERIOD = 12
"""As long as the register takes it."""


def head_faults(head: Mapping[str, Any], *, demo: bool) -> Iterator[Problem]:
    """Everything that is wrong with it; invented data belong to a demonstration only."""
    wrong = {
        "period": not _is_text(head.get("period"), LONGEST_PERIOD),
        "period_kind": head.get("period_kind") not in set(PeriodKind),
        "source": not _is_text(head.get("source"), 1_000),
        "synthetic": not isinstance(head.get("synthetic"), bool),
        "import_rule": not isinstance(head.get("import_rule"), dict),
        "merged_cells": not isinstance(head.get("merged_cells"), list),
    }
    for key, is_wrong in wrong.items():
        if is_wrong:
            yield Problem("snapshots.head_wrong", Place(file=FILE, key=key), {"key": key})
    if head.get("synthetic") is True and not demo:
        yield Problem("snapshots.invented", Place(file=FILE, key="synthetic"))


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= longest and value.isprintable()
