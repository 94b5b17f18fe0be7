"""Counts that others bring onto the public page: what was done since (plans of help, later cases).

They are asked whenever the page is read, as of today beside what was sealed. They tell counts of a whole
round, never anything of a single person (G1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Since = Callable[[int], Sequence[tuple[str, int]]]
"""Id of a publication -> (label in the language of the page, count)."""

_since: dict[str, Since] = {}


def register_since(name: str, counts: Since) -> None:
    """Counts as of today, shown beside a publication that holds."""
    _since[name] = counts


def facts_since(publication_id: int) -> list[tuple[str, int]]:
    """All of them; what is nought is left out."""
    told = (line for counts in _since.values() for line in counts(publication_id))
    return [(str(label), count) for label, count in told if count]
