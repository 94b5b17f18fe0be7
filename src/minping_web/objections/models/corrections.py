"""The register of exclusions, appeals against them, and the carrying out of granted objections."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.jobs.models import Job
from minping_web.objections.rules.words import Cause, CorrectionState, ExclusionState, Left, Side

BROKEN = (Job.State.FAILED, Job.State.CANCELLED)


class Correction(models.Model):
    """Everything that was granted of one run, carried out together: a further snapshot version and a run."""

    run = models.ForeignKey("assessments.AssessmentRun", on_delete=models.PROTECT, related_name="+")
    """The result that is corrected; it stays."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("carried out by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    made_at = models.DateTimeField(_("carried out at"))
    state = models.CharField(
        _("state"), max_length=8, choices=CorrectionState, default=CorrectionState.WAITING
    )
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    snapshot = models.ForeignKey(
        "snapshots.SealedSnapshot", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    new_run = models.OneToOneField(
        "assessments.AssessmentRun", null=True, blank=True, on_delete=models.PROTECT,
        related_name="correction",
    )  # fmt: skip
    problems: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run"], condition=~models.Q(state=CorrectionState.FAILED),
                name="objections_one_correction",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_broken(self) -> bool:
        """Whether nothing will come of it: refused, or its job was cancelled or failed for good."""
        waits = self.state == CorrectionState.WAITING
        ended = waits and self.job is not None and self.job.state in BROKEN
        return ended or self.state == CorrectionState.FAILED


class Exclusion(models.Model):
    """Something that does not count: signed by two persons, counted, published (D8)."""

    run = models.ForeignKey("assessments.AssessmentRun", on_delete=models.PROTECT, related_name="+")
    objection = models.ForeignKey(
        "objections.Objection", null=True, blank=True, on_delete=models.PROTECT, related_name="exclusions"
    )
    leaves_out = models.CharField(_("left out"), max_length=8, choices=Left)
    area = models.ForeignKey(
        "places.Area", verbose_name=_("place"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    batches: models.JSONField[list[int], list[int]] = models.JSONField(default=list)
    """Released numbers of batches."""
    cause = models.CharField(pgettext_lazy("exclusion", "cause"), max_length=12, choices=Cause)
    reason = models.TextField(_("reason"), max_length=1000)
    state = models.CharField(
        _("state"), max_length=10, choices=ExclusionState, default=ExclusionState.WAITING
    )
    proposal = models.OneToOneField(
        "common.Proposal", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("proposed by"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("signed by"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    correction = models.ForeignKey(
        Correction, null=True, blank=True, on_delete=models.PROTECT, related_name="exclusions"
    )

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def standing(self) -> str:
        """The state, with a proposal that was refused or ran out taken for what it is."""
        ended = ("refused", "withdrawn", "expired")
        lapsed = self.proposal is not None and self.proposal.state in ended
        waits = self.state == ExclusionState.WAITING
        return ExclusionState.NOT_SIGNED if waits and lapsed else self.state

    @property
    def standing_words(self) -> str:
        """In words."""
        return str(ExclusionState(self.standing).label)


class ExclusionAppeal(models.Model):
    """Either side appeals against an exclusion, or against its refusal; somebody else answers."""

    exclusion = models.ForeignKey(Exclusion, on_delete=models.PROTECT, related_name="appeals")
    side = models.CharField(_("who appeals"), max_length=10, choices=Side)
    text = models.TextField(_("what is wrong"), max_length=2000)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(_("noted at"))
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    is_upheld = models.BooleanField(null=True, blank=True)
    """Whether the appeal was followed."""
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.exclusion_id}"
