"""The rule of small numbers for counts that leave the office: one or two could be traced to a person."""

from __future__ import annotations

FEWEST = 3
"""Reports of an area from which on their number is told."""


def told_count(number: int) -> str:
    """A count as others may see it."""
    return str(number) if number == 0 or number >= FEWEST else f"<{FEWEST}"
