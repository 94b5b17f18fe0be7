"""Calls for marks: which rater group of a round marks until when, and who was called.

Marks lie sealed, one value for each rater, so that neither a list of the office nor a look into the database
shows a single mark. A call is the list of its raters: everybody has a number there, which a workbook repeats,
so that nobody counts twice. The snapshot gives other numbers, which are kept nowhere.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RaterCall(models.Model):
    """One rater group of a round, as the scheme names it. How many are needed stands in the scheme."""

    round = models.ForeignKey(
        "rounds.SurveyRound", verbose_name=_("round"), on_delete=models.PROTECT, related_name="+"
    )
    group = models.CharField(_("rater group"), max_length=60)
    opens_on = models.DateField(_("marks from"))
    ends_on = models.DateField(_("marks until"))
    own_place_only = models.BooleanField(_("everybody marks the own place only"), default=False)
    note = models.CharField(_("note for raters"), max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("called by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("call for marks")
        verbose_name_plural = _("calls for marks")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "group"], name="one_call_per_group"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("opens_on")), name="call_ends_after_it_opens"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.group}"

    def is_open_on(self, day: date) -> bool:
        """Whether marks are taken on that day."""
        return self.opens_on <= day <= self.ends_on

    def is_over_on(self, day: date) -> bool:
        """Whether the last day has passed."""
        return day > self.ends_on


class CalledRater(models.Model):
    """Somebody who was called to mark: by account, or by a link of their own. Nobody else opens the sheet."""

    call = models.ForeignKey(RaterCall, on_delete=models.PROTECT, related_name="raters")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("rater"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    number = models.PositiveIntegerField(_("rater number"))
    """Drawn for the call; whose marks come on paper stands under it in the workbook."""
    kind = models.CharField(_("kind of rater"), max_length=60, blank=True)
    """One of the kinds whose shares the scheme limits."""
    place = models.ForeignKey(
        "places.Area", verbose_name=_("speaks for"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    """Of somebody without an account; who has one speaks for the place of the role."""
    name = models.BinaryField(null=True)
    """Of somebody without an account, sealed; may stay away."""
    link = models.BinaryField(max_length=32, null=True, unique=True)
    """Hash of the secret in the link. 80 random bits cannot be guessed from it, so it needs no key."""
    link_made_on = models.DateField(_("link made on"), null=True, blank=True)
    revoked_on = models.DateField(_("link revoked on"), null=True, blank=True)
    sheet = models.BinaryField(null=True)
    """Marks and declared conflicts, sealed: `services.marking` reads and writes them."""
    saved_at = models.DateTimeField(pgettext_lazy("marks", "saved at"), null=True, blank=True)
    handed_in_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    reminded_on = models.DateField(_("last reminded on"), null=True, blank=True)

    class Meta:
        verbose_name = _("called rater")
        verbose_name_plural = _("called raters")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "user"], name="called_once"),
            models.UniqueConstraint(fields=["call", "number"], name="one_rater_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.pk}"

    called = ""
    """Set by the page: the name, as far as one is known."""

    @property
    def is_by_link(self) -> bool:
        """Whether the rater has no account."""
        return self.user_id is None
