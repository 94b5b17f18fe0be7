"""The words of the field as types: closed lists that snapshot, scheme and result share.

Glossary: `docs/reference/glossary.md` (a test holds both together). Nothing here reads or
computes; integer codes are part of the snapshot contract and never change their meaning.
"""

from minping_engine.terms.front import lazy_front
from minping_engine.terms.words import (
    AreaLevel,
    AssesseeKind,
    Disposition,
    Known,
    Mode,
    NotAssessed,
    PeriodKind,
    Status,
    label,
)

__all__ = [
    "AreaLevel",
    "AssesseeKind",
    "Disposition",
    "Known",
    "Mode",
    "NotAssessed",
    "PeriodKind",
    "Status",
    "label",
    "lazy_front",
]
