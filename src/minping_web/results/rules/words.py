"""Stages of a result as its page names them."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy


class Stage(TextChoices):
    """A result is shown first, then holds, and may be corrected by another one."""

    PREVIEW = "preview", gettext_lazy("preview, not final")
    HOLDS = "holds", gettext_lazy("published")
    CORRECTED = "corrected", gettext_lazy("was corrected later")
