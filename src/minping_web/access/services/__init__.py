"""Grant, revoke, delegate, hand over; keys of the interface. Every act is staged into the ledger.

Powerful roles take two persons: the functions return a `Proposal` then, else the grant. Nobody grants
to oneself, neither as proposer nor as approver; who is assessed never joins the survey side. Revoking
ends all sessions of the user at once.
"""

from django.utils.translation import gettext_lazy as _

from minping_web.access.services.grants import (
    carry_grant,
    describe_grant,
    grant,
    grant_first_administrators,
    grant_in_demo,
    revoke,
)
from minping_web.access.services.handing_on import carry_hand_over, delegate, describe_hand_over, hand_over
from minping_web.access.services.keys import end_keys_of, make_api_key, note_use, revoke_api_key
from minping_web.access.services.wanted import GRANT, Wanted, must_stay_now
from minping_web.common.approval import Act

ACTS = (
    Act("access.grant", _("Grant a role with power"), GRANT, carry_grant, describe=describe_grant),
    Act("access.hand_over", _("Hand over all roles"), GRANT, carry_hand_over, describe=describe_hand_over),
)
"""Registered when the product starts."""

__all__ = [
    "ACTS",
    "Wanted",
    "delegate",
    "end_keys_of",
    "grant",
    "grant_first_administrators",
    "grant_in_demo",
    "hand_over",
    "make_api_key",
    "must_stay_now",
    "note_use",
    "revoke",
    "revoke_api_key",
]
