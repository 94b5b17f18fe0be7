"""Open a drawn round. What lies above (`ballots`) makes the round's keys through a registered opener.

An opener is called inside the opening's transaction and gives what the ledger entry should hold besides, for
example the public key; who raises `RefusedError` keeps the round closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.selectors.rounds import locked_round
from minping_web.rounds.services.drafting import require_everywhere
from minping_web.rounds.services.secrets import make_secrets

Opener = Callable[[Scope, SurveyRound], Mapping[str, Any]]
"""`opener(scope, survey_round)` -> JSON for the entry `round.opened`."""

_openers: list[Opener] = []


def register_opener(opener: Opener) -> Opener:
    """Make an opener known; called when an app is ready. Order of registration is order of calling."""
    if opener not in _openers:
        _openers.append(opener)
    return opener


@transaction.atomic
def open_round(scope: Scope, round_id: int) -> SurveyRound:
    """From drawn to open: keys are made, votes count from `opens_at` on.

    Raises `RefusedError` for a round that is not drawn or is over, and what an opener refuses.
    """
    require_everywhere(scope, "rounds.draw")
    found = locked_round(round_id)
    if found.state != SurveyRound.State.DRAWN:
        raise RefusedError.of("round.not_drawn")
    if found.closes_at <= now():
        raise RefusedError.of("round.over_already", Place(key="closes_at"))
    make_secrets(found.pk)
    told: dict[str, Any] = {}
    for opener in _openers:
        told |= opener(scope, found)
    found.state, found.opened_at = SurveyRound.State.OPEN, now()
    found.save(update_fields=["state", "opened_at"])
    stage("round.opened", f"{found.step_id}-opened", _record(found) | told)
    return found


def _record(found: SurveyRound) -> dict[str, Any]:
    return {
        "round": found.pk,
        "opens_at": found.opens_at.isoformat(),
        "closes_at": found.closes_at.isoformat(),
        "drawn_sha256": found.draw_sha256,
    }
