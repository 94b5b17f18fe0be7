"""How a round goes: counts of invitations, never an answer. What the live page, its stream and exports show.

Which number may be shown says `rules.showing`: steps of five while votes are taken; afterwards exact figures
for the office and the survey firm, small ones hidden for who only checks (auditors, keys of the interface).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils.timezone import localdate

from minping_web.common.clock import now
from minping_web.common.live import Reading, register
from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.rounds.models import Invitation, RoundArea, SurveyRound
from minping_web.rounds.rules.aapor import Outcomes
from minping_web.rounds.rules.showing import SMALLEST_SHOWN, Mark, in_steps, is_small, marks
from minping_web.rounds.rules.words import Channel, Found
from minping_web.rounds.selectors.rounds import VIEW

EXACT = "rounds.invite"
READ_AGAIN = 30.0
"""Seconds for which a stream's figures are kept: counting a large round takes a while."""
_VOTED = Q(spent_token__isnull=False)
State = SurveyRound.State
TAKING = (State.OPEN, State.STOPPED, State.CLOSING)
"""Votes come in, or may come again."""
HIDDEN = "–"


@dataclass(frozen=True)
class Line:
    """One line of a table: what was asked of whom, how many voted."""

    label: str
    invited: int
    voted: int
    wanted: int | None = None
    area: Area | None = None
    stopped: bool = False
    voided: bool = False

    def behind(self, shown: int) -> bool:
        """Whether the shown number does not reach the wanted one; the exact one would tell of votes."""
        return self.wanted is not None and shown < self.wanted


class Told(NamedTuple):
    """A line as it may be shown."""

    line: Line
    votes: str
    percent: int | None
    """None where it would give a hidden number away."""
    behind: bool | None
    """Whether the wanted number is not reached, where that may be said."""
    number: int | None = None
    """For tables to reckon with: the number, in steps while votes are taken; None where it is hidden."""


@dataclass(frozen=True)
class Sight:
    """How closely somebody sees numbers of votes at this moment."""

    exact: bool
    """The office and the survey firm."""
    taking: bool
    """Votes are taken: steps of five for everybody."""

    @classmethod
    def of(cls, scope: Scope, survey_round: SurveyRound) -> Sight:
        """Of a round as it stands."""
        return cls(scope.may_everywhere(EXACT), survey_round.state in TAKING)

    def told(self, count: int) -> str:
        """A sum, which no other number gives away."""
        if self.taking:
            return stepped(count)
        return f"<{SMALLEST_SHOWN}" if is_small(count) and not self.exact else f"{count:,}"

    def lines(self, found: Sequence[Line]) -> list[Told]:
        """The lines of a whole table, for what is hidden depends on all of them."""
        if self.exact or self.taking:  # steps leave no sum to subtract from
            return [self._line(line, Mark.OPEN) for line in found]
        hidden = marks([line.voted for line in found])
        return [self._line(line, mark) for line, mark in zip(found, hidden, strict=True)]

    def _line(self, line: Line, mark: Mark) -> Told:
        if mark is Mark.BESIDE:
            return Told(line, HIDDEN, None, None)
        shown = in_steps(line.voted) if self.taking else line.voted
        if mark is Mark.SMALL or (self.taking and not shown):
            known = line.behind(shown) if (line.wanted or 0) >= SMALLEST_SHOWN else None
            return Told(line, f"<{SMALLEST_SHOWN}", None, known)
        votes = stepped(shown) if self.taking else f"{shown:,}"
        return Told(line, votes, percent_of(shown, line.invited), line.behind(shown), shown)


def stepped(count: int) -> str:
    """The last full five as "40+"; below it "<5"."""
    return f"{in_steps(count):,}+" if count >= SMALLEST_SHOWN else f"<{SMALLEST_SHOWN}"


def percent_of(part: int, whole: int) -> int:
    """Rounded; 0 of nothing."""
    return round(100 * part / whole) if whole else 0


