"""Who took which file that names persons: entered into the ledger, as every export of personal data."""

from __future__ import annotations

import secrets

from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.publications.models import PublishedFile
from minping_web.publications.rules.words import HANDED_OUT, OFFICE_MANIFEST


def note_handed_out(scope: Scope, file: PublishedFile) -> None:
    """One entry for each download; none for what everybody may fetch."""
    if file.is_public or file.name == OFFICE_MANIFEST:
        return
    record = {"publication": file.publication_id, "file": file.pk, "by": scope.user_id}
    stage(HANDED_OUT, f"publication-file-{secrets.token_hex(12)}", record)
