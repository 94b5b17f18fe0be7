"""Rows by what people type: their code, or a name that only one of them has."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def by_code_or_name(rows: QuerySet[M], words: str, named: QuerySet[M]) -> M | None:
    """The row with this code, else the only one among `named` (those still there) with this name."""
    found = rows.filter(code=words).first()
    if found is None:
        same = list(named.filter(name=words)[:2])
        found = same[0] if len(same) == 1 else None
    return found
