"""Questionnaires of this district and their versions; a frozen version never changes.

The content is JSON that `rules.questionnaire` reads. Edits of a draft keep what was there before them
(`InstrumentEdit`), so that each can be taken back until the version is frozen.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from minping_web.instruments.rules.questionnaire import Questionnaire, questionnaire_of


class Instrument(models.Model):
    """A questionnaire under one code; its versions hold the questions."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["code"]

    def __str__(self) -> str:
        english = (get_language() or "zh").startswith("en")
        return self.title_en if english and self.title_en else self.title


class InstrumentVersion(models.Model):
    """One version. `edit` counts edits, so that nobody writes over what somebody else saved meanwhile."""

    class State(models.TextChoices):
        """Drafts are written, frozen ones are asked."""

        DRAFT = "draft", _("draft")
        FROZEN = "frozen", _("frozen")

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    edit = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(_("hash"), max_length=64, blank=True)
    scheme_version = models.ForeignKey(
        "schemes.SchemeVersion",
        verbose_name=_("scheme"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="instruments",
    )
    based_on = models.ForeignKey(
        "self",
        verbose_name=_("copied from"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made at"))
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("frozen by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of a questionnaire")
        verbose_name_plural = _("versions of questionnaires")
        ordering = ["instrument__code", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "version"], name="instrument_version_once"),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(sha256__gt="", frozen_at__isnull=False),
                name="frozen_instrument_has_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.version}"

    @property
    def key(self) -> str:
        """`ID@VERSION`, as snapshots and schemes name it."""
        return f"{self.content['id']}@{self.version}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still be written."""
        return self.state == self.State.DRAFT

    @property
    def questionnaire(self) -> Questionnaire:
        """As pages, cast and closing read it; only of a version that was checked."""
        return questionnaire_of(self.content)


class InstrumentEdit(models.Model):
    """What a draft held before one edit. `what` names the act for the list of edits."""

    version = models.ForeignKey(InstrumentVersion, on_delete=models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField()
    what = models.CharField(_("edit"), max_length=60)
    before: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("edit of a questionnaire")
        verbose_name_plural = _("edits of questionnaires")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="edit_number_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.number}"
