"""Certified copies: a card as PDF/A with a code, for the person or for an office with a reason, remembered.

In: a publication that is there, one of its results. Out: the bytes and the row that the code leads to. The
card covers the published periods of the year up to this one. Making it again gives the same bytes.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.http import Http404

from minping_engine.assessment import Result, read_result
from minping_engine.errors import Place
from minping_engine.reporting import SpanKind, make_span, write_annual_cards
from minping_engine.snapshot import open_snapshot
from minping_web.assessments.models import AssessedResult
from minping_web.assessments.selectors.runs import folder_of as result_folder_of
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.publications.models import CertifiedCopy, Publication
from minping_web.publications.rules.words import COPIED
from minping_web.publications.selectors.copies import is_own, may_copy, same_year
from minping_web.publications.selectors.current import earlier_of
from minping_web.publications.services.contents import left_out_of, opened
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.selectors.register import folder_of as snapshot_folder_of


@dataclass(frozen=True)
class Taken:
    """A copy that was taken, with its file."""

    row: CertifiedCopy
    content: bytes


def take_copy(
    scope: Scope, publication: Publication, result: AssessedResult, *, reason: str, language: str = "zh"
) -> Taken:
    """Make the copy and remember who took it. Raises `Http404` for a card that the scope may not see.

    Raises `RefusedError` without a reason where the card is somebody else's, and where the files are gone.
    """
    if scope.user_id is None or not may_copy(scope, publication, result):
        raise Http404
    if not is_own(scope, result) and not reason.strip():
        raise RefusedError.of("publications.copy_reason_missing", Place(key="reason"))
    code, content = card_of(publication, result, language)
    return Taken(_remembered(scope, publication, result, (code, content, language, reason)), content)


def card_of(publication: Publication, result: AssessedResult, language: str) -> tuple[str, bytes]:
    """(code, PDF) of the card; the same for the same publications."""
    covered = same_year(publication)
    results = [_read(one) for one in covered]
    snapshot_folder = snapshot_folder_of(publication.run.snapshot)
    if None in results or not snapshot_folder.is_dir():
        raise RefusedError.of("publications.files_gone", round=publication.round.name)
    span = make_span(
        SpanKind.YEAR, [one for one in results if one is not None],
        loaded(publication.run.scheme, demo=settings.DEMO), open_snapshot(snapshot_folder),
    )  # fmt: skip
    hidden = {one.round.period: _hidden_by(one) for one in covered}
    with tempfile.TemporaryDirectory(prefix="minping-copy-") as folder:
        papers = write_annual_cards(
            replace(span, left_out=hidden), Path(folder), language=language, only=[result.assessee_id]
        )
        file = next(Path(folder).glob("*.pdf"))
        return papers[0].code, file.read_bytes()


def _hidden_by(publication: Publication) -> frozenset[str]:
    """Places whose mean a correction must not show: the first copy would tell a colleague's score."""
    former = [opened(one.run) for one in earlier_of(publication.supersedes)]
    return left_out_of(opened(publication.run), former) if former else frozenset()


def _read(publication: Publication) -> Result | None:
    folder = result_folder_of(publication.run)
    return read_result(folder) if (folder / "result.json").is_file() else None


@transaction.atomic
def _remembered(
    scope: Scope, publication: Publication, result: AssessedResult, made: tuple[str, bytes, str, str]
) -> CertifiedCopy:
    code, content, language, reason = made
    row = CertifiedCopy.objects.create(
        publication=publication, result=result, code=code, sha256=hashlib.sha256(content).hexdigest(),
        language=language, is_own=is_own(scope, result), reason=reason.strip()[:200],
        taken_by_id=scope.user_id, taken_at=now(),
    )  # fmt: skip
    record = {
        "copy": row.pk, "publication": publication.pk, "result": result.pk, "by": scope.user_id,
        "own": row.is_own, "sha256": row.sha256,
    }  # fmt: skip
    stage(COPIED, f"publication-copy-{row.pk}", record)
    return row
