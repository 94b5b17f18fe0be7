"""Print runs: letters that wait, sealed, to become a PDF at the moment of the download."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.channels.rules.owners import Owner, owner_called


class PrintRun(models.Model):
    """Letters of one owner. Rows lie in a sealed file outside the database; its key dies with the run."""

    class State(models.TextChoices):
        """What is printed or given up has neither file nor key."""

        READY = "ready", _("waiting to be downloaded")
        DOWNLOADED = "downloaded", _("downloaded, not yet reported as printed")
        PRINTED = "printed", _("printed")
        CANCELLED = "cancelled", pgettext_lazy("print run", "cancelled")

    owner = models.CharField(_("owned by"), max_length=40, db_index=True)
    title = models.CharField(_("title"), max_length=80)
    wording = models.JSONField(_("wording"), default=dict)
    letters = models.PositiveIntegerField(_("printed letters"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READY)
    downloads = models.PositiveSmallIntegerField(_("downloads"), default=0)
    key_name = models.CharField(max_length=40)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("print run")
        verbose_name_plural = _("print runs")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def owned_by(self) -> Owner:
        """The owner in words."""
        return owner_called(self.owner)

    @property
    def is_outdated(self) -> bool:
        """Whether the letters name another last day than the round has now."""
        until = self.owned_by.until
        return bool(until) and self.wording.get("until") != until

    @property
    def is_open(self) -> bool:
        """Whether its file is still there."""
        return self.state in (self.State.READY, self.State.DOWNLOADED)
