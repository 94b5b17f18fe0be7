"""Evidence files: taken in with limits, sealed at once, opened for few, deleted after their term."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import Http404

from minping_engine.errors import Place, Problem
from minping_web.common.clock import now
from minping_web.common.crypto import SealedTable, keyring, register_sealed
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.objections.models import Evidence, EvidenceContent, EvidenceOpening, Objection
from minping_web.objections.rules.terms import MOST_BYTES, MOST_FILES, kind_of_file
from minping_web.objections.selectors.objections import may_read_evidence, objection_of

ENTRY = "objection.evidence_deleted"


@dataclass(frozen=True)
class File:
    """A file as it came in."""

    name: str
    content: bytes


def about(column: str, row: object) -> str:
    """What a sealed file is bound to."""
    return f"objections_evidencecontent.{column}|{row}"


def register_tables() -> None:
    """Make the sealed column known to the change of keys."""
    register_sealed(SealedTable(EvidenceContent, ("sealed",), about))


def problems_of(files: Sequence[File], already: int = 0) -> list[Problem]:
    """Everything that is wrong with files, at once."""
    found = []
    if len(files) + already > MOST_FILES:
        found.append(Problem("objections.too_many_files", Place(key="evidence"), {"most": MOST_FILES}))
    for file in files:
        said = {"name": file.name[:60], "most": MOST_BYTES // 1_000_000}
        if len(file.content) > MOST_BYTES:
            found.append(Problem("objections.file_too_large", Place(key="evidence"), said))
        elif kind_of_file(file.name, file.content) is None:
            found.append(Problem("objections.file_kind", Place(key="evidence"), said))
    return found


def keep_files(scope: Scope, objection: Objection, files: Sequence[File]) -> None:
    """Seal and store files that were checked; part of the caller's transaction."""
    for file in files:
        row = Evidence.objects.create(
            objection=objection, name=_plain_name(file.name), size=len(file.content),
            media_type=kind_of_file(file.name, file.content) or "", added_by_id=scope.user_id or 0,
            sha256=hashlib.sha256(file.content).hexdigest(), added_at=now(),
        )  # fmt: skip
        sealed = keyring().seal_bytes(file.content, about("sealed", row.pk))
        EvidenceContent.objects.create(evidence=row, sealed=sealed)


def _plain_name(name: str) -> str:
    """The last part, without what a header or a shell could take for something else."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*;')
    return kept[-120:] or "file"


@transaction.atomic
def open_file(scope: Scope, evidence_id: int) -> tuple[Evidence, bytes]:
    """The bytes for the objector or those who check and decide; noted. Everybody else: 404."""
    found = Evidence.objects.select_related("objection").filter(pk=evidence_id, deleted_at=None).first()
    if found is None:
        raise Http404
    objection = objection_of(scope, found.objection_id)
    if not may_read_evidence(scope, objection):
        raise Http404
    content = keyring().open_bytes(found.content.sealed, about("sealed", found.pk))
    EvidenceOpening.objects.create(evidence=found, user_id=scope.user_id or 0, at=now())
    return found, content


@transaction.atomic
def delete_what_is_due() -> int:
    """Delete the bytes of files whose objection ended longer ago than the term; the hash stays."""
    term = timedelta(days=settings.OBJECTION_EVIDENCE_DAYS)
    due = Evidence.objects.filter(deleted_at=None, objection__decided_at__lt=now() - term)
    ids = sorted(due.values_list("pk", flat=True))
    if not ids:
        return 0
    EvidenceContent.objects.filter(pk__in=ids).delete()
    Evidence.objects.filter(pk__in=ids).update(deleted_at=now())
    record = {"files": len(ids), "kept_days": term.days}
    stage(ENTRY, f"objection-evidence-{ids[0]}-{ids[-1]}-{len(ids)}-deleted", record)
    return len(ids)
