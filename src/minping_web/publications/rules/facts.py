"""Counts that others bring onto the public page: sealed with it, or as of today beside it.

`register_facts` is asked while a publication is made (what was objected, decided, left out);
`register_since` is asked whenever the page is read (what was done since: plans of help, later cases). Both
tell counts of a whole round, never anything of a single person (G1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Facts = Callable[[int], dict[str, int]]
"""Id of a run -> counts by their label in the language of the page."""
Since = Callable[[int], Sequence[tuple[str, int]]]
"""Id of a publication -> (label in the language of the page, count)."""

_facts: dict[str, Facts] = {}
_since: dict[str, Since] = {}


def register_facts(name: str, counts: Facts) -> None:
    """Counts that are sealed with every publication, under this name."""
    _facts[name] = counts


def register_since(name: str, counts: Since) -> None:
    """Counts as of today, shown beside a publication that holds."""
    _since[name] = counts


def sealed_facts(run_id: int) -> dict[str, int]:
    """All of them in the active language."""
    return {label: n for counts in _facts.values() for label, n in counts(run_id).items()}


def facts_since(publication_id: int) -> list[tuple[str, int]]:
    """All of them; what is nought is left out."""
    told = (line for counts in _since.values() for line in counts(publication_id))
    return [(str(label), count) for label, count in told if count]
