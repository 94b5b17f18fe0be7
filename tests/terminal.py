"""A real terminal for tests: the command runs on a pseudo-terminal, the screen is read back."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pexpect
import pyte


@dataclass(frozen=True)
class Screen:
    """What a person saw: the lines at the end, and the exit code."""

    lines: tuple[str, ...]
    code: int

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


def on_terminal(*arguments: str, columns: int = 110, rows: int = 200, seconds: int = 240) -> Screen:
    """Run `minping` with these arguments on a terminal of that size."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "minping_engine", *arguments],
        dimensions=(rows, columns),
        timeout=seconds,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": str(columns)},
    )
    output = child.read()
    child.wait()
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(output)
    # A wide character fills two cells; the second is empty in pyte and must not tear words apart.
    lines = tuple(line.rstrip() for line in screen.display)
    return Screen(tuple(line for line in lines if line), int(child.exitstatus or 0))
