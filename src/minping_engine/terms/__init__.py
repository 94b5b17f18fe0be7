"""The words of the field as types: closed lists that snapshot, scheme and result share.

Glossary: `docs/reference/glossary.md` (a test holds both together). Nothing here reads or
computes; integer codes are part of the snapshot contract and never change their meaning.
"""

from minping_engine.terms.front import lazy_front
from minping_engine.terms.periods import (
    NAMED_LIKE,
    days_of,
    first_day,
    is_year_end,
    last_day,
    period_kind,
    period_order,
    year_of,
)
from minping_engine.terms.words import (
    PERSON_KINDS,
    AreaLevel,
    AssesseeKind,
    Disposition,
    Known,
    MeasureState,
    Mode,
    NotAssessed,
    PeriodKind,
    Standing,
    Status,
    label,
)

__all__ = [
    "NAMED_LIKE",
    "PERSON_KINDS",
    "AreaLevel",
    "AssesseeKind",
    "Disposition",
    "Known",
    "MeasureState",
    "Mode",
    "NotAssessed",
    "PeriodKind",
    "Standing",
    "Status",
    "days_of",
    "first_day",
    "is_year_end",
    "label",
    "last_day",
    "lazy_front",
    "period_kind",
    "period_order",
    "year_of",
]
