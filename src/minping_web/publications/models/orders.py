"""Orders to publish, on their way from two persons' word to the publication."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.jobs.models import Job
from minping_web.publications.rules.words import OPEN, OrderState

BROKEN = (Job.State.FAILED, Job.State.CANCELLED)


class PublicationOrder(models.Model):
    """Two persons want this run published. At most one order of a round is under way."""

    run = models.ForeignKey("assessments.AssessmentRun", on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=10, choices=OrderState, default=OrderState.WAITING)
    with_cards = models.BooleanField(default=True)
    asked_at = models.DateTimeField(_("approved at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    problems: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    """What hindered it, by code."""

    class Meta:
        verbose_name = _("order to publish")
        verbose_name_plural = _("orders to publish")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=models.Q(state__in=OPEN), name="publication_one_open_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it waits or is carried out."""
        return self.state in OPEN

    @property
    def is_broken(self) -> bool:
        """Whether its job was cancelled or failed for good."""
        return self.is_open and self.job is not None and self.job.state in BROKEN
