"""How allauth behaves here: closed doors, single sign-on with every check, addresses of clients.

Accounts are made by administrators. A subject of the single sign-on enters only if an administrator
linked it; neither e-mail addresses nor names are matched, and nobody links an account to oneself. The
library takes a token that came over TLS without checking its signature and sends no nonce; both are
done here, and the key set decides which algorithms count, never the token.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

import jwt
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext

from minping_web.accounts.rules import plain_name
from minping_web.accounts.selectors import is_guessed_everywhere
from minping_web.accounts.services import open_secret, seal_secret
from minping_web.common.clock import now

SIGNED_BY = {"RSA": ["RS256", "PS256"], "EC": ["ES256"]}
"""Algorithms by kind of key; a symmetric one would let whoever knows the public key sign."""

LEEWAY_SECONDS = 60
RECENT_SECONDS = 600
FACTORS_APP = "allauth.mfa"
DEMANDED = ["exp", "iat", "iss", "aud", "sub", "nonce"]


def address_of(request: HttpRequest) -> str:
    """The client's address; also what the lock counts by (AXES_CLIENT_IP_CALLABLE).

    The server has put it there already, from X-Forwarded-For where one of our own proxies asked
    (MINPING_PROXIES); the header itself is never read here, since anybody can send one.
    """
    return str(request.META.get("REMOTE_ADDR", ""))


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The sign-in name as the lock counts it (AXES_USERNAME_CALLABLE), typed in whatever spelling."""
    typed = credentials.get("username") if credentials else request.POST.get("login")
    return plain_name(str(typed or ""))


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up; attempts are counted by name and address, so that nobody can lock out a colleague."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the lock counts it."""
        return address_of(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By name at this address: a stranger elsewhere cannot use up an official's attempts."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}|{address_of(request)}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not right after signing in: the first thing a new user does is to set up the second factor.

        Who has one gives it again before it is shown, changed or taken away: the password alone would
        open the recovery codes, and one of them is a second factor.
        """
        request = context.request
        records = get_authentication_records(request, request.user) if request else []
        recent = [record for record in records if now().timestamp() - record["at"] < RECENT_SECONDS]
        if app == FACTORS_APP and request and _has_factor(request.user):
            if not any(record.get("method") == "mfa" for record in recent):
                raise ReauthenticationRequired  # "required" alone would be met by a recent password
            return False
        return not recent and bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The password is no method for who has a second factor."""
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        by_factor = [method for method in found if method["id"] != "reauthenticate"]
        return by_factor or found


def _has_factor(user: Any) -> bool:
    return bool(Authenticator.objects.filter(user_id=user.pk).exists())


class LockingHandler(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts by name and address, and slowly by name alone: see `rules.GUESSES_EVERYWHERE`."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """As many as lock, where the name is being guessed from many addresses."""
        here = int(super().get_failures(request, credentials))
        if here < settings.AXES_FAILURE_LIMIT and is_guessed_everywhere(
            counted_name(request, credentials), address_of(request)
        ):
            return int(settings.AXES_FAILURE_LIMIT)
        return here


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticators lie encrypted, under the keys outside the database."""

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database; writing its row seals it to its user."""
        return seal_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return open_secret(encrypted_text)


class LinkedOnlyAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on for subjects that an administrator linked, and for nobody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Check the nonce of this very attempt, and that the subject is linked."""
        asked = str(sociallogin.state.get("nonce", ""))
        told = str(sociallogin.account.extra_data.get("id_token", {}).get("nonce", ""))
        if sociallogin.state.get("process") != "login" or not asked or not hmac.compare_digest(asked, told):
            raise ImmediateHttpResponse(
                _refused(request, gettext("The single sign-on gave no valid answer."))
            )
        if not sociallogin.is_existing:
            raise ImmediateHttpResponse(
                _refused(
                    request, gettext("This identity is not linked to an account. Ask your administrator.")
                )
            )

    def on_authentication_error(self, request: HttpRequest, provider: Any, **more: Any) -> None:
        """Back to the sign-in page, without details."""
        raise ImmediateHttpResponse(_refused(request, gettext("The single sign-on gave no valid answer.")))


def _refused(request: HttpRequest, why: str) -> HttpResponseBase:
    messages.error(request, why)
    return redirect("account_login")


class CheckedSignOn(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """OpenID Connect where the ID token is demanded and fully checked; user info is not asked for."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """The login that the checked ID token tells."""
        told = kwargs["response"].get("id_token")
        if not told:
            raise OAuth2Error("no ID token")
        claims = self._checked(told, app.client_id)
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _checked(self, told: str, audience: str) -> dict[str, Any]:
        try:
            key = self._key_of(told)
            claims: dict[str, Any] = jwt.decode(
                told,
                key=key.key,
                algorithms=SIGNED_BY[str(key.key_type)],
                audience=audience,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": DEMANDED, "strict_aud": False},
            )
        except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
            raise OAuth2Error("invalid ID token") from error
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != audience:
            raise OAuth2Error("ID token was made for somebody else")
        return claims

    def _key_of(self, told: str) -> jwt.PyJWK:
        with get_social_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        name = jwt.get_unverified_header(told).get("kid")
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        found = [key for key in keys if key.key_id == name and key.public_key_use in (None, "sig")]
        if len(found) != 1:
            raise jwt.PyJWTError("unknown key")
        return found[0]


def start_sign_on(request: HttpRequest, back: str) -> HttpResponseBase:
    """Send the browser to the single sign-on, with a nonce kept beside the state of this attempt."""
    provider = get_social_adapter().get_provider(request, settings.OIDC_PROVIDER)
    nonce = secrets.token_urlsafe(24)
    answer: HttpResponseBase = provider.redirect(
        request, "login", next_url=back, auth_params={"nonce": nonce}, scope=["openid"], nonce=nonce
    )
    return answer
