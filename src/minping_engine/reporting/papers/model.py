"""What stands on a paper, as data: blocks that the template sets one under the other; it computes nothing.

Texts are ready to print; the few numbers are positions on an axis, in points, and widths of columns. The
code of a paper is made from this data without the code, so everything that is printed is covered by it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from minping_engine.reporting.papers.code import paper_code


@dataclass(frozen=True)
class Heading:
    """A heading."""

    text: str
    kind: str = "heading"


@dataclass(frozen=True)
class Text:
    """A paragraph; `strong` for what must not be overlooked."""

    text: str
    strong: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class Figures:
    """Large figures: (label, number, note)."""

    items: tuple[tuple[str, str, str], ...]
    kind: str = "figures"


@dataclass(frozen=True)
class TrendRow:
    """A period: a dot with its interval; `mark` is what it is compared with."""

    label: str
    text: str
    interval: str
    point: float | None
    low: float | None
    high: float | None
    mark: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Trend:
    """Periods under each other on one axis."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    rows: tuple[TrendRow, ...]
    legend: str
    kind: str = "trend"


@dataclass(frozen=True)
class Table:
    """A table; the first column is words, the others are figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    kind: str = "table"


Block = Heading | Text | Figures | Trend | Table


@dataclass(frozen=True)
class Paper:
    """One paper. `subject` names whom or what it is about; `day` is (year, month, day)."""

    language: str
    title: str
    subtitle: str
    subject: str
    scheme: str
    demo: str
    head: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    basis: tuple[tuple[str, str, str], ...]
    words: dict[str, str]
    day: tuple[int, int, int]

    @property
    def content(self) -> dict[str, Any]:
        """Everything that the paper says."""
        return asdict(self)

    @property
    def code(self) -> str:
        """The code printed on it."""
        return paper_code(_exact(self.content))


def _exact(value: Any) -> Any:
    """Positions as text with six digits: the last bit of a double must not change a code."""
    if isinstance(value, float):
        return f"{value:.6f}"
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    return [_exact(each) for each in value] if isinstance(value, list | tuple) else value
