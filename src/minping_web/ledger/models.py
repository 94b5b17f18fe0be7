"""The log in the database: what was staged in a step's own transaction, and what was sequenced."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StagedEntry(models.Model):
    """A commitment waiting for its index; `step_id` makes a repeated step harmless.

    The record and its nonce stay here after sequencing (`index` set); deleting both is the deletion of
    personal data, and the proof stays valid.
    """

    step_id = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    commitment = models.BinaryField(max_length=32)
    nonce = models.BinaryField(max_length=32, null=True)
    record = models.JSONField(null=True)
    staged_at = models.DateTimeField(_("staged at"))
    index = models.PositiveBigIntegerField(_("index"), null=True, unique=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.step_id}"
