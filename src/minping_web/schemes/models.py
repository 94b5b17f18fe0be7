"""Versions of schemes that this district froze: the whole package, its hash, who and when.

The package is kept as it was: a newer library changes nothing about a round that was held under it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class SchemeVersion(models.Model):
    """A frozen scheme. `revision` grows when the same version is frozen with other values of the district."""

    scheme_id = models.CharField(_("scheme"), max_length=60)
    version = models.CharField(_("version"), max_length=20)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    title_zh = models.CharField(_("title in Chinese"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    assessee_kind = models.CharField(_("who is assessed"), max_length=30)
    files: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField()
    values: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    unfilled: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Ids of values that nobody published or filled in: no real assessment runs with them."""
    sha256 = models.CharField(_("hash of the package"), max_length=64, unique=True)
    content_sha256 = models.CharField(_("hash of the rules"), max_length=64)
    """As results name it: what decides a result, whatever else stands in the files."""
    pilot = models.BooleanField(_("pilot"), default=False)
    note = models.CharField(_("decision"), max_length=200, blank=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("frozen by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    frozen_at = models.DateTimeField(_("frozen at"))
    pilot_ended_at = models.DateTimeField(_("pilot ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("frozen scheme")
        verbose_name_plural = _("frozen schemes")
        ordering = ["-frozen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["scheme_id", "version", "revision"], name="scheme_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}" + (f" ({self.revision})" if self.revision > 1 else "")

    @property
    def title(self) -> str:
        """In the language of the page."""
        return self.title_en if (get_language() or "zh").startswith("en") else self.title_zh

    @property
    def label(self) -> str:
        """Version and revision in words, where the title stands beside it."""
        if self.revision == 1:
            return self.version
        return str(_("%(version)s, revision %(n)s") % {"version": self.version, "n": self.revision})

    @property
    def key(self) -> str:
        """`ID@VERSION`, as results name it."""
        return f"{self.scheme_id}@{self.version}"

    @property
    def step_id(self) -> str:
        """Name of its step in the ledger."""
        return f"scheme-{self.scheme_id}-{self.version}-r{self.revision}-frozen"
