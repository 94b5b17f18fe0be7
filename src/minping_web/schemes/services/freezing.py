"""Freeze a version of a scheme before its round opens (G3), mark and end pilots (S20).

Freezing the same content again gives the same row. The same version with other files is refused: a change
of rules needs another version in the library. The same files with other values of the district are another
revision, with an entry of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from minping_engine.errors import Place
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import json_sha256
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.rules import canonical_values, file_hashes, package_sha256
from minping_web.schemes.selectors.library import FREEZE, package_of
from minping_web.schemes.selectors.versions import frozen_scheme


@transaction.atomic
def freeze_version(
    scope: Scope,
    scheme_id: str,
    version: str,
    *,
    values: Mapping[str, Any] | None = None,
    pilot: bool = False,
    note: str = "",
) -> SchemeVersion:
    """Freeze what the library holds under this id; `version` must be the version that its file names.

    `values` fills in what nobody published; None means those of the last time. Raises `RefusedError` or the
    engine's `SchemeError` with all problems at once.
    """
    _require(scope)
    files = package_of(scheme_id)
    given = dict(values) if values is not None else _last_values(scheme_id, version)
    scheme = frozen_scheme(scheme_id, files, given)
    _refuse_unfit(scheme, version)
    sha256 = package_sha256(files, given)
    found = SchemeVersion.objects.filter(sha256=sha256).first()
    if found is not None:
        return found
    _refuse_changed(scheme_id, version, files)
    made = _made(scope, scheme, files, given, sha256)
    made.pilot, made.note = pilot, note.strip()
    made.revision = _next_revision(scheme_id, version)
    made.save(force_insert=True)
    stage("scheme.frozen", made.step_id, _record(made))
    return made


def _require(scope: Scope) -> None:
    if not scope.may_everywhere(FREEZE):
        raise PermissionDenied(FREEZE)


def _last_values(scheme_id: str, version: str) -> dict[str, Any]:
    """What the district filled in when it froze this version last: a round does not ask for it again."""
    rows = SchemeVersion.objects.filter(scheme_id=scheme_id, version=version).order_by("-revision")
    last = rows.values_list("values", flat=True).first()
    return dict(last or {})


def _refuse_unfit(scheme: LoadedScheme, version: str) -> None:
    if scheme.scheme.version != version:
        params = {"asked": version, "found": scheme.scheme.version}
        raise RefusedError.of("schemes.other_version", Place(key="version"), **params)
    if scheme.scheme.disabled:
        why = scheme.scheme.disabled.why
        params = {"why": why.zh, "why_en": why.en}
        raise RefusedError.of("schemes.disabled", Place(key=scheme.scheme.id), **params)


def _refuse_changed(scheme_id: str, version: str, files: Mapping[str, str]) -> None:
    """Rules that change under the same version would make two rounds look alike that are not."""
    earlier = SchemeVersion.objects.filter(scheme_id=scheme_id, version=version).first()
    if earlier is None:
        return
    before, after = file_hashes(earlier.files), file_hashes(files)
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    if changed:
        params = {"version": version, "files": ", ".join(changed)}
        raise RefusedError.of("schemes.changed_under_version", Place(key="version"), **params)


def _next_revision(scheme_id: str, version: str) -> int:
    rows = SchemeVersion.objects.filter(scheme_id=scheme_id, version=version)
    return int(rows.aggregate(last=Max("revision"))["last"] or 0) + 1


def _made(
    scope: Scope, scheme: LoadedScheme, files: dict[str, str], values: dict[str, Any], sha256: str
) -> SchemeVersion:
    told = scheme.scheme
    return SchemeVersion(
        scheme_id=told.id,
        version=told.version,
        title_zh=told.title.zh,
        title_en=told.title.en,
        assessee_kind=told.assessee_kind.value,
        files=files,
        values=values,
        unfilled=[str(problem.params["name"]) for problem in scheme.unfilled],
        sha256=sha256,
        content_sha256=json_sha256(scheme.content),
        frozen_by_id=scope.user_id,
        frozen_at=now(),
    )


def _record(made: SchemeVersion) -> dict[str, Any]:
    return {
        "scheme": made.scheme_id,
        "version": made.version,
        "revision": made.revision,
        "package": made.sha256,
        "rules": made.content_sha256,
        "files": file_hashes(made.files),
        "values": canonical_values(made.values),
        "unfilled": made.unfilled,
        "pilot": made.pilot,
    }


@transaction.atomic
def end_pilot(scope: Scope, version_id: int) -> SchemeVersion:
    """The pilot is over and the version serves in earnest; entered in the ledger."""
    _require(scope)
    found = SchemeVersion.objects.select_for_update(of=("self",)).get(pk=version_id)
    if not found.pilot:
        raise RefusedError.of("schemes.no_pilot", Place(key=found.key))
    found.pilot, found.pilot_ended_at = False, now()
    found.save(update_fields=["pilot", "pilot_ended_at"])
    step = found.step_id.removesuffix("frozen") + "pilot-ended"
    stage("scheme.pilot_ended", step, {"scheme": found.key, "package": found.sha256})
    return found
