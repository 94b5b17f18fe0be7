"""Runs and their results.

The result itself is a folder of files, as `minping assess` makes it; its rows stand here once more so that
pages can search and compare them. A row never changes: a correction is another run with `parent`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.assessments.rules.words import OPEN, RunState, standing_words, status_words
from minping_web.jobs.models import Job

BROKEN = (Job.State.FAILED, Job.State.CANCELLED)


class AssessmentRun(models.Model):
    """One run of the engine on one snapshot. At most one of a round is under way."""

    round = models.ForeignKey(
        "rounds.SurveyRound", verbose_name=_("round"), on_delete=models.PROTECT, related_name="+"
    )
    snapshot = models.ForeignKey(
        "snapshots.SealedSnapshot", verbose_name=_("snapshot"), on_delete=models.PROTECT, related_name="+"
    )
    scheme = models.ForeignKey(
        "schemes.SchemeVersion", verbose_name=_("scheme"), on_delete=models.PROTECT, related_name="+"
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("follows"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.WAITING)
    demo_values = models.BooleanField(_("with demonstration values"), default=False)
    """Values that nobody published were filled: the result decides nothing about anybody."""
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("started by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    asked_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    result_sha256 = models.CharField(_("hash of the result"), max_length=64, blank=True)
    folder = models.CharField(max_length=80, blank=True)
    """Name of the folder below the data folder's `results`."""
    counts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    problems: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    """What hindered it, as the engine said it; warnings of a run that is done."""

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=models.Q(state__in=OPEN), name="assessment_one_open_run"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def is_broken(self) -> bool:
        """Whether its job was cancelled or failed for good: nothing will come of it."""
        return self.is_open and (self.job is None or self.job.state in BROKEN)


class AssessedResult(models.Model):
    """What a run found for one person, area or organisation."""

    run = models.ForeignKey(AssessmentRun, on_delete=models.PROTECT, related_name="results")
    assessee_id = models.CharField(max_length=60)
    """As snapshots know it."""
    kind = models.CharField(_("who is assessed"), max_length=30)
    name = models.CharField(_("name"), max_length=100)
    area = models.ForeignKey(
        "places.Area", verbose_name=_("place"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(_("comparison group"), max_length=100, blank=True)
    ballots = models.PositiveIntegerField(_("ballots"), null=True)
    status = models.CharField(_("state"), max_length=20)
    reason = models.CharField(max_length=30, blank=True)
    standing = models.CharField(max_length=20, blank=True)
    score = models.FloatField(_("score"), null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    grade = models.CharField(_("assessment grade"), max_length=40, blank=True)
    rank_low = models.PositiveIntegerField(null=True)
    rank_high = models.PositiveIntegerField(null=True)
    ranked_of = models.PositiveIntegerField(null=True)
    tie_band = models.PositiveIntegerField(null=True)
    progress = models.FloatField(_("change since the period before"), null=True)
    progress_state = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "assessee_id"], name="assessment_one_result")]
        indexes = [models.Index(fields=["run", "score"]), models.Index(fields=["person", "run"])]

    def __str__(self) -> str:
        return self.assessee_id

    @property
    def is_assessed(self) -> bool:
        """Whether there is a score that counts."""
        return self.status == "assessed"

    @property
    def said(self) -> str:
        """ "assessed", or why not."""
        return status_words(self.status, self.reason)

    @property
    def use(self) -> str:
        """What the score may be used for."""
        return standing_words(self.standing)
