"""How a round goes: counts of invitations, never an answer. What the live page, its stream and exports show.

Who only checks (auditors, keys of the interface) sees fewer than five answers of a place as "<5": in a small
area "all four voted" tells of each of them. The office and the survey firm steer fieldwork by exact figures.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.formats import localize

from minping_web.common.clock import now
from minping_web.common.live import Reading, register
from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.rounds.models import Invitation, RoundArea, SurveyRound
from minping_web.rounds.rules.aapor import Outcomes
from minping_web.rounds.rules.words import Channel, Found

EXACT = "rounds.invite"
SMALLEST_SHOWN = 5
READ_AGAIN = 5.0
"""Seconds for which a stream's figures are kept: counting a large round takes a while."""
_VOTED = Q(spent_token__isnull=False)


def sees_exact(scope: Scope) -> bool:
    """Whether small numbers are shown as they are."""
    return scope.may_everywhere(EXACT)


def shown(count: int, exact: bool) -> str:
    """A number of answers as a page shows it."""
    return str(localize(count)) if exact or not 0 < count < SMALLEST_SHOWN else f"<{SMALLEST_SHOWN}"


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

    @property
    def percent(self) -> int:
        """Of the invited."""
        return round(100 * self.voted / self.invited) if self.invited else 0

    @property
    def behind(self) -> bool:
        """Whether the wanted number is not reached."""
        return self.wanted is not None and self.voted < self.wanted


@dataclass(frozen=True)
class Progress:
    """Everything that the live page shows."""

    outcomes: Outcomes
    by_mode: Sequence[Line]
    by_voted_mode: Sequence[Line]
    by_audience: Sequence[Line]
    days: Sequence[tuple[date, int]]
    expected: int | None
    """Votes at the end if the coming days are like the last three; None without a vote or an end."""
    reminded: int = 0
    found: Mapping[str, int] = field(default_factory=dict)

    @property
    def invited(self) -> int:
        """All invitations."""
        return self.outcomes.all

    @property
    def voted(self) -> int:
        """Households that voted."""
        return self.outcomes.complete


def progress_of(survey_round: SurveyRound) -> Progress:
    """Five queries, whatever the size of the round."""
    rows = Invitation.objects.filter(round=survey_round).order_by()
    outcomes = outcomes_of(survey_round)
    days = [
        (day, n) for day, n in rows.filter(_VOTED).values_list("spent_day").annotate(n=Count("pk")) if day
    ]
    days.sort()
    modes = rows.values("mode_assigned").annotate(n=Count("pk"), voted=Count("pk", filter=_VOTED))
    used = rows.filter(_VOTED).values("spent_mode").annotate(n=Count("pk"))
    audiences = rows.values("audience").annotate(n=Count("pk"), voted=Count("pk", filter=_VOTED))
    return Progress(
        outcomes=outcomes,
        by_mode=[_mode_line(row["mode_assigned"], row["n"], row["voted"]) for row in modes],
        by_voted_mode=[_mode_line(row["spent_mode"], outcomes.complete, row["n"]) for row in used],
        by_audience=[Line(audience_word(row["audience"]), row["n"], row["voted"]) for row in audiences],
        days=days,
        expected=_expected(survey_round, outcomes, days),
        reminded=rows.filter(reminders__gt=0).count(),
    )


def audience_word(audience: str) -> str:
    """For whom a questionnaire is, in words."""
    from minping_web.frames.rules import Instrument

    return str(Instrument(audience).label) if audience in Instrument.values else audience


def _mode_line(mode: int | None, invited: int, voted: int) -> Line:
    known = mode is not None and mode in Channel.values
    return Line(str(Channel(mode or 0).label) if known else "–", invited, voted)


