"""Copies of snapshots for auditors: with a reason, and remembered."""

from __future__ import annotations

import tempfile
import zipfile
from typing import IO

from django.db import transaction

from minping_engine.errors import Place
from minping_engine.snapshot import open_snapshot
from minping_web.common.approval import require_fresh_factor
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.snapshots.models import SealedSnapshot, SnapshotDownload
from minping_web.snapshots.selectors.register import DOWNLOAD, folder_of

ENTRY = "snapshot.copied"


def take_copy(scope: Scope, snapshot: SealedSnapshot, *, reason: str) -> IO[bytes]:
    """A ZIP of the sealed folder, checked against its hashes first; the download is remembered."""
    scope.require(DOWNLOAD)
    require_fresh_factor(scope)
    if scope.user_id is None or not reason.strip():
        raise RefusedError.of("snapshots.reason_missing", Place(key="reason"))
    folder = folder_of(snapshot)
    if not folder.is_dir():
        raise RefusedError.of("snapshots.folder_gone", folder=snapshot.folder)
    if open_snapshot(folder).sha256 != snapshot.sha256:
        raise RefusedError.of("snapshots.other_hash")
    file = tempfile.TemporaryFile(prefix="minping-")  # noqa: SIM115  (the answer closes it)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{snapshot.folder}/{path.relative_to(folder).as_posix()}")
    with transaction.atomic():
        made = SnapshotDownload.objects.create(
            snapshot=snapshot, user_id=scope.user_id, reason=reason.strip(), at=now()
        )
        step = f"snapshot-copy-{made.pk}"
        told = committed("reason", made.reason, step=step)
        stage(ENTRY, step, {"snapshot_sha256": snapshot.sha256, "by": scope.user_id, **told})
    file.seek(0)
    return file
