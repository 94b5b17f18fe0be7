"""Certified copies of cards: who took which one; the code on paper leads here and tells not whose it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CertifiedCopy(models.Model):
    """One copy of one card as a file. The file itself is not kept: it can be made again, byte for byte.

    `result` and `taken_by` are emptied by the clock; code and hash stay, so that a paper can be checked for
    as long as anybody keeps it.
    """

    publication = models.ForeignKey(
        "publications.Publication", on_delete=models.PROTECT, related_name="copies"
    )
    result = models.ForeignKey(
        "assessments.AssessedResult", null=True, on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(_("verification code"), max_length=19, db_index=True)
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    language = models.CharField(_("language"), max_length=2)
    is_own = models.BooleanField(_("taken by the person"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    taken_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("certified copy")
        verbose_name_plural = _("certified copies")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.code
