"""The app's name, and what happens when somebody signs in or changes a password."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who enters: users and their second factors."""

    name = "minping_web.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Connect the library's signals to our services, and make the two-person acts known."""
        from allauth.account.signals import password_changed
        from allauth.mfa.models import Authenticator
        from allauth.mfa.signals import authenticator_added
        from django.contrib.auth.signals import user_logged_in
        from django.db.models.signals import post_init, pre_save

        from minping_web.accounts.services import ACTS, register_secrets
        from minping_web.common.approval import register

        user_logged_in.connect(_signed_in, dispatch_uid="minping.signed_in")
        password_changed.connect(_password_changed, dispatch_uid="minping.password_changed")
        authenticator_added.connect(_factor_added, dispatch_uid="minping.factor_added")
        post_init.connect(_factor_read, sender=Authenticator, dispatch_uid="minping.factor_read")
        pre_save.connect(_factor_written, sender=Authenticator, dispatch_uid="minping.factor_written")
        register_secrets()
        for act in ACTS:
            register(act)


def _signed_in(sender: Any, request: Any, user: Any, **_: Any) -> None:
    from minping_web.accounts.middleware import SIGNED_IN_AT
    from minping_web.accounts.services import remember_sign_in
    from minping_web.common.clock import now

    request.session[SIGNED_IN_AT] = now().isoformat()
    remember_sign_in(request, user)


def _password_changed(sender: Any, request: Any, user: Any, **_: Any) -> None:
    from minping_web.accounts.services import password_was_changed

    password_was_changed(user, request.session)


def _factor_added(sender: Any, request: Any, user: Any, authenticator: Any, **_: Any) -> None:
    """Who has just set up a factor has shown a code of it: it counts as given now."""
    from allauth.account.internal.flows.login import record_authentication

    record_authentication(
        request, user, "mfa", type=authenticator.type, id=authenticator.pk, reauthenticated=True
    )


def _factor_read(sender: Any, instance: Any, **_: Any) -> None:
    from minping_web.accounts.services import own_secrets

    own_secrets(instance)


def _factor_written(sender: Any, instance: Any, **_: Any) -> None:
    from minping_web.accounts.services import bind_secrets

    bind_secrets(instance)
