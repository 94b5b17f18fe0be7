"""Publications: a result that holds, with the hash of every page and file that was published of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Publication(models.Model):
    """One result made public to whom the scheme names. A correction is another one; both stay (D11).

    A row never changes but for `superseded_at`. Its folder lies below the data folder's `publications`.
    """

    run = models.OneToOneField(
        "assessments.AssessmentRun", on_delete=models.PROTECT, related_name="publication"
    )
    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self", verbose_name=_("corrects"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="corrected_by",
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("published by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    published_at = models.DateTimeField(_("published at"))
    superseded_at = models.DateTimeField(_("corrected at"), null=True, blank=True)
    folder = models.CharField(max_length=80)
    """Name of the folder below the data folder's `publications`."""
    manifest_sha256 = models.CharField(_("hash of the publication"), max_length=64, unique=True)
    """Of `publication.json`: it names every public file with its hash, so this is what the ledger seals."""
    code = models.CharField(_("verification code"), max_length=19, db_index=True)
    """Printed on the page, for who holds paper: signs in groups of four."""
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Counts that the public sees: objections and outcomes, exclusions, who was assessed."""

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.run_id}"

    @property
    def is_current(self) -> bool:
        """Whether no correction took its place."""
        return self.superseded_at is None

    @property
    def step_id(self) -> str:
        """Its name in the ledger."""
        return f"publication-{self.pk}-made"


class PublishedFile(models.Model):
    """One file of a publication: what anybody may fetch, or what is for offices alone."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(_("file"), max_length=200)
    """Below the publication's folder, beginning with `public/` or `office/`."""
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    size = models.PositiveIntegerField(_("bytes"))
    is_public = models.BooleanField(_("public"))

    class Meta:
        verbose_name = _("published file")
        verbose_name_plural = _("published files")
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["publication", "path"], name="publication_one_path")]

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        """Its path without the part that says for whom it is."""
        return self.path.partition("/")[2]
