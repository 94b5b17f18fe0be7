"""What the retention clocks of coaching erased: counts, never names."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Forgotten(models.Model):
    """One erasure; rows are added and never changed."""

    at = models.DateTimeField(_("when"))
    clock = models.CharField(_("what"), max_length=12)
    rows = models.PositiveIntegerField(_("rows"))

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.clock} {self.rows}"
