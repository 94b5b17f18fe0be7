"""Freeze a version: from then on it is asked, and the ledger holds its hash (G3)."""

from __future__ import annotations

from django.db import transaction

from minping_engine.errors import Problem, Severity
from minping_engine.snapshot import json_sha256
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules.lint import lint
from minping_web.instruments.services.drafts import require_edit
from minping_web.ledger.services import stage


@transaction.atomic
def freeze_instrument(scope: Scope, version_id: int) -> InstrumentVersion:
    """Refuses every error that the linter finds; freezing a frozen version changes nothing."""
    require_edit(scope)
    rows = InstrumentVersion.objects.select_for_update(of=("self",)).select_related("instrument")
    version = rows.get(pk=version_id)
    if not version.is_draft:
        return version
    errors: list[Problem] = [one for one in lint(version.content) if one.severity is Severity.ERROR]
    if errors:
        raise RefusedError(errors)
    version.sha256 = json_sha256(version.content)
    version.state = InstrumentVersion.State.FROZEN
    version.frozen_at, version.frozen_by_id = now(), scope.user_id
    version.save(update_fields=["sha256", "state", "frozen_at", "frozen_by"])
    stage("instrument.frozen", f"instrument-{version.pk}-frozen", _record(version))
    return version


def _record(version: InstrumentVersion) -> dict[str, object]:
    return {
        "instrument": version.instrument.code,
        "version": version.version,
        "content": version.sha256,
        "scheme": version.scheme_version.key if version.scheme_version else "",
    }
