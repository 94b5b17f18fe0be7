"""A deadline that was put off: which one, from when to when, and why; read by everybody who takes part."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.choices.models.choice import TwoWayChoice


class Extension(models.Model):
    """One deadline moved once, to a later moment; the words are committed to in the ledger."""

    class Deadline(models.TextChoices):
        """Whose deadline."""

        PEOPLE = "people", _("People choose until")
        COMMUNITIES = "communities", _("Communities choose back until")

    choice = models.ForeignKey(TwoWayChoice, on_delete=models.PROTECT, related_name="extensions")
    number = models.PositiveSmallIntegerField(_("number"))
    deadline = models.CharField(_("deadline"), max_length=12, choices=Deadline)
    before = models.DateTimeField(_("before"))
    after = models.DateTimeField(_("after"))
    reason = models.CharField(_("reason"), max_length=300)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("extension of a deadline")
        verbose_name_plural = _("extensions of deadlines")
        ordering = ["choice_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["choice", "number"], name="choice_extension_number_once"),
            models.CheckConstraint(
                condition=models.Q(after__gt=models.F("before")), name="choice_extension_is_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"
