"""States of an order to publish, names of entries in the ledger, folders of a publication."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MADE, COPIED, CLEARED = "publication.made", "publication.copy", "publication.cleared"
HANDED_OUT = "publication.handed_out"
"""Kinds of entries in the ledger."""
PUBLIC, OFFICE = "public", "office"
"""Folders below a publication: for everybody, for offices alone."""
MANIFEST, OFFICE_MANIFEST = "publication.json", "office.json"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
"""As the engine names languages -> as Django does."""


class OrderState(TextChoices):
    """An order waits, is carried out, and ends with a publication or with what hindered it."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("published")
    FAILED = "failed", _("not possible")


OPEN = (OrderState.WAITING, OrderState.RUNNING)
