"""Ids of assessees in snapshots that stay the same over rounds and are no register's own number."""

from __future__ import annotations


def organisation_id(organisation: int) -> str:
    """Of an organisation: the same with and without a survey, so that quarters and year find each other."""
    return f"O{organisation:06d}"
