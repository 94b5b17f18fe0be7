"""The sealed protocol as a paper: its bytes in each language, once, so that its hash holds for ever."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.choices.models.choice import TwoWayChoice


class ProtocolPaper(models.Model):
    """PDF/A as it was made from the sealed protocol; names may change later, the paper does not."""

    choice = models.ForeignKey(TwoWayChoice, on_delete=models.PROTECT, related_name="papers")
    language = models.CharField(_("language"), max_length=2)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content = models.BinaryField(_("content"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("paper of a protocol")
        verbose_name_plural = _("papers of protocols")
        ordering = ["choice_id", "-language"]
        constraints = [models.UniqueConstraint(fields=["choice", "language"], name="choice_paper_once")]

    def __str__(self) -> str:
        return f"{self.choice_id} {self.language}"
