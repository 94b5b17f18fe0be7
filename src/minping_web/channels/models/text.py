"""What is said: texts with versions, and the signature that stands before them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Approved(models.TextChoices):
    """Nothing is sent that a second person did not approve."""

    DRAFT = "draft", pgettext_lazy("text", "draft")
    APPROVED = "approved", pgettext_lazy("text", "approved")
    RETIRED = "retired", _("out of use")


class Signature(models.Model):
    """The name in 【…】 before each message, as it was filed with the carrier."""

    name = models.CharField(_("signature"), max_length=20, unique=True)
    filed_as = models.CharField(_("filed with the carrier as"), max_length=80)
    state = models.CharField(_("state"), max_length=10, choices=Approved, default=Approved.DRAFT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"【{self.name}】"


class MessageText(models.Model):
    """A text by its name; what it says stands in its versions."""

    title = models.CharField(_("name of the text"), max_length=80, unique=True)
    purpose = models.CharField(
        _("used for"),
        max_length=8,
        choices=[("invite", _("Invitation")), ("remind", _("Reminder")), ("notice", _("Notice"))],
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ["purpose", "title"]

    def __str__(self) -> str:
        return self.title


class TextVersion(models.Model):
    """One wording in two languages. Once approved it never changes; a correction is a new version."""

    text = models.ForeignKey(
        MessageText, verbose_name=_("text"), on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveSmallIntegerField(_("version"))
    signature = models.ForeignKey(
        Signature, verbose_name=_("signature"), on_delete=models.PROTECT, related_name="+"
    )
    zh = models.CharField(_("Chinese"), max_length=400)
    en = models.CharField(_("English"), max_length=700)
    state = models.CharField(_("state"), max_length=10, choices=Approved, default=Approved.DRAFT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("written by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approved by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of a text")
        verbose_name_plural = _("versions of texts")
        ordering = ["text", "-number"]
        constraints = [models.UniqueConstraint(fields=["text", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.text} {self.number}"

    def body(self, language: str) -> str:
        """The wording in one language."""
        return self.en if language == "en" else self.zh
