"""What other apps may need to know about places."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AreasMoved:
    """These areas, and all inside them, hang under another parent now."""

    area_ids: tuple[int, ...]
