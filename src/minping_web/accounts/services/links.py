"""One-time links: made for somebody, used once to choose a password."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from minping_engine.errors import Place
from minping_web.accounts import rules
from minping_web.accounts.models import OneTimeLink, User
from minping_web.accounts.selectors import usable_link
from minping_web.accounts.services.sessions import end_sessions
from minping_web.common.approval import Shown
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope


def new_link(scope: Scope, user: User) -> Shown:
    """A link for a user; who calls checks the right."""
    token, moment = rules.link_token(), now()
    OneTimeLink.objects.create(
        user=user,
        digest=rules.digest_of(token),
        made_by_id=scope.user_id,
        made_at=moment,
        expires_at=moment + rules.LINK_LASTS,
    )
    return Shown(
        gettext("One-time link, valid for three days"),
        reverse("accounts:welcome_link", args=[token]),
        is_path=True,
    )


def void_links(user_id: int) -> None:
    """Links that were not used yet open nothing any more."""
    OneTimeLink.objects.filter(user_id=user_id, used_at__isnull=True).delete()


@transaction.atomic
def redeem_link(token: str, password: str) -> User:
    """Choose the password by a one-time link; raises `RefusedError` for a bad link or a weak password."""
    link = usable_link(token)
    if link is None:
        raise RefusedError.of("account.link_void")
    used = OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=now())
    if not used:
        raise RefusedError.of("account.link_void")
    user = link.user
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RefusedError.of("account.password_weak", Place(), why=" ".join(error.messages)) from None
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    end_sessions(user.pk)
    return user
