"""The register of exclusions: proposed by one, signed by another, appealed by either side (D8).

Only whole batches of interviews and whole areas are left out. A batch with a handful of ballots is refused:
leaving it out would be choosing among single answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place, Problem
from minping_web.assessments.models import AssessmentRun
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.objections.models import Exclusion, ExclusionAppeal, Objection
from minping_web.objections.rules.terms import FEWEST_OF_A_BATCH
from minping_web.objections.rules.words import Cause, ExclusionState, Left, Side
from minping_web.objections.selectors.cells import areas_asked, batches_in, opened_newest
from minping_web.objections.selectors.interest import has_interest
from minping_web.objections.selectors.previews import DECIDE
from minping_web.objections.selectors.standing import exclusions_of
from minping_web.objections.selectors.versions import is_carried_out
from minping_web.places.models import Area

ACT = "objections.exclude"
SIGNED, APPEALED, ANSWERED = "exclusion.signed", "exclusion.appealed", "exclusion.appeal_answered"


@dataclass(frozen=True)
class Wanted:
    """What is to be left out and why."""

    leaves_out: str
    cause: str
    reason: str
    area: str = ""
    """Code of the area, for a whole round."""
    batches: tuple[int, ...] = ()


@transaction.atomic
def propose_exclusion(
    scope: Scope, run: AssessmentRun, wanted: Wanted, *, objection: Objection | None = None
) -> Exclusion:
    """Open an exclusion that a second person of the bureau signs under Approvals.

    Raises `RefusedError` for a missing cause, an area or batch that was not asked, a batch that is too small,
    and for what is left out already.
    """
    scope.require(DECIDE)
    AssessmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)  # the same is not proposed twice
    _refuse_own_matter(scope, run, objection)
    problems = _problems(run, wanted)
    if problems:
        raise RefusedError(problems)
    area = Area.objects.get(code=wanted.area) if wanted.area else None
    made = Exclusion.objects.create(
        run=run, objection=objection, leaves_out=wanted.leaves_out, area=area,
        batches=sorted(set(wanted.batches)), cause=wanted.cause, reason=wanted.reason.strip(),
        proposed_by_id=scope.user_id or 0, proposed_at=now(),
    )  # fmt: skip
    made.proposal = approval.propose(
        scope, ACT, title=_title(made), reason=made.reason, payload={"exclusion": made.pk}
    )
    made.save(update_fields=["proposal"])
    return made


def _problems(run: AssessmentRun, wanted: Wanted) -> list[Problem]:
    found = []
    if wanted.cause not in Cause.values or not wanted.reason.strip():
        found.append(Problem("objections.cause_missing", Place(key="cause"), {}))
    if is_carried_out(run):
        found.append(Problem("objections.carried_out_already", Place(), {}))
    opened = opened_newest(run)
    if wanted.leaves_out == Left.AREA:
        if wanted.area not in areas_asked(opened):
            found.append(Problem("objections.area_not_asked", Place(key="area"), {"area": wanted.area}))
    else:
        found += _of_batches(wanted, {one.number: one.ballots for one in batches_in(opened)})
    return found + _twice(run, wanted)


def _refuse_own_matter(scope: Scope, run: AssessmentRun, objection: Objection | None) -> None:
    """Who has an interest in the round, or objected, neither proposes nor signs what is left out of it."""
    if has_interest(scope, run) or (objection is not None and objection.filed_by_id == scope.user_id):
        raise RefusedError.of("objections.not_yours")


def _of_batches(wanted: Wanted, ballots: dict[int, int]) -> list[Problem]:
    place, found = Place(key="batches"), []
    if not wanted.batches:
        found.append(Problem("objections.no_remedy", place, {}))
    for number in wanted.batches:
        if number not in ballots:
            found.append(Problem("objections.batch_unknown", place, {"number": number}))
        elif ballots[number] < FEWEST_OF_A_BATCH:
            told: dict[str, object] = {"number": number, "fewest": FEWEST_OF_A_BATCH}
            found.append(Problem("objections.batch_too_small", place, told))
    return found


def _twice(run: AssessmentRun, wanted: Wanted) -> list[Problem]:
    """What another exclusion of the same result leaves out already."""
    living = (ExclusionState.WAITING, ExclusionState.HOLDS)
    found = []
    for one in exclusions_of(run):
        if one.standing not in living:
            continue
        if one.area is not None and one.area.code == wanted.area:
            found.append(one.area.name)
        found += [str(number) for number in sorted(set(one.batches) & set(wanted.batches))]
    return [Problem("objections.left_out_already", Place(), {"what": what}) for what in found]


def _title(made: Exclusion) -> str:
    what = made.area.name if made.area else ", ".join(map(str, made.batches))
    wanted = _("Leave out: %(kind)s %(what)s") % {"kind": made.get_leaves_out_display(), "what": what}
    return wanted[:200]


def carry_exclusion(scope: Scope, payload: dict[str, Any]) -> Exclusion:
    """What the second person signs."""
    found = Exclusion.objects.select_for_update(of=("self",)).get(pk=payload["exclusion"])
    _refuse_own_matter(scope, found.run, found.objection)
    if is_carried_out(found.run):
        raise RefusedError.of("objections.carried_out_already")
    found.state, found.signed_by_id, found.signed_at = ExclusionState.HOLDS, scope.user_id, now()
    found.save(update_fields=["state", "signed_by", "signed_at"])
    stage(SIGNED, f"exclusion-{found.pk}-signed", _record(found))
    return found


def _record(found: Exclusion) -> dict[str, Any]:
    return {
        "exclusion": found.pk,
        "run": found.run_id,
        "objection": found.objection_id,
        "leaves_out": found.leaves_out,
        "area": found.area.code if found.area else "",
        "batches": len(found.batches),
        "cause": found.cause,
    }


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads."""
    found = Exclusion.objects.select_related("run__round", "area").get(pk=payload["exclusion"])
    what = found.area.name if found.area else ", ".join(map(str, found.batches))
    return [
        (_("Round"), found.run.round.name),
        (_("Left out"), f"{found.get_leaves_out_display()}: {what}"),
        (_("Cause"), found.get_cause_display()),
        (_("Objection"), str(found.objection_id or "—")),
    ]


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Leave out batches or an area"), DECIDE, carry_exclusion, describe=describe
    )


