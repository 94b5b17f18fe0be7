"""Objections, the reviews on their way, and what a granted one changes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from minping_web.objections.rules.words import WON, Outcome, Subject


class Objection(models.Model):
    """Somebody says that a result is wrong. It stays as it was filed; reviews and the decision are added."""

    preview = models.ForeignKey("objections.Preview", on_delete=models.PROTECT, related_name="objections")
    result = models.ForeignKey(
        "assessments.AssessedResult", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The result of a person or an organisation, or of the place; None where only the place is named."""
    area = models.ForeignKey(
        "places.Area", verbose_name=_("place"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_own = models.BooleanField(default=False)
    """By the assessed person; else for a place or an organisation."""
    subject = models.CharField(_("objects to"), max_length=12, choices=Subject)
    text = models.TextField(_("what is wrong"), max_length=4000)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("filed by"), on_delete=models.PROTECT, related_name="+"
    )
    filed_at = models.DateTimeField(_("filed at"))
    outcome = models.CharField(
        pgettext_lazy("objection", "outcome"), max_length=10, choices=Outcome, default=Outcome.OPEN
    )
    node = models.PositiveSmallIntegerField(default=0)
    """Number of the review node that it waits at, from 0."""
    due_on = models.DateField(pgettext_lazy("objection", "to be decided by"))
    """Last day of the node."""
    reasons = models.TextField(_("reasons"), max_length=4000, blank=True)
    reopened = models.TextField(_("reason"), max_length=4000, blank=True)
    """Why it was opened again, a line each time; the ledger holds only a hash of it."""
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    correction = models.ForeignKey(
        "objections.Correction", null=True, blank=True, on_delete=models.PROTECT, related_name="objections"
    )
    """What carried out the decision."""

    class Meta:
        verbose_name = pgettext_lazy("objection", "objection")
        verbose_name_plural = _("objections")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["outcome", "due_on"])]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for a review."""
        return self.outcome == Outcome.OPEN

    @property
    def is_won(self) -> bool:
        """Whether something is to change."""
        return self.outcome in WON

    def is_overdue(self, day: date) -> bool:
        """Whether the node's last day is over."""
        return self.is_open and day > self.due_on


class Review(models.Model):
    """One node of the review: what was found, by whom, and whether in time. Rows are added, never changed."""

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="reviews")
    node = models.PositiveSmallIntegerField()
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120)
    begun_at = models.DateTimeField()
    due_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    findings = models.TextField(_("findings"), max_length=4000)
    advises = models.CharField(max_length=10, choices=Outcome, blank=True)
    """What the checker would decide; the last node is not bound by it."""
    done_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    took_over = models.BooleanField(default=False)
    """The district did the node because the place let the time run out, or has nobody above it."""

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.objection_id}/{self.node}"

    @property
    def title(self) -> str:
        """As the scheme calls the node."""
        return self.title_en if (get_language() or "zh").startswith("en") else self.title_zh


class Remedy(models.Model):
    """One cell of evidence that a granted objection changes, or a row that it takes out.

    Ballots have no remedies: they are left out by whole batch or area, which is an `Exclusion`.
    """

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="remedies")
    table = models.CharField(max_length=20)
    key: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """The row's key columns."""
    column = models.CharField(max_length=30)
    was = models.CharField(max_length=200, blank=True)
    becomes = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True)
    """What it is, as whoever decided read it."""
    removes = models.BooleanField(default=False)
    """The row goes; `becomes` is empty."""

    class Meta:
        verbose_name = _("remedy")
        verbose_name_plural = _("remedies")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.table} {self.objection_id}"
