"""Who saw contacts: every view and export with its reason. Rows are added and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.common.masks import masked
from minping_web.frames.models.frame import Frame


class ContactAccess(models.Model):
    """One access. Units are kept by id, not by key, so that the log outlives them."""

    class Act(models.TextChoices):
        """What was done."""

        VIEWED = "viewed", _("looked at")
        CORRECTED = "corrected", _("corrected")
        ERASED = "erased", _("erased")
        SEARCHED = "searched", _("searched by phone")
        EXPORTED = "exported", _("exported")
        LISTED_SPECIAL = "listed_special", _("listed special families")

    at = models.DateTimeField(_("when"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_label = models.CharField(_("who"), max_length=150)
    act = models.CharField(_("what was done"), max_length=16, choices=Act)
    frame = models.ForeignKey(
        Frame, verbose_name=_("frame"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    unit_id = models.UUIDField(_("unit"), null=True)
    area = models.ForeignKey(
        "places.Area", verbose_name=_("area"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    fields = models.CharField(_("fields"), max_length=100)
    rows = models.PositiveIntegerField(_("rows"), default=1)
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("access to contacts")
        verbose_name_plural = _("accesses to contacts")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.act} {self.shown_unit}"

    @property
    def shown_unit(self) -> str:
        """The unit as the addresses of pages name it, never by the id that a draw discloses."""
        return str(masked(self.unit_id)) if self.unit_id else ""


class ContactExport(models.Model):
    """A permit to download contacts, a few times within a day. The file itself is never stored."""

    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="exports")
    area = models.ForeignKey(
        "places.Area", verbose_name=_("area"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    filters = models.JSONField(default=dict)
    fields = models.JSONField(default=list)
    rows = models.PositiveIntegerField(_("rows"))
    reason = models.CharField(_("reason"), max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approved by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("permitted at"))
    expires_at = models.DateTimeField(_("expires at"))
    downloads = models.PositiveSmallIntegerField(_("downloads"), default=0)

    class Meta:
        verbose_name = _("export of contacts")
        verbose_name_plural = _("exports of contacts")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.frame} · {self.rows}"
