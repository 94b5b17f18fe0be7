"""A typed or opened token, found among the rounds whose keys still exist."""

from __future__ import annotations

from dataclasses import dataclass

from minping_web.rounds.selectors.slips import Slip, find_slip
from minping_web.rounds.services.secrets import RoundSecrets, rounds_with_secrets, secrets_of


@dataclass(frozen=True)
class FoundSlip:
    """A slip with the keys of its round, for the length of one request."""

    slip: Slip
    keys: RoundSecrets


def find(token: str) -> FoundSlip | None:
    """The invitation of a token; None for unknown ones and those of rounds whose keys are gone."""
    for round_id in rounds_with_secrets():
        keys = secrets_of(round_id)
        slip = find_slip(keys.h1(token), keys.h2(token)) if keys else None
        if keys and slip and slip.round_id == round_id:
            return FoundSlip(slip, keys)
    return None
