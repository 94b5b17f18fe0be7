"""Who carries messages, under which rules. Secrets are not here: the key folder holds them as files."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Provider(models.Model):
    """A way to hand messages over; its settings change by two persons, since they say where phones go."""

    class Kind(models.TextChoices):
        """How messages leave."""

        FILE = "file", _("File in the outbox folder")
        HTTP = "http", _("HTTP interface of a carrier")

    class State(models.TextChoices):
        """Only active ones take batches."""

        ACTIVE = "active", pgettext_lazy("provider", "active")
        RETIRED = "retired", _("out of use")

    name = models.SlugField(_("short name"), max_length=20, unique=True)
    title = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    number = models.CharField(_("sender's number"), max_length=30, blank=True)
    config = models.JSONField(_("settings"), default=dict)
    price_li = models.PositiveIntegerField(_("price of a part (li)"), default=45)
    per_second = models.PositiveSmallIntegerField(_("messages a second"), default=50)
    per_day = models.PositiveIntegerField(_("messages a day"), default=200_000)
    idempotent = models.BooleanField(_("sends a repeated message once"), default=False)
    """Whether a second call with the same key is harmless: decides what happens after a crash."""

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title


class DayCount(models.Model):
    """How many messages a provider took on a day, for its daily ceiling."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    messages = models.PositiveIntegerField(_("messages"), default=0)

    class Meta:
        verbose_name = _("count of a day")
        verbose_name_plural = _("counts of days")
        constraints = [models.UniqueConstraint(fields=["provider", "day"], name="one_count_per_day")]

    def __str__(self) -> str:
        return f"{self.provider} {self.day}"


class ChannelRules(models.Model):
    """The one row of rules that hold for every message of the district."""

    quiet_until = models.PositiveSmallIntegerField(_("send from (hour)"), default=9)
    quiet_from = models.PositiveSmallIntegerField(_("send until (hour)"), default=20)
    most_per_number = models.PositiveSmallIntegerField(_("messages per number and round"), default=3)
    stop_word = models.CharField(_("word that unsubscribes"), max_length=8, default="R")
    telephone = models.CharField(_("telephone for questions"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("rules of messages")
        verbose_name_plural = _("rules of messages")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_channel_rules")]

    def __str__(self) -> str:
        return str(_("rules of messages"))