def outcomes_of(survey_round: SurveyRound, area_ids: Collection[int] | None = None) -> Outcomes:
    """Dispositions: who voted is complete, whom nobody found anything out about is unknown."""
    rows = Invitation.objects.filter(round=survey_round)
    if area_ids is not None:
        rows = rows.filter(area_id__in=area_ids)
    counts: Counter[int] = Counter()
    grouped = rows.order_by().values_list("found").annotate(n=Count("pk"), voted=Count("pk", filter=_VOTED))
    voted = 0
    for found, n, spent in grouped:
        counts[found] += n - spent
        voted += spent
    return Outcomes(
        complete=voted,
        partial=counts[Found.PARTIAL],
        refusal=counts[Found.REFUSAL],
        non_contact=counts[Found.NON_CONTACT],
        other=counts[Found.OTHER_NONRESPONSE],
        unknown=counts[Found.UNKNOWN_ELIGIBILITY] + counts[Found.NOTHING],
        not_eligible=counts[Found.NOT_ELIGIBLE],
    )


def _expected(survey_round: SurveyRound, outcomes: Outcomes, days: Sequence[tuple[date, int]]) -> int | None:
    left = (survey_round.closes_at - now()).total_seconds() / 86_400
    if not days or left <= 0 or days[0][0] >= now().date():
        return None  # the first hours say nothing of the days to come
    recent = now().date() - timedelta(days=3)
    last = [n for day, n in days if day >= recent]
    begun = max(1, min(3, (now().date() - days[0][0]).days + 1))
    return min(outcomes.all, round(outcomes.complete + left * sum(last) / begun))


def area_lines(survey_round: SurveyRound, search: str = "") -> list[Line]:
    """Every area of the round with its target, in the order of places; three queries."""
    rows = (
        RoundArea.objects.filter(round=survey_round)
        .select_related("area__parent__parent")
        .order_by("area__path")
    )
    if search:
        rows = rows.filter(Q(area__name__icontains=search) | Q(area__code__startswith=search))
    counted = Invitation.objects.filter(round=survey_round).order_by().values_list("area_id")
    found = {
        area: (n, voted) for area, n, voted in counted.annotate(n=Count("pk"), v=Count("pk", filter=_VOTED))
    }
    return [_area_line(row, *found.get(row.area_id, (0, 0))) for row in rows]


def _area_line(row: RoundArea, invited: int, voted: int) -> Line:
    return Line(row.area.name, invited or row.drawn, voted, row.wanted, row.area, row.stopped, row.voided)


def voted_by_area(survey_round: SurveyRound, area_ids: Collection[int]) -> dict[int, int]:
    """Households that voted in each of these areas."""
    rows = Invitation.objects.filter(_VOTED, round=survey_round, area_id__in=area_ids).order_by()
    return dict(rows.values_list("area_id").annotate(n=Count("pk")))


class RoundTopic:
    """Rounds as something to watch."""

    name = "rounds"

    def __init__(self) -> None:
        self._kept: dict[int, tuple[float, Reading]] = {}

    def permits(self, scope: Scope, key: int) -> bool:
        """See `Topic`. Who sees small numbers masked reloads the page instead."""
        return sees_exact(scope) and SurveyRound.objects.filter(pk=key).exists()

    def read(self, keys: Collection[int]) -> Mapping[int, Reading]:
        """See `Topic`; counted at most every few seconds."""
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
        state = SurveyRound.State(reading.data["state"]).label
        voted, invited = reading.data["voted"], reading.data["invited"]
        percent = round(100 * voted / invited) if invited else 0
        return {"voted": localize(voted), "percent": f"{percent}%", "state": str(state)}


def _reading(key: int, state: str) -> Reading:
    rows = Invitation.objects.filter(round_id=key)
    counted = rows.aggregate(invited=Count("pk"), voted=Count("pk", filter=_VOTED))
    last = state in (SurveyRound.State.CLOSED, SurveyRound.State.CANCELLED)
    number = counted["voted"] * 16 + list(SurveyRound.State.values).index(state)
    return Reading(number, {"state": state, **counted}, last=last)


register(RoundTopic())