@transaction.atomic
def note_appeal(scope: Scope, exclusion: Exclusion, side: str, text: str) -> ExclusionAppeal:
    """Note that somebody appeals against an exclusion, or against its refusal."""
    scope.require(DECIDE)
    _refuse_own_matter(scope, exclusion.run, exclusion.objection)
    if side not in Side.values:
        raise RefusedError.of("objections.not_of_this_kind", Place(key="side"))
    if not text.strip():
        raise RefusedError.of("objections.text_missing", Place(key="text"))
    made = ExclusionAppeal.objects.create(
        exclusion=exclusion, side=side, text=text.strip(), noted_by_id=scope.user_id or 0, noted_at=now()
    )
    record = {"appeal": made.pk, "exclusion": exclusion.pk, "side": side}
    stage(APPEALED, f"exclusion-{exclusion.pk}-appeal-{made.pk}", record)
    return made


@transaction.atomic
def answer_appeal(scope: Scope, appeal: ExclusionAppeal, answer: str, *, follows: bool) -> ExclusionAppeal:
    """Answer an appeal by somebody who signed nothing and did not note it; following one of who is hit lifts
    the exclusion: it took two persons, and so does lifting it.
    """
    scope.require(DECIDE)
    found = ExclusionAppeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
    exclusion = Exclusion.objects.select_for_update(of=("self",)).get(pk=found.exclusion_id)
    _refuse_own_matter(scope, exclusion.run, exclusion.objection)
    _refuse_answer(scope, found, exclusion, answer, follows)
    found.answer, found.is_upheld = answer.strip(), follows
    found.answered_by_id, found.answered_at = scope.user_id, now()
    found.save(update_fields=["answer", "is_upheld", "answered_by", "answered_at"])
    if follows and found.side == Side.CONCERNED:
        _lift(exclusion)
    record = {"appeal": found.pk, "exclusion": exclusion.pk, "followed": follows}
    stage(ANSWERED, f"exclusion-{exclusion.pk}-appeal-{found.pk}-answered", record)
    return found


def _refuse_answer(
    scope: Scope, appeal: ExclusionAppeal, exclusion: Exclusion, answer: str, follows: bool
) -> None:
    signers = (exclusion.proposed_by_id, exclusion.signed_by_id)
    checks: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: appeal.answered_at is not None, "objections.appeal_answered"),
        (lambda: scope.user_id in signers, "objections.signer_answers"),
        (lambda: scope.user_id == appeal.noted_by_id, "objections.noter_answers"),
        (lambda: not answer.strip(), "objections.text_missing"),
        (lambda: follows and is_carried_out(exclusion.run) and appeal.side == Side.CONCERNED,
         "objections.appeal_too_late"),
    )  # fmt: skip
    found = [Problem(code, Place(), {}) for is_so, code in checks if is_so()]
    if found:
        raise RefusedError(found)


def _lift(exclusion: Exclusion) -> None:
    exclusion.state = ExclusionState.LIFTED
    exclusion.save(update_fields=["state"])
