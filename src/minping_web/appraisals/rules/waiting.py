"""What must have ended before evidence is closed anew: apps above tell it, `site.wiring` joins them.

A further version of the snapshot overtakes the result that people object to: what was granted on the older
one could not be carried out any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minping_engine.errors import Problem

Unfinished = Callable[[int], Sequence[Problem]]
"""Id of a round -> what is not finished there; empty = nothing."""


class _Sources:
    """The sources of this process."""

    current: tuple[Unfinished, ...] = ()


def set_unfinished(sources: Sequence[Unfinished]) -> None:
    """Called once, by `site.wiring`."""
    _Sources.current = tuple(sources)


def unfinished_in(round_id: int) -> list[Problem]:
    """All of it."""
    return [problem for source in _Sources.current for problem in source(round_id)]
