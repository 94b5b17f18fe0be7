"""What leaders change after the matching: proposed by a mediator, in force when every side has signed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.choices.models.choice import TwoWayChoice
from minping_web.choices.models.sides import Candidate, PostedGrid


class Mediation(models.Model):
    """Some changes that hold together or not at all: a swap is two of them."""

    class State(models.TextChoices):
        """Signed by all, or ended by one."""

        OPEN = "open", _("waits for signatures")
        IN_FORCE = "in_force", pgettext_lazy("mediation", "in force")
        REFUSED = "refused", pgettext_lazy("mediation", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("mediation", "withdrawn")

    choice = models.ForeignKey(TwoWayChoice, on_delete=models.PROTECT, related_name="mediations")
    number = models.PositiveSmallIntegerField(_("number"))
    changes: Any = models.JSONField(default=list)
    """[candidate, from grid or 0, to grid or 0]."""
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_reason = models.CharField(_("reason of the refusal"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("mediation")
        verbose_name_plural = _("mediations")
        ordering = ["choice_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["choice", "number"], name="choice_mediation_number_once"),
            models.UniqueConstraint(
                fields=["choice"], condition=models.Q(state="open"), name="choice_one_open_mediation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class Signature(models.Model):
    """One side that has to sign; made with the proposal, filled by whoever signs."""

    class Side(models.TextChoices):
        """In whose name."""

        PERSON = "person", _("Person")
        GRID = "grid", _("Community of the grid")
        MEDIATOR = "mediator", _("Mediator")

    mediation = models.ForeignKey(Mediation, on_delete=models.CASCADE, related_name="signatures")
    side = models.CharField(_("side"), max_length=8, choices=Side)
    candidate = models.ForeignKey(
        Candidate, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    grid = models.ForeignKey(PostedGrid, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("signed by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    signed_at = models.DateTimeField(_("signed at"), null=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["mediation_id", "pk"]

    def __str__(self) -> str:
        return str(self.candidate or self.grid or self.get_side_display())
