"""The sealed protocol as PDF/A in both languages, made in the background, kept, its hash in the ledger.

The engine sets the tables; the same tables give the same bytes. What is kept never changes: names that change
later stand as they were. May be repeated after a crash: a paper is kept once, with its entry.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from minping_engine.reporting import protocol_pdf
from minping_web.choices.models import ProtocolPaper, TwoWayChoice
from minping_web.choices.selectors.papers import LANGUAGES, sheet_of
from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage

TASK = "choices.print_protocol"
ENTRY = "choice.paper"


def ask_for_papers(scope: Scope, choice: TwoWayChoice) -> None:
    """Queue it; the caller holds the row of a sealed choice."""
    title = _("Protocol: %(name)s") % {"name": choice.name}
    choice.paper_job = enqueue(scope, TASK, title=title[:200], choice_id=choice.pk)
    choice.save(update_fields=["paper_job"])


def make_papers(choice_id: int, progress: Progress) -> dict[str, Any]:
    """Make and keep what is not there yet."""
    choice = TwoWayChoice.objects.select_related("area", "agreed_by", "value_by", "value_approved_by").get(
        pk=choice_id
    )
    if not choice.protocol_sha256:
        return {"papers": 0}
    for number, language in enumerate(LANGUAGES):
        progress(number, len(LANGUAGES))
        if not choice.papers.filter(language=language).exists():
            _keep(choice, language, protocol_pdf(sheet_of(choice, language)))
    return {"papers": choice.papers.count()}


def _keep(choice: TwoWayChoice, language: str, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            ProtocolPaper.objects.create(
                choice=choice, language=language, sha256=sha256, content=content, made_at=now()
            )
            record = {"choice": choice.pk, "language": language, "sha256": sha256,
                      "protocol_sha256": choice.protocol_sha256}  # fmt: skip
            stage(ENTRY, f"{choice.step_id}-paper-{language}", record)
    except IntegrityError:
        return  # another worker kept it meanwhile
