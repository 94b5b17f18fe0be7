"""Who answers for an area: a question that places ask and `people` answers.

Places lie below people in the flow and must not know them; the site's wiring registers the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ResponsiblePerson:
    """What an area page may say about somebody; the phone is the office's, never a private one."""

    name: str
    role: str
    office_phone: str = ""


Source = Callable[[Sequence[int], date], Mapping[int, Sequence[ResponsiblePerson]]]


def _nobody(area_ids: Sequence[int], day: date) -> Mapping[int, Sequence[ResponsiblePerson]]:
    return {}


class _Registered:
    source: Source = staticmethod(_nobody)


def set_responsible_source(source: Source) -> None:
    """Register who answers; the last one counts."""
    _Registered.source = staticmethod(source)


def responsible_for(area_ids: Sequence[int], day: date) -> Mapping[int, Sequence[ResponsiblePerson]]:
    """Responsible persons by area id; areas without any may be absent."""
    return _Registered.source(area_ids, day) if area_ids else {}
