"""Exports of signed pay: what left the product, for whom, why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.rewards.models.sheets import Sheet


class PayrollExport(models.Model):
    """One file that was taken; never changed, never deleted."""

    sheet = models.ForeignKey(
        Sheet, verbose_name=_("signing sheet"), on_delete=models.PROTECT, related_name="exports"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("file taken by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    at = models.DateTimeField(_("taken at"))
    reason = models.CharField(_("reason"), max_length=200)
    format = models.CharField(_("format"), max_length=4)
    rows = models.PositiveIntegerField(_("rows"))
    total_fen = models.BigIntegerField(_("total in fen"))
    sha256 = models.CharField(_("hash of the file"), max_length=64)

    class Meta:
        verbose_name = _("export for payroll")
        verbose_name_plural = _("exports for payroll")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.at:%Y-%m-%d}"
