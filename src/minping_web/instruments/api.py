"""Questionnaires for other systems: reads by the selectors of the pages."""

from __future__ import annotations

from ninja import Path, Query

from minping_web.common.rest import Id, Operations, page_of
from minping_web.common.scope import Scope
from minping_web.instruments.schemas import (
    InstrumentVersionDetail,
    InstrumentVersionFilters,
    InstrumentVersionList,
    InstrumentVersionOut,
)
from minping_web.instruments.selectors import VIEW, version_of, versions

instruments = Operations("instruments")


@instruments.get("/instrument-versions", VIEW, InstrumentVersionList)
def list_instrument_versions(scope: Scope, wanted: Query[InstrumentVersionFilters]) -> InstrumentVersionList:
    """Versions of questionnaires, by id; frozen ones unless drafts are asked for."""
    found = versions(scope, search=wanted.search)
    if wanted.state != "all":
        found = found.filter(state=wanted.state)
    if wanted.code is not None:
        found = found.filter(instrument__code=wanted.code)
    if wanted.frozen_since:
        found = found.filter(frozen_at__gte=wanted.frozen_since)
    rows, after = page_of(found, wanted)
    return InstrumentVersionList(items=[InstrumentVersionOut.of(row) for row in rows], next=after)


@instruments.get("/instrument-versions/{int:version_id}", VIEW, InstrumentVersionDetail)
def get_instrument_version(scope: Scope, version_id: Path[Id]) -> InstrumentVersionDetail:
    """One version with its content."""
    row = version_of(scope, version_id)
    return InstrumentVersionDetail(**InstrumentVersionOut.of(row).model_dump(), content=row.content)
