"""Windows, review nodes and clocks, as the scheme has them; working days, not calendar days.

A scheme without a word about objections does not mean that nobody is heard (D11): five working days and
one review by the district hold then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from minping_engine.scheme import Objection as ObjectionRules
from minping_web.common.workdays import last_working_day, working_days_between

DEFAULT_DAYS = 5
DEFAULT_NODE_DAYS = 5
FEWEST_OF_A_BATCH = 5
"""A batch with fewer ballots is not left out: that would be an exclusion of single ballots."""
MOST_FILES = 5
MOST_BYTES = 5_000_000
KINDS_OF_FILE = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
}
"""Ending -> type and first bytes: what is not what its ending says is refused."""


@dataclass(frozen=True)
class Node:
    """One step of the review."""

    zh: str
    en: str
    days: int

    @property
    def title(self) -> str:
        """In the language of the page."""
        return self.en if (get_language() or "zh").startswith("en") else self.zh


@dataclass(frozen=True)
class Terms:
    """What holds for objections of a round."""

    days: int
    nodes: tuple[Node, ...]
    recomputes: bool = True
    """Whether a granted objection changes the score; else it is noted only."""

    @property
    def last(self) -> int:
        """Number of the node that decides; those before it check."""
        return len(self.nodes) - 1


DEFAULT = Terms(
    DEFAULT_DAYS, (Node("区里独立复核", "Independent review by the district", DEFAULT_NODE_DAYS),)
)


def terms_from(said: ObjectionRules | None) -> Terms:
    """As the scheme says it, else the default."""
    if said is None:
        return DEFAULT
    nodes = tuple(Node(one.title.zh, one.title.en, one.days) for one in said.nodes)
    return Terms(said.days, nodes, said.effect == "recomputed")


def last_day(begins: date, days: int) -> date:
    """The last day of a window or node; the day it begins on does not count."""
    return last_working_day(begins, days)


def working_days_left(today: date, until: date) -> int:
    """Working days from tomorrow to the last day; negative when it is over."""
    return -1 if until < today else working_days_between(today, until)


def kind_of_file(name: str, content: bytes) -> str | None:
    """The media type of a file that may be evidence; None for everything else."""
    ending = name.rpartition(".")[2].lower()
    found = KINDS_OF_FILE.get(ending)
    if found is None or not content.startswith(found[1]):
        return None
    return found[0]
