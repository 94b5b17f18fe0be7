"""Paper forms on their way from the folder to the ballot, and how well they were keyed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.ballots.rules.words import SheetReason, SheetState


class PaperBundle(models.Model):
    """A bundle of paper forms that lie and are shredded together; its name stands on its folder."""

    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("bundle"), max_length=20)
    shredded_on = models.DateField(_("shredded on"), null=True, blank=True)
    shredded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("bundle of paper forms")
        verbose_name_plural = _("bundles of paper forms")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["round", "name"], name="one_bundle_per_name")]

    def __str__(self) -> str:
        return self.name


class PaperSheet(models.Model):
    """A paper form on its way: two keyings, sealed under the round's own keys, then cast as one ballot.

    What could lead back to the household is emptied when the sheet was counted or refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    bundle = models.ForeignKey(PaperBundle, on_delete=models.PROTECT, related_name="sheets")
    number = models.PositiveSmallIntegerField(_("number in the bundle"))
    h1 = models.BinaryField(max_length=32, null=True)
    """Of the sheet's token, to find the second keying."""
    area = models.ForeignKey("places.Area", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=SheetState, default=SheetState.ONCE)
    reason = models.CharField(_("why refused"), max_length=16, blank=True, choices=SheetReason)
    first = models.BinaryField(null=True)
    second = models.BinaryField(null=True)
    agreed = models.BinaryField(null=True)
    """What counts, from the moment when both keyings agree or somebody decided."""
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("paper sheet")
        verbose_name_plural = _("paper sheets")
        ordering = ["bundle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "h1"], name="one_sheet_per_token"),
            models.UniqueConstraint(fields=["bundle", "number"], name="one_sheet_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.bundle_id}-{self.number}"


class KeyingTally(models.Model):
    """How much somebody keyed in a round and how often it was not what counted in the end."""

    round = models.ForeignKey("rounds.SurveyRound", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sheets = models.PositiveIntegerField(_("sheets"), default=0)
    answers = models.PositiveIntegerField(_("answers compared"), default=0)
    wrong = models.PositiveIntegerField(_("wrong answers"), default=0)

    class Meta:
        verbose_name = _("tally of keying")
        verbose_name_plural = _("tallies of keying")
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="one_tally_per_keyer")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.sheets}"
