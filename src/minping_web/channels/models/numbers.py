"""Numbers that want no messages, sealed and found by a keyed blind index."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnsubscribedNumber(models.Model):
    """One number. It is kept until its owner asks for messages again; nothing says how it was reached."""

    class Way(models.TextChoices):
        """How the wish came."""

        REPLY = "reply", _("by a reply")
        PAGE = "page", _("on the public page")
        OFFICE = "office", _("told to the office")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.BinaryField()
    phone_blind = models.BinaryField(max_length=32, unique=True)
    way = models.CharField(_("came"), max_length=6, choices=Way)
    since = models.DateField(_("since"))

    class Meta:
        verbose_name = _("unsubscribed number")
        verbose_name_plural = _("unsubscribed numbers")

    def __str__(self) -> str:
        return str(self.pk)[:8]
