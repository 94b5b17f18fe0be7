"""Whether a code was given out here, and to which telephone: what the page "is this message real?" asks.

Codes have 80 random bits, so nobody finds one by trying and no attempts are counted. Codes of a round whose
keys are gone are unknown, like those that never were. No answer names a household.
"""

from __future__ import annotations

from django.db.models import Q

from minping_web.ballots.selectors.slips import FoundSlip, find
from minping_web.common.crypto import keyring
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import UnitContact
from minping_web.frames.rules import normal_phone
from minping_web.frames.services.sealed_contacts import PHONE_PURPOSE
from minping_web.rounds.models import InvitationToken
from minping_web.rounds.rules.tokens import read_token


class GivenCodes:
    """The codes of all rounds that still have their keys."""

    def was_given_out(self, code: str) -> bool:
        """Whether this district gave the code out and has not taken it back."""
        found = _found(code)
        return found is not None and not found.slip.revoked

    def belongs_to(self, code: str, phone: str) -> bool:
        """Whether the household of the code is held with this number."""
        found = _found(code)
        if found is None:
            return False
        blinds = keyring().blinds(normal_phone(phone), PHONE_PURPOSE)
        units = InvitationToken.objects.filter(pk=found.slip.token_id).values("invitation__unit_id")
        with entered(system_scope()):
            rows = UnitContact.objects.filter(unit_id__in=units)
            return rows.filter(Q(phone_blind__in=blinds) | Q(second_phone_blind__in=blinds)).exists()


def _found(code: str) -> FoundSlip | None:
    token = read_token(code)
    return find(token) if token else None
