"""What redoing a draw found: one report, all problems in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from minping_engine.errors import Problem, Severity
from minping_engine.sampling import DrawHead
from minping_engine.verification.report import LogReport


@dataclass(frozen=True)
class DrawReport:
    """The outcome of one check. Counts are those of the draw made again.

    `opened` counts openings that fit their commitment (`None`: there were none), `left_out` units that the
    sealed frame does not exclude and the draw does. `entries` has the indexes of the entries found in the log
    by kind, `namings` how many seeds it names in all; `is_named_before` tells that a checkpoint kept from
    before holds the naming.
    """

    head: DrawHead
    units: int
    eligible: int
    sample: int
    reserve: int
    opened: int | None = None
    left_out: int = 0
    log: LogReport | None = None
    entries: Mapping[str, int] = field(default_factory=dict)
    namings: int = 0
    is_named_before: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong; notes are no faults."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)
