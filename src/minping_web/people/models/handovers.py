"""What changes hands, and what people ask to have put right."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.people.models.person import Person


class Handover(models.Model):
    """What one person passes on to another when an area changes hands; closed when both have confirmed."""

    giver = models.ForeignKey(
        Person, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="handed_over"
    )
    taker = models.ForeignKey(
        Person,
        verbose_name=_("taker"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="taken_over",
    )
    area = models.ForeignKey(
        "places.Area", verbose_name=_("area"), on_delete=models.PROTECT, related_name="+"
    )
    day = models.DateField(_("effective on"))
    giver_confirmed_at = models.DateTimeField(_("confirmed by the giver"), null=True, blank=True)
    taker_confirmed_at = models.DateTimeField(_("confirmed by the taker"), null=True, blank=True)

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["-day", "-pk"]

    def __str__(self) -> str:
        return f"{self.area} {self.day}"

    @property
    def closed(self) -> bool:
        """Whether both sides have confirmed."""
        return bool(self.giver_confirmed_at and self.taker_confirmed_at)


class HandoverItem(models.Model):
    """One open matter of a handover."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(_("matter"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)
    done = models.BooleanField(_("passed on"), default=False)

    class Meta:
        verbose_name = _("matter of a handover")
        verbose_name_plural = _("matters of handovers")
        ordering = ["handover_id", "number"]
        constraints = [models.UniqueConstraint(fields=["handover", "number"], name="handover_item_once")]

    def __str__(self) -> str:
        return self.text

    @property
    def change_paths(self) -> list[str]:
        """Where the handover is."""
        return [str(self.handover.area.path)]


class CorrectionRequest(models.Model):
    """A worker says that something kept about them is wrong; the office answers."""

    class About(models.TextChoices):
        """Which part of the own page."""

        PERSON = "person", _("my data")
        POSTING = "posting", _("my postings")
        CERTIFICATE = "certificate", _("my certificates")
        SKILL = "skill", _("my skills or stand-ins")

    class State(models.TextChoices):
        """An answer is final; a new request may follow."""

        OPEN = "open", _("waiting for an answer")
        CORRECTED = "corrected", pgettext_lazy("decision", "corrected")
        DECLINED = "declined", _("not corrected")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="correction_requests")
    about = models.CharField(_("about"), max_length=12, choices=About)
    text = models.TextField(_("what is wrong, and how it should read"), max_length=1000)
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for correction")
        verbose_name_plural = _("requests for correction")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"
