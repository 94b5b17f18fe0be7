"""Who took which paper that names persons: entered into the ledger, as every export of personal data."""

from __future__ import annotations

import secrets

from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.publications.models import Publication

ENTRY = "results.handed_out"


def note_handed_out(scope: Scope, publication: Publication, what: str, *, rows: int) -> None:
    """One entry for each download. `what`: words of the program, never a name; `rows`: how many persons."""
    record = {"publication": publication.pk, "what": what, "rows": rows, "by": scope.user_id}
    stage(ENTRY, f"results-file-{secrets.token_hex(12)}", record)
