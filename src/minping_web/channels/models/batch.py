"""Batches and their messages. A message holds no time, no number in the clear and no order.

Who sees the table learns which token had a message and how it ended, not when: ids are random and rows are
written shuffled. Phone and text lie sealed under the batch's own key until the provider has acknowledged
them; then they are erased, and the key goes with the end of the batch.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.channels.models.provider import Provider
from minping_web.channels.models.text import TextVersion
from minping_web.channels.rules.owners import Owner, owner_called


class MessageBatch(models.Model):
    """Messages of one purpose that are approved, sent and counted together."""

    class Purpose(models.TextChoices):
        """Why somebody gets a message."""

        INVITE = "invite", _("Invitation")
        REMIND = "remind", _("Reminder")
        NOTICE = "notice", _("Notice")

    class State(models.TextChoices):
        """A batch that is done or cancelled has no key any more."""

        DRAFT = "draft", pgettext_lazy("batch", "draft")
        APPROVED = "approved", pgettext_lazy("batch", "approved")
        SENDING = "sending", _("being sent")
        PAUSED = "paused", _("paused")
        DONE = "done", pgettext_lazy("batch", "done")
        CANCELLED = "cancelled", pgettext_lazy("batch", "cancelled")

    class Pause(models.TextChoices):
        """Why a batch stands still."""

        BY_HAND = "by_hand", _("paused by a person")
        BUDGET = "budget", _("the approved cost is used up")
        UNSURE = "unsure", _("it is not known whether some messages left; decide about them")
        PROVIDER = "provider", _("the provider does not take messages")
        KEY_LOST = "key_lost", _("the key of the batch is not there; open a new batch")

    owner = models.CharField(_("owned by"), max_length=40, db_index=True)
    purpose = models.CharField(_("used for"), max_length=8, choices=Purpose)
    title = models.CharField(_("title"), max_length=80)
    text_version = models.ForeignKey(
        TextVersion, verbose_name=_("text"), on_delete=models.PROTECT, related_name="batches"
    )
    provider = models.ForeignKey(
        Provider, verbose_name=_("provider"), on_delete=models.PROTECT, related_name="batches"
    )
    language = models.CharField(_("language"), max_length=2, default="zh")
    budget_fen = models.PositiveIntegerField(_("budget (fen)"))
    approved_fen = models.PositiveIntegerField(_("approved cost (fen)"), default=0)
    price_li = models.PositiveIntegerField(_("price of a part (li)"), default=0)
    """A tenth of a fen: parts cost 45 li and the like. Fixed when the batch is opened."""
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    pause = models.CharField(_("stands still because"), max_length=10, choices=Pause, blank=True)
    messages = models.PositiveIntegerField(_("text messages"), default=0)
    parts = models.PositiveIntegerField(_("parts"), default=0)
    spent_parts = models.PositiveIntegerField(_("parts spent"), default=0)
    """Handed over, or perhaps handed over: counted before the provider is called."""
    left_out = models.JSONField(_("left out"), default=dict)
    """Numbers that got no message, by reason."""
    key_name = models.CharField(max_length=40)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("opened by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("opened at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approved by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch of messages")
        verbose_name_plural = _("batches of messages")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def owned_by(self) -> Owner:
        """The owner in words."""
        return owner_called(self.owner)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be sent."""
        return self.state in (self.State.DONE, self.State.CANCELLED)


class OutgoingMessage(models.Model):
    """One message. No column says when; `reference` is the token that the link carries, by its id."""

    class State(models.TextChoices):
        """`leaving` and `unsure` are between the provider's call and its answer."""

        WAITING = "waiting", pgettext_lazy("message", "waiting")
        LEAVING = "leaving", _("being handed over")
        UNSURE = "unsure", _("not known whether it left")
        HANDED_OVER = "handed_over", _("handed over")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", pgettext_lazy("message", "failed")
        CANCELLED = "cancelled", pgettext_lazy("message", "cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(
        MessageBatch, verbose_name=_("batch"), on_delete=models.PROTECT, related_name="rows", db_index=False
    )
    reference = models.UUIDField(_("reference"), db_index=True)
    sealed = models.BinaryField(null=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    provider_ref = models.BinaryField(max_length=32, null=True, db_index=True)
    """Keyed hash of the provider's own number: finds a receipt, tells nothing."""
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    parts = models.PositiveSmallIntegerField(_("parts"), default=1)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["batch", "state"], name="message_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "reference"], name="one_message_per_reference")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.state}"


class NumberUse(models.Model):
    """How many messages a number has had from one owner. The hash differs between owners."""

    owner = models.CharField(_("owned by"), max_length=40)
    blind = models.BinaryField(max_length=32)
    messages = models.PositiveSmallIntegerField(_("messages"), default=0)

    class Meta:
        verbose_name = _("use of a number")
        verbose_name_plural = _("uses of numbers")
        constraints = [models.UniqueConstraint(fields=["owner", "blind"], name="one_count_per_number")]

    def __str__(self) -> str:
        return f"{self.owner} {self.messages}"
