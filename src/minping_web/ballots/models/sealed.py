"""Sealed answers: the round's public key, ballot slots, open answers.

A `BallotSlot` has no key to an invitation, no area, no mode and no time: `h2 = HMAC(K2, token)` joins it to
a token only for who holds token and key. `sealed` has one length whatever was answered and opens with the
round's private key only, which two custodians bring forth together at closing.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RoundKey(models.Model):
    """The public key that seals a round's ballots. The private one lies wrapped in files, never here."""

    round = models.OneToOneField(
        "rounds.SurveyRound", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    public_key = models.BinaryField(max_length=32)
    key_id = models.CharField(max_length=16)
    holders: models.JSONField[list[int], list[int]] = models.JSONField(default=list)
    """Ids of the three custodians whose pairs open it: those of the day of opening."""
    destroyed_on = models.DateField(_("destroyed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("round key")
        verbose_name_plural = _("round keys")

    def __str__(self) -> str:
        return self.key_id


class BallotSlot(models.Model):
    """One ballot under the hash of its token; `rev` grows with each replacement, `form_mac` marks repeats."""

    h2 = models.BinaryField(primary_key=True, max_length=32)
    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    rev = models.PositiveSmallIntegerField(default=1)
    form_mac = models.BinaryField(max_length=16)
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("ballot slot")
        verbose_name_plural = _("ballot slots")

    def __str__(self) -> str:
        return "ballot"


class OpenLink(models.Model):
    """The link of a round that anybody may answer, with its short code; apart from the households' votes."""

    round = models.OneToOneField(
        "rounds.SurveyRound", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(_("code"), max_length=8, unique=True)
    is_open = models.BooleanField(_("takes answers"), default=True)
    changes = models.PositiveSmallIntegerField(default=0)
    changed_on = models.DateField(_("changed on"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("open link")
        verbose_name_plural = _("open links")

    def __str__(self) -> str:
        return self.code


class OpenBallot(models.Model):
    """An answer to the open link: self-selected, sealed like the others, counted apart, no household."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("open ballot")
        verbose_name_plural = _("open ballots")

    def __str__(self) -> str:
        return "open ballot"


class SpentWork(models.Model):
    """A solved proof of work of the open link, so that none counts twice; forgotten after closing."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("spent proof of work")
        verbose_name_plural = _("spent proofs of work")

    def __str__(self) -> str:
        return "work"
