"""Frozen schemes for other systems: reads by the selectors of the pages."""

from __future__ import annotations

from ninja import Path, Query

from minping_web.common.rest import Id, Operations, page_of
from minping_web.common.scope import Scope
from minping_web.schemes.rules import file_hashes
from minping_web.schemes.schemas import (
    SchemeVersionDetail,
    SchemeVersionFilters,
    SchemeVersionList,
    SchemeVersionOut,
)
from minping_web.schemes.selectors.library import VIEW
from minping_web.schemes.selectors.versions import scheme_versions, version_of

schemes = Operations("schemes")


@schemes.get("/scheme-versions", VIEW, SchemeVersionList)
def list_scheme_versions(scope: Scope, wanted: Query[SchemeVersionFilters]) -> SchemeVersionList:
    """Versions of schemes that this district froze, by id."""
    found = scheme_versions(scope, search=wanted.search, pilot=wanted.pilot)
    if wanted.scheme is not None:
        found = found.filter(scheme_id=wanted.scheme)
    if wanted.frozen_since:
        found = found.filter(frozen_at__gte=wanted.frozen_since)
    rows, after = page_of(found, wanted)
    return SchemeVersionList(items=[SchemeVersionOut.of(row) for row in rows], next=after)


@schemes.get("/scheme-versions/{int:version_id}", VIEW, SchemeVersionDetail)
def get_scheme_version(scope: Scope, version_id: Path[Id]) -> SchemeVersionDetail:
    """One frozen version with the hash of every file."""
    row = version_of(scope, version_id)
    plain = SchemeVersionOut.of(row).model_dump()
    return SchemeVersionDetail(**plain, files=file_hashes(row.files))
