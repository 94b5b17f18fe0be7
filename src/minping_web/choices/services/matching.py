"""The matching: asked for once lists are closed, carried out in the background by the engine.

It reads what was handed in and nothing else, so a killed job begins again and makes the same pairs. State,
pairs and ledger entry are one transaction; pairs that block each other would be a fault of ours and stop it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from minping_engine.matching import match_stably
from minping_web.choices.models import TwoWayChoice
from minping_web.choices.rules.phases import Phase, State
from minping_web.choices.selectors.markets import Book, blocking_pairs, digest, lists_sha256
from minping_web.choices.services.preparing import locked_choice
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage

TASK = "choices.match"
ENTRY = "choice.matched"


@transaction.atomic
def ask_for_matching(scope: Scope, choice_id: int) -> TwoWayChoice:
    """Queue it. Raises `RefusedError` while lists are open, and without the value of a named draw."""
    choice = locked_choice(scope, choice_id)
    stopped = choice.state == State.MATCHING and choice.is_broken
    if not stopped and choice.phase != Phase.LISTED:
        raise RefusedError.of("choices.other_phase", phase=str(choice.phase.label))
    if choice.waits_for_value:
        raise RefusedError.of("choices.value_missing")
    choice.state = State.MATCHING
    title = _("Matching: %(name)s") % {"name": choice.name}
    choice.job = enqueue(scope, TASK, title=title[:200], choice_id=choice.pk)
    choice.save(update_fields=["state", "job"])
    return choice


def carry_out_matching(choice_id: int) -> dict[str, Any]:
    """Find the pairs and keep them; may be repeated."""
    choice = TwoWayChoice.objects.select_related("area").get(pk=choice_id)
    if choice.state != State.MATCHING:
        return {"state": choice.state}
    book = Book(choice)
    matching = match_stably(book.market, book.ties, proposing=book.side)
    if blocking_pairs(matching):
        raise AssertionError("the engine's pairs are not stable")
    return _keep(choice_id, book.kept(matching.pairs), lists_sha256(book))


@transaction.atomic
def _keep(choice_id: int, pairs: list[list[int]], lists: str) -> dict[str, Any]:
    choice = TwoWayChoice.objects.select_for_update(of=("self",)).get(pk=choice_id)
    if choice.state != State.MATCHING:
        return {"state": choice.state}
    choice.state, choice.matched_at, choice.lists_sha256 = State.MATCHED, now(), lists
    choice.first_pairs = choice.pairs = pairs
    choice.save()
    stage(ENTRY, f"{choice.step_id}-matched", {"choice": choice.pk, "posted_sha256": choice.posted_sha256,
          "lists_sha256": lists, "pairs_sha256": digest(pairs), "pairs": len(pairs)})  # fmt: skip
    return {"state": choice.state, "pairs": len(pairs)}
