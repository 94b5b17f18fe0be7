"""What publications tell; who reacts stands in `site.wiring.REACTIONS`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A result holds from now on. Consequences and help are prepared from it, in the same transaction.

    `supersedes` is the publication that it corrects, None for the first one of a round.
    """

    publication_id: int
    run_id: int
    supersedes: int | None = None
