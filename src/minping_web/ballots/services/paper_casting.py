"""Agreed paper forms become ballots: cast by the same service as every vote, in random order, in a job.

A killed job casts a sheet again with the same form id, which the vote recognises as a repeat. Sheets of a
stopped round wait until it goes on or its announced end has passed: then they are taken in all the same, for
a round is closed with every form that two persons agree on, and nobody should reopen a vote to count them.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable

from minping_web.ballots.models import PaperSheet
from minping_web.ballots.rules.keying import given_of
from minping_web.ballots.rules.words import SheetReason, SheetState
from minping_web.ballots.selectors.pages import told_questionnaire
from minping_web.ballots.selectors.paper import DECIDE, TAKING
from minping_web.ballots.selectors.slips import FoundSlip, find
from minping_web.ballots.services.casting import CastForm, Kind, cast
from minping_web.ballots.services.closing import START
from minping_web.ballots.services.paper import agreed_content, finish
from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.instruments.rules.questionnaire import Given
from minping_web.jobs.models import Job
from minping_web.jobs.services import enqueue
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.words import Channel

REASON = {
    Kind.ALREADY_VOTED: SheetReason.VOTED,
    Kind.CONFLICT: SheetReason.VOTED,
    Kind.ON_PAPER: SheetReason.VOTED,
    Kind.UNKNOWN: SheetReason.UNKNOWN,
    Kind.ENDED: SheetReason.ENDED,
}
_random = secrets.SystemRandom()


def count_now(scope: Scope) -> Job:
    """Queue the job that casts what was agreed."""
    scope.require(DECIDE)
    return enqueue(scope, "ballots.count_paper")


def count_before_end(scope: Scope) -> Job:
    """The same for who ends the voting: the sheets are decided, and nothing is decided here."""
    scope.require(START)
    return enqueue(scope, "ballots.count_paper")


def cast_agreed(
    round_id: int | None = None, progress: Callable[[int, int], object] = lambda done, total: None
) -> Counter[str]:
    """Cast every agreed sheet of running rounds; counts by what became of them. Outside any transaction."""
    rows = PaperSheet.objects.filter(
        state=SheetState.AGREED, round__state__in=(*TAKING, SurveyRound.State.CANCELLED)
    )
    ids = list((rows.filter(round_id=round_id) if round_id else rows).values_list("pk", flat=True))
    _random.shuffle(ids)
    counts: Counter[str] = Counter()
    for done, sheet_id in enumerate(ids, 1):
        counts[_cast_one(PaperSheet.objects.select_related("bundle").get(pk=sheet_id))] += 1
        progress(done, len(ids))
    return counts


def _cast_one(sheet: PaperSheet) -> str:
    content = agreed_content(sheet)
    found = find(content["token"])
    if found is None or found.slip.revoked:
        return _refused(sheet, SheetReason.UNKNOWN)
    if found.slip.round_state == SurveyRound.State.STOPPED and now() <= found.slip.closes_at:
        return "waiting"
    if found.slip.area_stopped:
        return _refused(sheet, SheetReason.ENDED)
    questionnaire = told_questionnaire(content["sha256"])
    given = given_of(questionnaire, content["keyed"])
    if given is None:
        return _refused(sheet, SheetReason.PARTIAL)
    return _cast(sheet, found, given, questionnaire.key)


def _cast(sheet: PaperSheet, found: FoundSlip, given: Given, instrument: str) -> str:
    form = CastForm(
        form_id=f"paper-{sheet.pk.hex}", base_rev=0, given=given, instrument=instrument, mode=Channel.PAPER
    )
    kind = cast(found.slip, found.keys, form).kind
    if kind is Kind.STOPPED:
        return "waiting"
    if kind.is_counted:
        finish(sheet, SheetState.CAST)
        return SheetState.CAST.value
    return _refused(sheet, REASON[kind])


def _refused(sheet: PaperSheet, reason: SheetReason) -> str:
    finish(sheet, SheetState.REFUSED, reason)
    return SheetState.REFUSED.value
