"""Standings: grade, falls, cards and vetoes of everybody in each published period."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Standing(models.Model):
    """One assessee in one publication, so that cards and falls can be followed over periods (S94, S99)."""

    publication = models.ForeignKey(
        "publications.Publication", on_delete=models.PROTECT, related_name="standings"
    )
    result = models.ForeignKey(
        "assessments.AssessedResult", null=True, on_delete=models.PROTECT, related_name="+"
    )
    period = models.CharField(_("assessment period"), max_length=12)
    assessee_id = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=100)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey("places.Area", null=True, on_delete=models.PROTECT, related_name="+")
    grade = models.CharField(_("assessment grade"), max_length=40, blank=True)
    grade_name_zh = models.CharField(max_length=60, blank=True)
    grade_name_en = models.CharField(max_length=60, blank=True)
    grade_change = models.SmallIntegerField(null=True)
    cards: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    """Of each card that is shown: id, colour, title in both languages."""
    vetoes: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        ordering = ["name", "period"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "assessee_id"], name="reward_standing_once")
        ]
        indexes = [models.Index(fields=["person", "period"])]

    def __str__(self) -> str:
        return f"{self.assessee_id} {self.period}"
