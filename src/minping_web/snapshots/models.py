"""The register of sealed snapshots."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SealedSnapshot(models.Model):
    """One sealed folder of files, by its hash; `parent` names the one that it corrects."""

    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    folder = models.CharField(max_length=120)
    """Name of the folder below the data folder's `snapshots`."""
    period = models.CharField(_("assessment period"), max_length=12)
    ballots = models.PositiveIntegerField(_("ballots"))
    made_at = models.DateTimeField(_("sealed at"))
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.sha256[:12]


class SnapshotDownload(models.Model):
    """Who took a copy of a snapshot, when and why; rows are added and never changed."""

    snapshot = models.ForeignKey(SealedSnapshot, on_delete=models.PROTECT, related_name="taken")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("download of a snapshot")
        verbose_name_plural = _("downloads of snapshots")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.snapshot} {self.at}"
