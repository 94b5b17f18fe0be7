"""Single sign-on: linked subjects enter, everything else is refused and nothing is created."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from minping_web.accounts.models import User
from minping_web.accounts.services import set_subject
from minping_web.common.clock import now
from minping_web.site.environment import SingleSignOn, single_sign_on
from tests.web.accounts.sign_on_provider import CLIENT, SECRET, Provider, new_key, running
from tests.web.factories import scope_with, user


@pytest.fixture
def provider(db: None, settings: Any) -> Iterator[Provider]:
    with running(Provider()) as made:
        app = SingleSignOn(made.url, CLIENT, SECRET, "统一身份认证").app(settings.OIDC_PROVIDER)
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        settings.OIDC_PROVIDER_READY = True
        yield made


@pytest.fixture
def linked(provider: Provider) -> User:
    """Somebody whose subject an administrator entered."""
    who = user()
    assert set_subject(scope_with("administrator"), who, "subject-1") is None
    return who


def enter(client: Client, provider: Provider) -> Any:
    """The whole way: to the provider, agree, back."""
    sent = client.get("/accounts/sign-on/")
    assert sent.headers["Location"].startswith(provider.url)
    return client.get(provider.authorize(sent.headers["Location"]))


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_sign_in_page_offers_it_where_it_is_set_up(
    client: Client, provider: Provider, settings: Any
) -> None:
    assert (
        'href="/accounts/sign-on/?next=/people/"'
        in client.get("/accounts/login/?next=/people/").content.decode()
    )
    settings.OIDC_PROVIDER_READY = False
    assert "sign-on" not in client.get("/accounts/login/").content.decode()


def test_a_linked_subject_enters(client: Client, provider: Provider, linked: User) -> None:
    enter(client, provider)
    assert client.session["_auth_user_id"] == str(linked.pk)


def test_an_unlinked_subject_creates_nothing_even_with_a_known_address(
    client: Client, provider: Provider
) -> None:
    known = user(email="wang@example.org")
    provider.changes = {
        "email": "wang@example.org",
        "email_verified": True,
        "preferred_username": known.username,
    }
    before = User.objects.count()
    answer = enter(client, provider)
    assert answer.headers["Location"].startswith("/accounts/login/")
    assert not signed_in(client)
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "of-another-attempt"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(now().timestamp()) - 3600},
        {"exp": None},
        {"sub": None},
    ],
    ids=lambda changes: "-".join(f"{name}" for name in changes),
)
def test_a_token_with_a_wrong_claim_is_refused(
    client: Client, provider: Provider, linked: User, changes: dict[str, Any]
) -> None:
    provider.changes = changes
    enter(client, provider)
    assert not signed_in(client)


def test_a_token_signed_by_another_key_is_refused(client: Client, provider: Provider, linked: User) -> None:
    provider.signs_with = new_key()
    enter(client, provider)
    assert not signed_in(client)


def test_an_answer_without_its_state_is_refused(client: Client, provider: Provider, linked: User) -> None:
    sent = client.get("/accounts/sign-on/").headers["Location"]
    back = provider.authorize(sent)
    stranger = Client()
    stranger.get(back)
    assert not signed_in(stranger)
    client.get(back.replace("state=", "state=x"))
    assert not signed_in(client)


def test_nobody_links_a_subject_to_oneself(client: Client, provider: Provider) -> None:
    who = user()
    client.force_login(who)
    assert client.get("/accounts/oidc/district/login/?process=connect").status_code == 404
    assert not SocialAccount.objects.exists()


def test_plain_http_elsewhere_is_refused() -> None:
    assert single_sign_on({}) is None
    with pytest.raises(ValueError, match="https"):
        single_sign_on({"MINPING_OIDC_URL": "http://idp.example"})
