"""What a check of a log found: one report, all problems in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from minping_engine.anchors import Timestamp
from minping_engine.errors import Problem, Severity
from minping_engine.witness import Cosigned


@dataclass(frozen=True)
class LogReport:
    """The outcome of one check. `size` and `root` are what the log's key signed; unsigned, they are empty.

    `entries` counts all that could be read; `kinds` sorts those of our format, `other_entries` counts the
    rest. `older_size` is the size of the kept checkpoint where the log was shown to begin with it. `opened`
    counts the disclosed records that open their entry. `cosigned` are the known witnesses that signed the
    checkpoint, `printed_size` the size on paper that the log continues, `stamped` the time an authority
    states.
    """

    origin: str
    size: int | None
    root: bytes
    entries: int
    files: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    other_entries: int = 0
    older_size: int | None = None
    opened: int = 0
    cosigned: tuple[Cosigned, ...] = ()
    printed_size: int | None = None
    stamped: Timestamp | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong; what lies beside the log is no fault of the log."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)
