"""Values with their source, findings that cost somebody something, workbooks that bring many at once.

Numbers are whole thousandths of the unit that the scheme or the table names, as snapshots have them.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.rules.words import BookState, Heard, ValueTable


class EvidenceValue(models.Model):
    """One fact, cost or count of visits of an assessee in a round. One of number and text."""

    round = models.ForeignKey(
        "rounds.SurveyRound", verbose_name=_("round"), on_delete=models.PROTECT, related_name="+"
    )
    table = models.CharField(_("table"), max_length=8, choices=ValueTable)
    name = models.CharField(_("what"), max_length=60)
    """Id of the scheme's fact; `yuan` of a cost; the window of visits."""
    assessee_id = models.CharField(_("who is assessed"), max_length=60)
    """As snapshots know it."""
    value_milli = models.BigIntegerField(_("value in thousandths"), null=True, blank=True)
    text = models.CharField(_("text"), max_length=100, blank=True)
    spread_milli = models.BigIntegerField(_("standard error in thousandths"), null=True, blank=True)
    document = models.CharField(_("source document"), max_length=200)
    link = models.URLField(_("link"), max_length=300, blank=True)
    is_counted = models.BooleanField(_("from a register"), default=False)
    """The product counted it; only two persons say otherwise."""
    book = models.ForeignKey(
        "appraisals.EvidenceBook", verbose_name=_("workbook"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    on = models.DateField(_("entered on"))
    """A day, not a moment: the preview of an import and the import itself write the same."""

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = ["assessee_id", "table", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "table", "name", "assessee_id"], name="one_value_per_assessee"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessee_id} {self.name}"


class Finding(models.Model):
    """Something verified that costs points, grade or money: proposed by one, decided by another (S94).

    What happened and what the person says about it lie sealed. It counts when its proposal was carried out.
    """

    round = models.ForeignKey(
        "rounds.SurveyRound", verbose_name=_("round"), on_delete=models.PROTECT, related_name="+"
    )
    assessee_id = models.CharField(_("who is assessed"), max_length=60)
    fact = models.CharField(_("what"), max_length=60)
    amount_milli = models.BigIntegerField(_("value in thousandths"))
    happened_on = models.DateField(_("day of the matter"))
    document = models.CharField(_("source document"), max_length=200)
    link = models.URLField(_("link"), max_length=300, blank=True)
    heard = models.CharField(_("hearing"), max_length=12, choices=Heard)
    heard_on = models.DateField(_("day of the hearing"))
    sealed = models.BinaryField(null=True)
    proposal = models.ForeignKey(
        "common.Proposal", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
    )
    taken_back = models.ForeignKey(
        "common.Proposal", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("taken back by"),
    )  # fmt: skip
    counts = models.BooleanField(_("counts"), default=False)
    """Set and cleared by the second person only."""
    made_at = models.DateTimeField(_("made at"))

    title = ""
    """Set by the page: what the scheme calls the fact."""

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.assessee_id} {self.fact}"


class EvidenceBook(models.Model):
    """A filled workbook of the scheme's evidence, kept sealed. It counts when a second person agreed."""

    round = models.ForeignKey(
        "rounds.SurveyRound", verbose_name=_("round"), on_delete=models.PROTECT, related_name="+"
    )
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    rows: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Rows by table of the snapshot; `raters`: rater group -> assessee -> how many marked."""
    state = models.CharField(_("state"), max_length=10, choices=BookState, default=BookState.PROPOSED)
    proposal = models.ForeignKey(
        "common.Proposal", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("brought by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    at = models.DateTimeField(_("brought at"))

    class Meta:
        verbose_name = _("workbook")
        verbose_name_plural = _("workbooks")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name
