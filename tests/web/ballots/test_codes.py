"""The page "is this message real?" knows the codes that were given out, and nothing else."""

from __future__ import annotations

import pytest
from django.test import Client

from minping_web.ballots.services.codes import GivenCodes
from minping_web.channels.events import MessagesFailed
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Unit
from minping_web.frames.services.sealed_contacts import Contact, store_contact
from minping_web.rounds.models import Invitation, InvitationToken
from minping_web.rounds.rules.words import Found, TokenState
from minping_web.rounds.services.fieldwork import note_failed_messages
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import open_round

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
PHONE = "00001234567"


def test_a_code_is_known_until_it_is_revoked(district: SmallDistrict) -> None:
    ready = open_round(district, n=1)
    codes = GivenCodes()
    assert codes.was_given_out(ready.token.lower())
    assert not codes.was_given_out("0000000000000000")
    assert not codes.was_given_out("nonsense")
    InvitationToken.objects.update(state=TokenState.REVOKED)
    assert not codes.was_given_out(ready.token)


def test_a_code_belongs_to_the_telephone_of_its_household(district: SmallDistrict) -> None:
    ready = open_round(district, n=1)
    invitation, (token,) = next(iter(ready.by_invitation.items()))
    with entered(system_scope()):
        unit = Unit.objects.get(pk=Invitation.objects.get(pk=invitation).unit_id)
        store_contact(unit, Contact(phone=PHONE))
    assert GivenCodes().belongs_to(token, PHONE)
    assert not GivenCodes().belongs_to(token, "00007654321")
    assert not GivenCodes().belongs_to(ready.all_tokens[-1], PHONE) or ready.all_tokens[-1] == token


def test_the_public_page_says_yes(district: SmallDistrict) -> None:
    ready = open_round(district, n=1)
    page = Client().get("/real/").content.decode()
    assert "code" in page
    assert ready.token not in page


def test_a_failed_message_means_not_reached_unless_more_is_known(district: SmallDistrict) -> None:
    ready = open_round(district, n=1)
    first, second = list(ready.by_invitation)[:2]
    Invitation.objects.filter(pk=second).update(found=Found.REFUSAL)
    for one in (first, second):
        token = InvitationToken.objects.get(invitation=one)
        note_failed_messages(MessagesFailed((token.pk,), f"round-{ready.round.pk}", "unknown_number"))
    assert Invitation.objects.get(pk=first).found == Found.NON_CONTACT
    assert Invitation.objects.get(pk=second).found == Found.REFUSAL
