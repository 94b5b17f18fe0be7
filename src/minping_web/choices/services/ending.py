"""Agree on a result: no more mediation, the protocol is sealed and printed; then see `carrying`."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from minping_web.choices.models import Mediation, TwoWayChoice
from minping_web.choices.rules.phases import Phase, State
from minping_web.choices.selectors.markets import Book, blocking_pairs, digest
from minping_web.choices.services.preparing import locked_choice
from minping_web.choices.services.printing import ask_for_papers
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

PROTOCOL = "choice.protocol"


@transaction.atomic
def agree(scope: Scope, choice_id: int) -> TwoWayChoice:
    """No more mediation: the protocol is sealed. Raises `RefusedError` while one waits for signatures."""
    choice = locked_choice(scope, choice_id)
    if choice.phase != Phase.MATCHED:
        raise RefusedError.of("choices.other_phase", phase=str(choice.phase.label))
    record = protocol_record(choice)
    choice.state, choice.agreed_at, choice.agreed_by_id = State.AGREED, now(), scope.user_id
    choice.protocol_sha256 = digest(record)
    choice.save()
    counts = {name: len(record[name]) for name in ("pairs", "unmatched", "vacancies", "mediations")}
    stage(PROTOCOL, f"{choice.step_id}-protocol", {"choice": choice.pk, "sha256": choice.protocol_sha256,
          "lists_sha256": choice.lists_sha256, "blocking": record["blocking"],
          "by": scope.user_id or 0, **counts})  # fmt: skip
    ask_for_papers(scope, choice)
    return choice


def protocol_record(choice: TwoWayChoice) -> dict[str, Any]:
    """What the protocol says, in ids and reasons: its hash is in the ledger."""
    book = Book(choice)
    matching = book.matching(choice.pairs)
    return {
        "choice": choice.pk,
        "posted_sha256": choice.posted_sha256,
        "value": [choice.seed_value, choice.value_by_id or 0, choice.value_approved_by_id or 0],
        "lists_sha256": choice.lists_sha256,
        "first_pairs": choice.first_pairs,
        "pairs": choice.pairs,
        "unmatched": [[one.person_id, one.reason.value] for one in matching.unmatched],
        "vacancies": [[one.position_id, one.seats, one.reason.value] for one in matching.vacancies],
        "blocking": len(blocking_pairs(matching)),
        "extensions": [
            [one.deadline, one.before.isoformat(), one.after.isoformat(), one.reason]
            for one in choice.extensions.order_by("number")
        ],
        "mediations": [
            [one.number, one.state, one.changes, one.reason, one.ended_reason]
            for one in Mediation.objects.filter(choice=choice).order_by("number")
        ],
    }
