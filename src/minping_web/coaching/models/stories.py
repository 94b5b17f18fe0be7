"""Service stories beside the score (S74), and pledges with the yearly statement (S87).

Neither is an input of a score. A story names no resident: the redaction of comments must find nothing in it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.coaching.rules.words import StoryState


class ServiceStory(models.Model):
    """What somebody did for residents, in a few sentences; shown when worker and office said yes."""

    person = models.ForeignKey(
        "people.Person", verbose_name=_("about whom"), on_delete=models.PROTECT, related_name="stories"
    )
    area = models.ForeignKey(
        "places.Area", verbose_name=_("place"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    happened_on = models.DateField(_("when it happened"))
    title = models.CharField(_("title"), max_length=60)
    text = models.TextField(_("story"), max_length=600)
    state = models.CharField(_("state"), max_length=10, choices=StoryState, default=StoryState.OFFERED)
    consents = models.BooleanField(_("those concerned agree"), default=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), null=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    written_at = models.DateTimeField(_("written at"))
    agreed_at = models.DateTimeField(_("worker agreed at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("service story")
        verbose_name_plural = _("service stories")
        ordering = ["-happened_on", "-pk"]

    def __str__(self) -> str:
        return self.title


class Pledge(models.Model):
    """What somebody undertakes for a year, in own words, and what came of it at its end."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="pledges")
    year = models.PositiveSmallIntegerField(_("year"))
    text = models.TextField(_("pledge"), max_length=600)
    made_at = models.DateTimeField(_("made at"))
    statement = models.TextField(pgettext_lazy("year", "statement"), max_length=1000, blank=True)
    stated_at = models.DateTimeField(_("stated at"), null=True, blank=True)

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ["-year", "person__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "year"], name="coaching_one_pledge")]

    def __str__(self) -> str:
        return f"{self.person} {self.year}"
