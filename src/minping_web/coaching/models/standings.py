"""Where each assessee stood in a published result: what the ladder counts, and who may teach."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.coaching.rules.words import Level, Side


class Standing(models.Model):
    """One assessee in one publication. For the office and the person alone: no ranking is made of it (G1)."""

    publication = models.ForeignKey("publications.Publication", on_delete=models.PROTECT, related_name="+")
    assessee_id = models.CharField(max_length=60)
    name = models.CharField(max_length=100)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey("places.Area", null=True, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=12, choices=Side)
    reliability = models.FloatField(null=True)
    level = models.CharField(_("step of the ladder"), max_length=10, choices=Level, blank=True)
    """Who is asked to help those behind; where those ahead may teach."""
    quarters = models.PositiveSmallIntegerField(default=0)
    words: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    """The ladder's reasons, in two languages."""
    teaching: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    """What the scheme asks of those ahead, in two languages."""

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        ordering = ["publication", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "assessee_id"], name="coaching_one_standing")
        ]
        indexes = [models.Index(fields=["assessee_id", "publication"])]

    def __str__(self) -> str:
        return self.assessee_id