@dataclass(frozen=True)
class Progress:
    """Everything that the live page shows."""

    outcomes: Outcomes
    invited: int
    """All invitations."""
    by_mode: Sequence[Line]
    by_voted_mode: Sequence[Line]
    by_audience: Sequence[Line]
    days: Sequence[tuple[date, int]]
    expected: int | None
    """Votes at the end if the coming days are like the last three; None without a vote or an end."""
    reminded: int = 0
    found: Mapping[str, int] = field(default_factory=dict)

    @property
    def voted(self) -> int:
        """Households that voted."""
        return self.outcomes.complete


def progress_of(survey_round: SurveyRound) -> Progress:
    """Five queries, whatever the size of the round; in steps of five while votes are taken."""
    rows = Invitation.objects.filter(round=survey_round).order_by()
    taking = survey_round.state in TAKING
    outcomes = outcomes_of(survey_round)
    days = _days(survey_round, taking=taking)
    modes = rows.values("mode_assigned").annotate(n=Count("pk"), voted=Count("pk", filter=_VOTED))
    used = rows.filter(_VOTED).values("spent_mode").annotate(n=Count("pk"))
    used = used.filter(n__gte=SMALLEST_SHOWN) if taking else used  # a new line would tell of its first vote
    invited = sum(row["n"] for row in modes)
    audiences = rows.values("audience").annotate(n=Count("pk"), voted=Count("pk", filter=_VOTED))
    return Progress(
        outcomes=outcomes,
        invited=invited,
        by_mode=[_mode_line(row["mode_assigned"], row["n"], row["voted"]) for row in modes],
        by_voted_mode=[_mode_line(row["spent_mode"], outcomes.complete, row["n"]) for row in used],
        by_audience=[Line(audience_word(row["audience"]), row["n"], row["voted"]) for row in audiences],
        days=days,
        expected=_expected(survey_round, (outcomes.complete, invited), days),
        reminded=rows.filter(reminders__gt=0).count(),
    )


def _days(survey_round: SurveyRound, *, taking: bool) -> list[tuple[date, int]]:
    """Votes by day; only the day that goes on can change: it goes in steps and stands here from its fifth."""
    rows = Invitation.objects.filter(_VOTED, round=survey_round).order_by()
    counted = rows.values_list("spent_day").annotate(n=Count("pk"))
    current = localdate(now())
    days = ((day, in_steps(n) if taking and day >= current else n) for day, n in counted if day)
    return sorted((day, n) for day, n in days if n)


def audience_word(audience: str) -> str:
    """For whom a questionnaire is, in words."""
    from minping_web.frames.rules import Instrument

    return str(Instrument(audience).label) if audience in Instrument.values else audience


def _mode_line(mode: int | None, invited: int, voted: int) -> Line:
    known = mode is not None and mode in Channel.values
    return Line(str(Channel(mode or 0).label) if known else "–", invited, voted)


_UNDECIDED = (Found.NOTHING, Found.UNKNOWN_ELIGIBILITY)


def outcomes_of(survey_round: SurveyRound) -> Outcomes:
    """Dispositions: who voted is complete, whom nobody found anything out about is unknown.

    While votes are taken complete goes in steps, and what was entered counts whether or not the household
    voted: a number that falls by one at a vote, or does not rise at an entry, would tell of it.
    """
    rows = Invitation.objects.filter(round=survey_round).order_by()
    grouped = rows.values_list("found").annotate(n=Count("pk"), voted=Count("pk", filter=_VOTED))
    taking = survey_round.state in TAKING
    counts: Counter[int] = Counter()
    invited = voted = 0
    for found, n, spent in grouped:
        counts[found] += n if taking else n - spent
        invited, voted = invited + n, voted + spent
    complete = in_steps(voted) if taking else voted
    decided = sum(n for found, n in counts.items() if found not in _UNDECIDED)
    return Outcomes(
        complete=complete,
        partial=counts[Found.PARTIAL],
        refusal=counts[Found.REFUSAL],
        non_contact=counts[Found.NON_CONTACT],
        other=counts[Found.OTHER_NONRESPONSE],
        unknown=max(0, invited - complete - decided),
        not_eligible=counts[Found.NOT_ELIGIBLE],
    )


