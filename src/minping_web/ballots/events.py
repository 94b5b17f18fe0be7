"""What happened to a round's honesty, for whoever must react: told inside the step's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CoercionReported:
    """Somebody said that answers are being pressed for. Area and day; who said it is not known here."""

    area_id: int | None
    day: date


@dataclass(frozen=True)
class ProblemReported:
    """A problem that cannot wait for the closing."""

    area_id: int | None
    day: date
    field: str
    is_urgent: bool
