"""Reads of custody and closing: who keeps keys, how far a closing is, in steps that a page can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Problem
from minping_web.ballots.models import Custodian, RoundClosing, RoundKey
from minping_web.ballots.rules.words import Body, ClosingState
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.rounds.models import SurveyRound

ORDER = tuple(ClosingState)
EARLY_END = "closing.early"
"""The two-person act of `services.early_end`."""
RUNNING = (SurveyRound.State.OPEN, SurveyRound.State.STOPPED)


@dataclass(frozen=True)
class Step:
    """One step of a closing, as the page lists it."""

    title: str | Promise
    detail: str | Promise
    done: bool
    now: bool
    who: str = ""


@dataclass(frozen=True)
class ClosingPage:
    """Everything about one closing."""

    round: SurveyRound
    closing: RoundClosing | None
    steps: Sequence[Step]
    holders: Sequence[Custodian]
    may_start: bool
    may_end_early: bool
    """The announced end lies ahead: it takes two persons and a reason."""
    wants_key: bool
    problem: Problem | None

    @property
    def is_logged(self) -> bool:
        """Whether the count is in the ledger."""
        return self.closing is not None and self.closing.state in (ClosingState.LOGGED, ClosingState.PURGED)

    @property
    def is_purged(self) -> bool:
        """Whether everything that had to go is gone."""
        return self.closing is not None and self.closing.state == ClosingState.PURGED


@dataclass(frozen=True)
class BodyRow:
    """A body with its custodian today, if it has one."""

    body: Body
    custodian: Custodian | None
    is_mine: bool


def custodian_rows(user_id: int | None) -> list[BodyRow]:
    """The three bodies in their order."""
    rows = {row.body: row for row in Custodian.objects.filter(retired_at=None).select_related("user")}
    return [
        BodyRow(body, found, found is not None and found.user_id == user_id)
        for body in Body
        for found in [rows.get(body)]
    ]


def former_custodians() -> QuerySet[Custodian]:
    """Those who retired, newest first."""
    return Custodian.objects.exclude(retired_at=None).select_related("user").order_by("-retired_at")


def own_custodian(user_id: int | None) -> Custodian | None:
    """The user's key that counts or waits for its first trial."""
    return Custodian.objects.filter(user=user_id, retired_at=None).first() if user_id else None


def closings() -> QuerySet[RoundClosing]:
    """All closings that began, newest first."""
    rows = RoundClosing.objects.exclude(state=ClosingState.OPEN).select_related("round", "job")
    return rows.order_by("-round_id")


def closable_rounds() -> QuerySet[SurveyRound]:
    """Rounds whose voting may be ended now or soon: open or stopped, not closing yet."""
    return SurveyRound.objects.filter(state__in=RUNNING).order_by("closes_at")


def closing_page(round_id: int) -> ClosingPage:
    """How far the closing of a round is; 404 for a round that never opened."""
    key = get_object_or_404(RoundKey, pk=round_id)
    found = SurveyRound.objects.get(pk=round_id)
    closing = (
        RoundClosing.objects.select_related(
            "first_custodian__user", "second_custodian__user", "job", "started_by"
        )
        .filter(pk=round_id)
        .first()
    )
    state = ClosingState(closing.state) if closing else ClosingState.OPEN
    return ClosingPage(
        round=found,
        closing=closing,
        steps=_steps(closing, state),
        holders=list(Custodian.objects.filter(pk__in=key.holders).select_related("user")),
        may_start=_is_running(found, state) and now() >= found.closes_at,
        may_end_early=_is_running(found, state) and now() < found.closes_at,
        wants_key=state in (ClosingState.CLOSING, ClosingState.WRITTEN)
        and closing is not None
        and closing.second_custodian is None,
        problem=_problem(closing),
    )


def waiting_early_end(round_id: int) -> Proposal | None:
    """The proposal to end this round early that waits for a second person."""
    rows = Proposal.objects.filter(kind=EARLY_END, state=Proposal.State.OPEN, expires_at__gt=now())
    return rows.filter(payload__round=round_id).order_by("-pk").first()


def _is_running(found: SurveyRound, state: ClosingState) -> bool:
    """Voting that somebody may end, now or early."""
    return state == ClosingState.OPEN and found.state in RUNNING


def _problem(closing: RoundClosing | None) -> Problem | None:
    if closing is None or not closing.problem:
        return None
    return Problem(closing.problem["code"], params=closing.problem["params"])


def _steps(closing: RoundClosing | None, state: ClosingState) -> list[Step]:
    reached = ORDER.index(state)
    first, second = (closing.first_custodian, closing.second_custodian) if closing else (None, None)
    marks = [
        (_("Voting ended"), _("No vote is taken any more; none is lost that was thanked for."), reached >= 1,
         str(closing.started_by or "") if closing and reached >= 1 else ""),
        (_("First custodian"), _("Opens one half. Alone it opens nothing."), first is not None,
         f"{first} · {first.user}" if first else ""),
        (_("Second custodian"), _("Another person of another body brings forth the key."), second is not None,
         f"{second} · {second.user}" if second else ""),
        (_("Counted and written"),
         _("Ballots are opened in memory, shuffled, and written as the sealed snapshot."),
         reached >= 2, ""),
        (_("Read again and logged"),
         _("A second process counts the files; then receipts and roots enter the ledger."),
         reached >= 3, ""),
        (_("Keys and sealed ballots destroyed"),
         _("Nothing leads from a ballot back to a household any more."),
         reached >= 4, ""),
    ]  # fmt: skip
    open_steps = [at for at, mark in enumerate(marks) if not mark[2]]
    current = open_steps[0] if open_steps and closing else -1
    return [
        Step(title, detail, done, at == current, who) for at, (title, detail, done, who) in enumerate(marks)
    ]
