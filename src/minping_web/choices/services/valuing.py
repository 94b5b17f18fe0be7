"""The value of the public draw that decides ties, by two persons: one types it, the auditor approves.

One person alone could mistype it or try which value pleases. Whoever decides reads the source, the day and
the spelling that the ledger named, and every other value that was proposed.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place
from minping_engine.sampling import form_fits
from minping_web.choices.models import TwoWayChoice
from minping_web.choices.rules.phases import State
from minping_web.choices.selectors.choices import EDIT
from minping_web.choices.selectors.values import ACT, open_values, other_values
from minping_web.choices.services.preparing import locked_choice
from minping_web.common import approval
from minping_web.common.clock import today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

ENTRY = "choice.value"
DECIDES = "rounds.audit"
"""Who approves drawn values of rounds approves these: nobody who takes part in a choice."""


@transaction.atomic
def propose_value(scope: Scope, choice_id: int, value: str) -> Proposal:
    """Ask the auditor to let this value count; raises `RefusedError` before its day, for another spelling."""
    choice = locked_choice(scope, choice_id)
    _check(choice, value)
    if open_values(choice.pk):
        raise RefusedError.of("choices.value_waits")
    payload = {"choice": choice.pk, "name": choice.name, "value": value, "by": scope.user_id}
    return approval.propose(
        scope,
        ACT,
        title=_("Drawn value of “%(name)s”") % {"name": choice.name},
        reason=f"{choice.seed_source}, {choice.seed_on}",
        payload=payload,
        area_path=choice.area.path,
    )


def carry_value(scope: Scope, payload: dict[str, Any]) -> TwoWayChoice:
    """The value counts, once. Raises `RefusedError` when it does not fit any more."""
    choice = locked_choice(scope, payload["choice"], DECIDES)
    _check(choice, payload["value"])
    choice.seed_value = payload["value"]
    choice.value_by_id, choice.value_approved_by_id = payload["by"], scope.user_id
    choice.save(update_fields=["seed_value", "value_by", "value_approved_by"])
    stage(ENTRY, f"{choice.step_id}-value",
          {"choice": choice.pk, "value": choice.seed_value, "by": payload["by"] or 0,
           "approved_by": scope.user_id or 0})  # fmt: skip
    return choice


def _check(choice: TwoWayChoice, value: str) -> None:
    if choice.state != State.POSTED or not choice.waits_for_value:
        raise RefusedError.of("choices.no_value_wanted")
    if choice.seed_on is None or today() < choice.seed_on:
        raise RefusedError.of("choices.value_too_early", Place(key="value"), day=str(choice.seed_on))
    if not form_fits(choice.seed_form, value):
        raise RefusedError.of("choices.value_form", Place(key="value"), form=choice.seed_form)


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the auditor compares with what was published."""
    choice = TwoWayChoice.objects.filter(pk=payload["choice"]).first()
    if choice is None:
        return [(_("Two-way choice"), payload["name"])]
    told = [
        (_("Two-way choice"), choice.name),
        (_("Public draw that was named"), choice.seed_source),
        (_("Day of the public draw"), str(choice.seed_on)),
        (_("Spelling of the value"), choice.seed_form),
        (_("Drawn value"), payload["value"]),
    ]
    if others := other_values(choice.pk, payload["value"]):
        told.append((_("Other values that were proposed"), ", ".join(others)))
    look_up = _("Look the value up yourself where it was published. It decides ties for both sides.")
    return [*told, (_("Before you approve"), look_up)]


def act() -> approval.Act:
    """The two-person act: who prepares the choice proposes, who audits decides."""
    title = gettext_lazy("Drawn value of a two-way choice")
    return approval.Act(ACT, title, EDIT, carry_value, describe=describe, decided_by=DECIDES)
