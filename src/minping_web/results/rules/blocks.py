"""What other apps show beside somebody's result: help, training, consequences, objections.

Each app offers a function from the reader's scope and the id of a result to a block, or None where it has
nothing to say. `site.wiring` joins them in the order of the page; only the attributes below are read, so that
a lower app may return a dataclass of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from minping_web.common.scope import Scope


class Shown(Protocol):
    """What a page reads of a block. Links are (label, address), facts (label, value)."""

    @property
    def title(self) -> str:
        """Heading of the block."""

    @property
    def sentences(self) -> Sequence[str]:
        """Paragraphs."""

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """Labels with values."""

    @property
    def links(self) -> Sequence[tuple[str, str]]:
        """Buttons."""

    @property
    def tone(self) -> str:
        """Empty, or the colour of a notice: ok, warn, bad, info."""


@dataclass(frozen=True)
class Block:
    """A block in its plainest form."""

    title: str
    sentences: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    links: Sequence[tuple[str, str]] = ()
    tone: str = ""


BlockSource = Callable[[Scope, int], Shown | None]


class _Sources:
    """The sources of this process."""

    current: tuple[BlockSource, ...] = ()


def set_blocks(sources: Sequence[BlockSource]) -> None:
    """Called once, by `site.wiring`."""
    _Sources.current = tuple(sources)


def blocks_of(scope: Scope, result_id: int) -> list[Shown]:
    """All blocks of a result that the reader may see, in the order of the page."""
    found = (source(scope, result_id) for source in _Sources.current)
    return [block for block in found if block is not None]
