"""Reads of questionnaires: lists, versions, edits."""

from minping_web.instruments.selectors.versions import (
    EDIT,
    VIEW,
    edits_of,
    instrument_of,
    instruments,
    neighbours,
    version_of,
    versions,
)

__all__ = [
    "EDIT",
    "VIEW",
    "edits_of",
    "instrument_of",
    "instruments",
    "neighbours",
    "version_of",
    "versions",
]
