"""The quick way to an open round gives what the product's own steps would give."""

from __future__ import annotations

import pytest

from minping_web.rounds.models import Invitation, InvitationToken, RoundArea, RoundStratum
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.selectors.slips import find_slip
from minping_web.rounds.services.secrets import secrets_of
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import open_round


@pytest.mark.sqlite
def test_every_invited_household_has_a_token_for_each_channel(district: SmallDistrict) -> None:
    made = open_round(district, n=5, channels=(Channel.SMS, Channel.PAPER))
    areas = len(district.responsibility_areas)
    assert Invitation.objects.count() == 5 * areas
    assert InvitationToken.objects.count() == 10 * areas
    assert {len(tokens) for tokens in made.by_invitation.values()} == {2}
    assert sum(RoundArea.objects.values_list("drawn", flat=True)) == 5 * areas
    assert sum(RoundStratum.objects.values_list("eligible", flat=True)) == 5 * areas


@pytest.mark.sqlite
def test_a_token_leads_to_its_slip(district: SmallDistrict) -> None:
    made = open_round(district, n=2)
    keys = secrets_of(made.round.pk)
    assert keys is not None
    slip = find_slip(keys.h1(made.token), keys.h2(made.token))
    assert slip is not None
    assert (slip.round_id, slip.spent) == (made.round.pk, False)
