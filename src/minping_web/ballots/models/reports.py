"""What residents report apart from the vote, and who read it. No row knows a token or a household."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.ballots.rules.words import Pressure, Reading


class CoercionReport(models.Model):
    """Someone is told what to answer: area and day, no token, no household; text sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("places.Area", null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    kind = models.CharField(_("what happened"), max_length=16, choices=Pressure)
    text = models.BinaryField(null=True)
    seen_on = models.DateField(_("looked at on"), null=True, blank=True)
    passed_on = models.DateField(_("passed on, day"), null=True, blank=True)
    is_mixed = models.BooleanField(default=False)
    """Written anew in random order, under a new id (`services.mixing`)."""

    class Meta:
        verbose_name = _("report of pressure")
        verbose_name_plural = _("reports of pressure")
        ordering = ["-day", "id"]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class ProblemReport(models.Model):
    """A problem that cannot wait for the closing: no token; text and contact sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("places.Area", null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    field = models.CharField(_("field"), max_length=24)
    text = models.BinaryField(null=True)
    contact = models.BinaryField(null=True)
    is_urgent = models.BooleanField(_("dangerous"), default=False)
    seen_on = models.DateField(_("looked at on"), null=True, blank=True)
    passed_on = models.DateField(_("passed on, day"), null=True, blank=True)
    is_mixed = models.BooleanField(default=False)
    """Written anew in random order, under a new id (`services.mixing`)."""

    class Meta:
        verbose_name = _("reported problem")
        verbose_name_plural = _("reported problems")
        ordering = ["-day", "id"]

    def __str__(self) -> str:
        return f"{self.day} {self.field}"


class ReportReading(models.Model):
    """Somebody opened the text of a report, or marked it; written before anything is shown."""

    at = models.DateTimeField(_("when"))
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    reader_label = models.CharField(_("who"), max_length=150)
    report = models.UUIDField()
    what = models.CharField(_("what was done"), max_length=8, choices=Reading)

    class Meta:
        verbose_name = _("reading of a report")
        verbose_name_plural = _("readings of reports")
        ordering = ["-at"]
        indexes = [models.Index(fields=["report", "at"], name="readings_of_a_report")]

    def __str__(self) -> str:
        return f"{self.at:%F} {self.what}"
