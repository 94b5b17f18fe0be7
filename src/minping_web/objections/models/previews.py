"""Previews: a run whose cards the assessed see before anybody else."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preview(models.Model):
    """The assessed of one run see their cards from `opened_at` and may object until `ends_on` (D11).

    The window is the scheme's (`objection.days`), in working days. A corrected run is previewed again only
    for those whose result it changed and for those who objected.
    """

    run = models.OneToOneField("assessments.AssessmentRun", on_delete=models.PROTECT, related_name="preview")
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("opened by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    ends_on = models.DateField(_("last day to object"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    """Set when the window is over and every objection is decided."""
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """The preview of the result that this one corrects."""
    concerned: models.JSONField[list[str] | None, list[str] | None] = models.JSONField(null=True, blank=True)
    """Assessee ids that see this preview; None = everybody who was assessed."""

    class Meta:
        verbose_name = _("preview")
        verbose_name_plural = _("previews")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.run_id}"

    def is_open(self, day: date) -> bool:
        """Whether objections are taken on that day."""
        return self.closed_at is None and day <= self.ends_on

    def concerns(self, assessee_id: str) -> bool:
        """Whether this one sees the preview."""
        return self.concerned is None or assessee_id in self.concerned
