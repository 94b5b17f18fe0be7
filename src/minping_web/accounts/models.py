"""Users: whoever enters, with their sign-ins and one-time links. What a user may do stands in `access`.

Residents have no account.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class User(AbstractUser):
    """A person (or a firm's clerk) who signs in; the display name may hold rare characters."""

    class Language(models.TextChoices):
        """Of the interface."""

        CHINESE = "zh-hans", "中文"
        ENGLISH = "en", "English"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(pgettext_lazy("person", "name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=Language, default=Language.CHINESE)
    must_change_password = models.BooleanField(_("must choose a new password"), default=False)
    made_by = models.ForeignKey(
        "self",
        verbose_name=_("made by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_invented = models.BooleanField(_("invented for a demonstration"), default=False, editable=False)

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        """The name shown."""
        return str(self)

    def get_short_name(self) -> str:
        """The name shown."""
        return str(self)


class SignIn(models.Model):
    """One session of a user, so that it can be seen and ended; its key is gone once it has ended."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True, null=True)
    """As the session lies in the database (`common.sessions.stored_key`): it cannot be used to enter."""
    started_at = models.DateTimeField(_("signed in at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    device = models.CharField(_("device"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class OneTimeLink(models.Model):
    """Lets a user choose a password once; the database keeps a digest of the token only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="links")
    digest = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("one-time link")
        verbose_name_plural = _("one-time links")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at:%Y-%m-%d}"