def _expected(
    survey_round: SurveyRound, voted_of: tuple[int, int], days: Sequence[tuple[date, int]]
) -> int | None:
    left = (survey_round.closes_at - now()).total_seconds() / 86_400
    if not days or left <= 0 or days[0][0] >= now().date():
        return None  # the first hours say nothing of the days to come
    recent = now().date() - timedelta(days=3)
    last = [n for day, n in days if day >= recent]
    begun = max(1, min(3, (now().date() - days[0][0]).days + 1))
    voted, invited = voted_of
    return min(invited, round(voted + left * sum(last) / begun))


def area_lines(survey_round: SurveyRound) -> list[Line]:
    """Every area of the round with its target, in the order of places; three queries."""
    rows = (
        RoundArea.objects.filter(round=survey_round)
        .select_related("area__parent__parent")
        .order_by("area__path")
    )
    counted = Invitation.objects.filter(round=survey_round).order_by().values_list("area_id")
    found = {
        area: (n, voted) for area, n, voted in counted.annotate(n=Count("pk"), v=Count("pk", filter=_VOTED))
    }
    return [_area_line(row, *found.get(row.area_id, (0, 0))) for row in rows]


def _area_line(row: RoundArea, invited: int, voted: int) -> Line:
    return Line(row.area.name, invited or row.drawn, voted, row.wanted, row.area, row.stopped, row.voided)


def votes_told_by_area(survey_round: SurveyRound) -> dict[int, int | None]:
    """Area -> households that voted, as the interface tells it; None is hidden, depending on all areas."""
    rows = Invitation.objects.filter(_VOTED, round=survey_round).order_by()
    voted = dict(rows.values_list("area_id").annotate(n=Count("pk")))
    areas = list(RoundArea.objects.filter(round=survey_round).values_list("area_id", flat=True))
    counts = [voted.get(area, 0) for area in areas]
    if survey_round.state in TAKING:
        return {area: in_steps(count) or None for area, count in zip(areas, counts, strict=True)}
    hidden = [mark is not Mark.OPEN for mark in marks(counts)]
    return {
        area: None if out else count for area, count, out in zip(areas, counts, hidden, strict=True)
    }  # fmt: skip


class RoundTopic:
    """Rounds as something to watch: the sum of votes, in steps of five whatever the state."""

    name = "rounds"

    def __init__(self) -> None:
        self._kept: dict[int, tuple[float, Reading]] = {}

    def permits(self, scope: Scope, key: int) -> bool:
        """See `Topic`."""
        return scope.may_everywhere(VIEW) and SurveyRound.objects.filter(pk=key).exists()

    def read(self, keys: Collection[int]) -> Mapping[int, Reading]:
        """See `Topic`; counted at most every half minute."""
        moment, found = time.monotonic(), {}
        for key, state in SurveyRound.objects.filter(pk__in=keys).values_list("pk", "state"):
            at, reading = self._kept.get(key, (0.0, None))
            if reading is None or moment - at > READ_AGAIN:
                reading = _reading(key, state)
                self._kept[key] = (moment, reading)
            found[key] = reading
        return found

    def message(self, reading: Reading) -> Mapping[str, Any]:
        """See `Topic`."""
        state, voted = State(reading.data["state"]).label, reading.data["voted"]
        percent = f"{percent_of(voted, reading.data['invited'])}%" if voted else HIDDEN
        return {"voted": stepped(voted), "percent": percent, "state": str(state)}


def _reading(key: int, state: str) -> Reading:
    """A vote that makes no full five is no news: neither figure nor moment of an event tells of it."""
    rows = Invitation.objects.filter(round_id=key)
    counted = rows.aggregate(invited=Count("pk"), voted=Count("pk", filter=_VOTED))
    voted = in_steps(counted["voted"])
    number = voted * 16 + list(State.values).index(state)
    data = {"state": state, "invited": counted["invited"], "voted": voted}
    return Reading(number, data, last=state in (State.CLOSED, State.CANCELLED))


register(RoundTopic())
