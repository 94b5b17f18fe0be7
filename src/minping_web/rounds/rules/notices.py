"""What apps above have to say about a running round, shown on its live page to who may know it.

`ballots` lies above and knows of pressure that residents report; it registers a source when it is ready.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """A warning with the page that tells more."""

    text: str
    url: str
    permission: str
    """Who does not hold it is not shown the notice."""


Source = Callable[[int], Sequence[Notice]]
"""`source(round_id)`."""
_sources: list[Source] = []


def register_notices(source: Source) -> Source:
    """Make a source known; called when an app is ready."""
    if source not in _sources:
        _sources.append(source)
    return source


def notices_of(round_id: int) -> list[Notice]:
    """Everything that is to be said of a round, in the order of registration."""
    return [notice for source in _sources for notice in source(round_id)]
