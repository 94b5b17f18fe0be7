"""Evidence files of objections: sealed bytes apart from their description, and who opened them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.objections.models.objections import Objection


class Evidence(models.Model):
    """What is known of a file; stays when the bytes were deleted after their term."""

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="evidence")
    name = models.CharField(_("file"), max_length=120)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.sha256[:12]


class EvidenceContent(models.Model):
    """The sealed bytes, in a table of their own so that no list loads them."""

    evidence = models.OneToOneField(
        Evidence, primary_key=True, on_delete=models.CASCADE, related_name="content"
    )
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("content of an evidence file")
        verbose_name_plural = _("contents of evidence files")

    def __str__(self) -> str:
        return f"{self.pk}"


class EvidenceOpening(models.Model):
    """Who opened a file and when; rows are added and never changed."""

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="openings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("opening of an evidence file")
        verbose_name_plural = _("openings of evidence files")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.at}"
