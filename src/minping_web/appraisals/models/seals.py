"""Seals: the evidence of a round, closed into a further version of its snapshot."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.rules.words import UNDER_WAY, SealState
from minping_web.jobs.models import Job

BROKEN = (Job.State.FAILED, Job.State.CANCELLED)


class EvidenceSeal(models.Model):
    """One closing of the evidence. At most one of a round is under way; rows are never changed afterwards."""

    round = models.ForeignKey(
        "rounds.SurveyRound", verbose_name=_("round"), on_delete=models.PROTECT, related_name="+"
    )
    parent = models.ForeignKey("snapshots.SealedSnapshot", on_delete=models.PROTECT, related_name="+")
    snapshot = models.ForeignKey(
        "snapshots.SealedSnapshot", verbose_name=_("snapshot"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=10, choices=SealState, default=SealState.WAITING)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    missing: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list)
    """What was missing when it was closed all the same: (kind, name, how many)."""
    counts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    problems: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("closed by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("closing of the evidence")
        verbose_name_plural = _("closings of the evidence")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=models.Q(state__in=UNDER_WAY), name="one_seal_under_way"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.pk}"

    @property
    def step_id(self) -> str:
        """Its name in the ledger, and the cause in the snapshot."""
        return f"evidence-{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in UNDER_WAY

    @property
    def is_broken(self) -> bool:
        """Whether its job was cancelled or failed for good: nothing will come of it."""
        return self.is_open and (self.job is None or self.job.state in BROKEN)
