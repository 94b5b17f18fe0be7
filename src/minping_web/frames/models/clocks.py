"""What the retention clocks erased, and what holds them up."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.frames.models.frame import Frame
from minping_web.frames.rules import clock


class LegalHold(models.Model):
    """Stops the clocks of a frame for a stated reason until a stated day, never for good."""

    frame = models.ForeignKey(Frame, verbose_name=_("frame"), on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason"), max_length=200)
    until = models.DateField(_("until"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.frame} {self.until}"


class Erasure(models.Model):
    """One erasure: which clock, of what, how many rows. It says nothing about whose they were."""

    at = models.DateTimeField(_("when"))
    clock = models.CharField(_("clock"), max_length=20)
    frame = models.ForeignKey(
        Frame, verbose_name=_("frame"), null=True, on_delete=models.PROTECT, related_name="erasures"
    )
    rows = models.PositiveIntegerField(_("rows"))

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.clock} {self.rows}"

    @property
    def what(self) -> str:
        """What the clock erases, in words."""
        return str(clock(self.clock).what)
