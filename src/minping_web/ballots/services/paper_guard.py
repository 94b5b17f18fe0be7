"""A paper form dies with its token: `rounds` asks here before it ends tokens.

A new code for one household waits for whatever form of it lies at the desk. A leaked batch waits for agreed
forms alone, which the next run of the job counts within minutes; it must not wait for the keying of all.
"""

from __future__ import annotations

from django.db.models import QuerySet

from minping_web.ballots.models import PaperSheet
from minping_web.ballots.rules.words import SheetState
from minping_web.ballots.selectors.paper import WAITING
from minping_web.common.problems import RefusedError
from minping_web.rounds.models import InvitationToken


def keep_sheets(tokens: QuerySet[InvitationToken], *, one_household: bool) -> None:
    """Raise `RefusedError` while forms of these tokens are on their way to the count."""
    states = WAITING if one_household else (SheetState.AGREED,)
    # `h1` is a keyed hash: no two rounds share one.
    found = PaperSheet.objects.filter(state__in=states, h1__in=tokens.values("h1")).count()
    if found:
        code = "paper.form_at_desk" if one_household else "paper.agreed_in_batch"
        raise RefusedError.of(code, sheets=found)
