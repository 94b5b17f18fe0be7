"""Closing: how far it is, what was counted, who holds keys, comments sealed apart."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.ballots.rules.words import Body, ClosingState


class RoundClosing(models.Model):
    """How far the closing of a round is; see vote.md. After `logged` only the purge remains."""

    round = models.OneToOneField(
        "rounds.SurveyRound", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=10, choices=ClosingState, default=ClosingState.OPEN)
    snapshot_sha256 = models.CharField(_("hash of the snapshot"), max_length=64, blank=True)
    n_slots = models.PositiveIntegerField(_("ballots found"), null=True)
    n_counted = models.PositiveIntegerField(_("ballots counted"), null=True)
    n_invalid = models.PositiveIntegerField(_("ballots not readable"), null=True)
    n_set_aside = models.PositiveIntegerField(_("ballots of areas that are asked again"), null=True)
    counts: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    """Per area after `logged`: drawn, spent, ballots, and the roots that the ledger committed to."""
    problem: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """Code and parameters of what stopped the count; empty again when the custodians come once more."""
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    logged_at = models.DateTimeField(_("logged at"), null=True, blank=True)
    purged_at = models.DateTimeField(_("destroyed at"), null=True, blank=True)
    first_custodian = models.ForeignKey(
        "ballots.Custodian", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    second_custodian = models.ForeignKey(
        "ballots.Custodian", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")

    def __str__(self) -> str:
        return f"{self.round_id} {self.state}"


class CountedReceipt(models.Model):
    """A receipt that is in the published count; inserted in sorted order at closing."""

    round = models.ForeignKey(
        "rounds.SurveyRound", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    area = models.ForeignKey("places.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    receipt = models.CharField(max_length=16)

    class Meta:
        verbose_name = _("counted receipt")
        verbose_name_plural = _("counted receipts")
        constraints = [models.UniqueConstraint(fields=["round", "receipt"], name="receipt_counted_once")]

    def __str__(self) -> str:
        return self.receipt


class Custodian(models.Model):
    """Somebody who holds one of the three key files of the district; the file itself is not kept here."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.CharField(_("for whom"), max_length=16, choices=Body)
    public_key = models.BinaryField(max_length=32)
    made_at = models.DateTimeField(_("made at"))
    proven_on = models.DateField(_("file last opened on"), null=True, blank=True)
    """The key counts from the first time that its holder opened the file; later drills move the day."""
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    retired_because = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("custodian")
        verbose_name_plural = _("custodians")
        ordering = ["body", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["body"], condition=models.Q(retired_at__isnull=True), name="one_custodian_per_body"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_body_display())


class KeyHandover(models.Model):
    """A round's key is wrapped for the successor of a custodian who left; two others do it together."""

    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    leaving = models.ForeignKey(Custodian, on_delete=models.PROTECT, related_name="+")
    successor = models.ForeignKey(Custodian, on_delete=models.PROTECT, related_name="+")
    first = models.ForeignKey(Custodian, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Custodian, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=200)
    begun_at = models.DateTimeField(_("begun at"))
    done_at = models.DateTimeField(_("handed over at"), null=True)
    ended_at = models.DateTimeField(_("withdrawn at"), null=True)

    class Meta:
        verbose_name = _("handover of a key")
        verbose_name_plural = _("handovers of keys")
        constraints = [
            models.UniqueConstraint(
                fields=["round"],
                condition=models.Q(done_at__isnull=True, ended_at__isnull=True),
                name="one_handover_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.leaving} → {self.successor_id}"


class SealedComment(models.Model):
    """The unredacted comment of a closed round: sealed with the field keys, in random order, no ballot."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey("places.Area", on_delete=models.PROTECT, related_name="+")
    comment_number = models.BigIntegerField()
    """Its number in the snapshot's table of comments, where it stands there: comments of withheld ballots and
    of the open link have a number too, which names nothing."""
    sealed = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("sealed comment")
        verbose_name_plural = _("sealed comments")

    def __str__(self) -> str:
        return str(self.pk)
