"""The sweeps of publications' clocks: drafts that nobody finished, and who took which copy.

Published files never go: what was public stays public. Of a certified copy the code stays, so that paper can
be checked; whose card it was and who took it is forgotten after three years.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from minping_web.common.clock import now
from minping_web.common.retention import Clock, register_clocks, years_ago
from minping_web.ledger.services import forget
from minping_web.ledger.services.erasing import run_clocks
from minping_web.publications.models import CertifiedCopy, Publication, PublicationOrder
from minping_web.publications.rules.words import CLEARED, OPEN
from minping_web.publications.services.folder import publications_folder

DRAFTS, COPIES = "drafts", "copies"
DRAFT_DAYS, COPY_YEARS = 1, 3
"""A draft is of use to a job that goes on, copies as long as payment may be disputed (Civil Code 188)."""


def is_anything_due() -> bool:
    """Whether a clock would erase something now."""
    return bool(_old_drafts()) or _old_copies().exists()


def clear_what_is_due() -> dict[str, int]:
    """Run the clocks; how many by clock. What was erased is counted in the register and in the ledger."""
    return run_clocks("publications")


def _old_drafts() -> list[Path]:
    """Folders that are no publication, older than a day, of no order that is under way."""
    kept = set(Publication.objects.values_list("folder", flat=True))
    busy = tuple(
        f"run-{run}-"
        for run in PublicationOrder.objects.filter(state__in=OPEN).values_list("run_id", flat=True)
    )
    before = now() - timedelta(days=DRAFT_DAYS)
    home = publications_folder()
    found = [path for path in home.iterdir() if path.name not in kept] if home.is_dir() else []
    return [
        path
        for path in found
        if not path.name.lstrip(".").startswith(busy or ("/",)) and _changed_at(path) < before
    ]


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _clear_drafts() -> int:
    drafts = _old_drafts()
    for path in drafts:
        shutil.rmtree(path, ignore_errors=True)
    return len(drafts)


def _old_copies() -> QuerySet[CertifiedCopy]:
    rows = CertifiedCopy.objects.filter(taken_at__date__lt=years_ago(COPY_YEARS))
    return rows.exclude(result=None, taken_by=None, reason="")


@transaction.atomic
def _clear_copies() -> int:
    numbers = list(_old_copies().values_list("pk", flat=True))
    if not numbers:
        return 0
    CertifiedCopy.objects.filter(pk__in=numbers).update(result=None, taken_by=None, reason="")
    forget(f"publication-copy-{number}" for number in numbers)
    return len(numbers)


register_clocks(
    Clock(f"publications.{DRAFTS}", CLEARED, _("Drafts of publications that nobody finished"),
          _("the last change"), _("PIPL, article 19"), _clear_drafts, days=DRAFT_DAYS),
    Clock(f"publications.{COPIES}", CLEARED, _("Whose certified copy it was, who took it and why"),
          _("the copy was taken"), _("PIPL, article 19; Civil Code, article 188"), _clear_copies,
          years=COPY_YEARS),
)  # fmt: skip
