"""What fieldwork found out of households, and replacements for those that are not eligible.

A disposition never counts against who voted: at the end such a household is complete, whatever was entered.
Until then entries are kept, counted and replaced alike whether or not it voted, so that nobody learns by an
entry who did. Whom a list names as not invited is limited and logged as look-ups are.

Replacements are released in the order of the draw, one for each unit of the same area and stratum that turned
out not eligible: nobody chooses whom to ask instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F
from django.utils.translation import gettext as _

from minping_engine.errors import Place, Problem
from minping_web.channels.events import MessagesFailed
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import kept
from minping_web.rounds.models import Invitation, RoundArea, RoundStratum, SampledUnit, SurveyRound
from minping_web.rounds.rules.words import FINAL, Found, Reserves
from minping_web.rounds.selectors.invitations import AT_ONCE, houses_of, never_asked
from minping_web.rounds.selectors.rounds import locked_round
from minping_web.rounds.services.drafting import design_of, require_everywhere
from minping_web.rounds.services.issuing import invite
from minping_web.rounds.services.lookup import log_list, views_left

INVITE = "rounds.invite"
ENTERED_AT_ONCE = 1000
SHORTEST_REASON = 4
NAMED_AT_ONCE = 20
"""Households that one list may name as not invited; of further ones only the number is told."""
MORE = "round.more_rows"
VOTING = (SurveyRound.State.OPEN, SurveyRound.State.STOPPED)
WORDS: Mapping[str, Found] = {
    "部分": Found.PARTIAL, "partial": Found.PARTIAL,
    "拒访": Found.REFUSAL, "refusal": Found.REFUSAL, "refused": Found.REFUSAL,
    "拒绝": Found.REFUSAL, "refused to answer": Found.REFUSAL,
    "未接触": Found.NON_CONTACT, "not reached": Found.NON_CONTACT, "non_contact": Found.NON_CONTACT,
    "其他无回答": Found.OTHER_NONRESPONSE, "other nonresponse": Found.OTHER_NONRESPONSE,
    "资格不明": Found.UNKNOWN_ELIGIBILITY, "eligibility unknown": Found.UNKNOWN_ELIGIBILITY,
    "unknown eligibility": Found.UNKNOWN_ELIGIBILITY,
    "不合格": Found.NOT_ELIGIBLE, "not eligible": Found.NOT_ELIGIBLE,
    "撤回": Found.NOTHING, "nothing": Found.NOTHING,
}  # fmt: skip
"""Words of either language; a line below counts as a space."""


class Line(NamedTuple):
    """One line: a house code and a disposition; `place` where it came from a file."""

    row: int
    house_code: str
    found: Found
    place: Place | None = None

    @property
    def where(self) -> Place:
        """Where it stands."""
        return self.place or Place(row=self.row)


@dataclass(frozen=True)
class Preview:
    """What lines would enter: (area, disposition, households) in order; or what is wrong."""

    counts: Sequence[tuple[str, str, int]] = ()
    problems: Sequence[Problem] = ()

    @property
    def households(self) -> int:
        """All of them."""
        return sum(count for _area, _found, count in self.counts)


def read_lines(text: str) -> list[Line]:
    """`house code, disposition` a line, in words of either language or by number; all faults at once."""
    lines, problems = [], []
    for row, raw in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in raw.replace("，", ",").replace("\t", ",").split(",")]
        if parts == [""]:
            continue
        found = _word(parts[-1]) if len(parts) == 2 else None
        if found is None:
            problems.append(Problem("round.disposition_unread", Place(row=row), {"found": raw[:60]}))
        else:
            lines.append(Line(row, parts[0], found))
    if len(lines) > ENTERED_AT_ONCE:
        problems.append(Problem("round.too_many_lines", Place(), {"most": ENTERED_AT_ONCE}))
    if problems:
        raise RefusedError(problems)
    return lines


def _word(text: str) -> Found | None:
    if text.isdecimal() and int(text) in set(Found.values):
        return Found(int(text))
    plain = " ".join(text.lower().replace("_", " ").split())
    return WORDS.get(plain) or WORDS.get(plain.replace(" ", "_"))


def enter_dispositions(scope: Scope, round_id: int, lines: list[Line], *, reason: str) -> int:
    """Write what was found; how many. All faults are told at once: households that were not invited, and
    those found not eligible before anybody asked them, for each of these brings a replacement."""
    require_everywhere(scope, INVITE)
    why = " ".join(reason.split())
    if len(why) < SHORTEST_REASON:
        raise RefusedError.of("round.reason_missing", Place(key="reason"))
    with entered(scope), transaction.atomic():
        found = locked_round(round_id)
        if found.state not in VOTING:
            raise RefusedError.of("round.not_running")
        left = views_left(scope)
        houses = houses_of(found, {line.house_code for line in lines})
        problems = _faults(lines, houses, most=left - 1)
        if problems:
            log_list(scope, found, rows=len(lines), named=_named(problems), reason=why)
        else:
            _note_entering(scope, found, lines, houses, why[:200])
            _enter({houses[line.house_code]: line.found for line in lines})
    if problems:  # only here, for the rows of the log must stay
        raise RefusedError(problems)
    return len(lines)


def _enter(wanted: Mapping[UUID, Found]) -> None:
    """The last line of a household counts."""
    for disposition in Found:
        ids = [pk for pk, found in wanted.items() if found == disposition]
        for start in range(0, len(ids), AT_ONCE):
            Invitation.objects.filter(pk__in=ids[start : start + AT_ONCE]).update(found=disposition)


def preview_dispositions(scope: Scope, round_id: int, lines: list[Line]) -> Preview:
    """What `enter_dispositions` would do, or the faults; only the log of accesses is written.

    Says nothing of who voted. With faults there are no counts: by area they would say who was drawn.
    """
    require_everywhere(scope, INVITE)
    with entered(scope), transaction.atomic():
        found = SurveyRound.objects.get(pk=round_id)
        if found.state not in VOTING:
            return Preview(problems=[Problem("round.not_running")])
        try:
            left = views_left(scope)
        except RefusedError as refused:
            return Preview(problems=refused.problems)
        houses = houses_of(found, {line.house_code for line in lines})
        problems = _faults(lines, houses, most=left - 1)
        log_list(scope, found, rows=len(lines), named=_named(problems), reason=_("preview of dispositions"))
        names = _areas_of(houses.values(), "area__name")
    if problems:
        return Preview(problems=problems)
    counts = Counter((names[houses[line.house_code]], str(Found(line.found).label)) for line in lines)
    return Preview([(*key, count) for key, count in sorted(counts.items())])


def _areas_of(ids: Iterable[UUID], name: str) -> dict[UUID, str]:
    wanted: list[UUID] = sorted(set(ids))
    found: dict[UUID, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = Invitation.objects.filter(pk__in=wanted[start : start + AT_ONCE])
        found |= dict(rows.values_list("pk", name))
    return found


def _note_entering(
    scope: Scope, found: SurveyRound, lines: list[Line], houses: Mapping[str, UUID], reason: str
) -> None:
    """How many of what were entered in each area, for the ledger; no household."""
    if not lines:
        return
    areas = _areas_of(houses.values(), "area__code")
    counts = Counter((areas[houses[line.house_code]], Found(line.found).name.lower()) for line in lines)
    by_area: dict[str, dict[str, int]] = {}
    for (area, word), count in sorted(counts.items()):
        by_area.setdefault(area, {})[word] = count
    step = f"{found.step_id}-dispositions-{token_hex(8)}"
    record = {"round": found.pk, **kept("reason", reason, step=step), "by": scope.user_id or 0,
              "areas": by_area}  # fmt: skip
    stage("round.dispositions", step, record)


def note_failed_messages(event: MessagesFailed) -> None:
    """Messages that did not arrive: the households were not reached, unless more is known of them."""
    unknown = Invitation.objects.filter(tokens__in=event.references, found=Found.NOTHING)
    unknown.update(found=Found.NON_CONTACT)


def _faults(lines: list[Line], houses: Mapping[str, UUID], *, most: int) -> list[Problem]:
    """Lines that cannot be entered, a few of them by name."""
    faults = _all_faults(lines, houses)
    most = min(most, NAMED_AT_ONCE)
    more = [Problem(MORE, Place(), {"more": len(faults) - most})] if len(faults) > most else []
    return [*faults[:most], *more]


def _named(problems: Iterable[Problem]) -> Collection[str]:
    return {str(problem.params["house"]) for problem in problems if "house" in problem.params}


def _all_faults(lines: list[Line], houses: Mapping[str, UUID]) -> list[Problem]:
    out = {houses[line.house_code] for line in lines if line.found in FINAL and line.house_code in houses}
    unasked = never_asked(out)
    problems = []
    for line in lines:
        house = line.house_code
        if house not in houses:
            problems.append(Problem("round.house_not_invited", line.where, {"house": house}))
        elif line.found in FINAL and houses[house] in unasked:
            problems.append(Problem("round.house_not_asked", line.where, {"house": house}))
    return problems


@transaction.atomic
def release_reserves(scope: Scope, round_id: int, *, area_id: int | None = None) -> int:
    """Ask one replacement, in order, for each unit that is not eligible and has none yet; how many."""
    require_everywhere(scope, INVITE)
    found = locked_round(round_id)
    if found.state not in (SurveyRound.State.DRAWN, SurveyRound.State.OPEN):
        raise RefusedError.of("round.not_running")
    if design_of(found).reserves == Reserves.NONE:
        raise RefusedError.of("round.no_reserves")
    released = [unit for key, count in _owed(found, area_id).items() for unit in _next(found, key, count)]
    if not released:
        raise RefusedError.of("round.nothing_to_replace")
    SampledUnit.objects.filter(pk__in=[unit.pk for unit in released]).update(released=True)
    _count(found, released)
    invite(released)
    by_area = Counter(str(unit.area_id) for unit in released)
    last = max(unit.pk for unit in released)
    stage("round.reserves", f"{found.step_id}-reserves-{last}", {"round": found.pk, "areas": dict(by_area)})
    return len(released)


Key = tuple[int, int]


def _owed(found: SurveyRound, area_id: int | None) -> dict[Key, int]:
    """(area, stratum) -> replacements that may be asked now."""
    # Of those who voted as well: a replacement that is refused would tell that the household did.
    final = Invitation.objects.filter(round=found, found__in=FINAL)
    given = SampledUnit.objects.filter(round=found, is_reserve=True, released=True)
    if area_id:
        final, given = final.filter(area_id=area_id), given.filter(area_id=area_id)
    counts: Counter[Key] = Counter()
    for rows, sign in ((final, 1), (given, -1)):
        grouped = rows.order_by().values_list("area_id", "stratum").annotate(n=Count("pk"))
        for area, stratum, n in grouped:
            counts[area, stratum] += sign * n
    return {key: count for key, count in sorted(counts.items()) if count > 0}


def _next(found: SurveyRound, key: Key, count: int) -> list[SampledUnit]:
    rows = SampledUnit.objects.filter(round=found, area_id=key[0], stratum=key[1], is_reserve=True)
    return list(rows.filter(released=False).order_by("place")[:count])


def _count(found: SurveyRound, released: list[SampledUnit]) -> None:
    for unit in released:
        RoundStratum.objects.filter(
            round=found, area_id=unit.area_id, stratum=unit.stratum, frame_cell=unit.frame_cell
        ).update(drawn=F("drawn") + 1)
        RoundArea.objects.filter(round=found, area_id=unit.area_id).update(drawn=F("drawn") + 1)


def note_partial(h1: bytes) -> None:
    """A paper form came back with too few answers to count; called inside the step that refuses it."""
    Invitation.objects.filter(tokens__h1=h1, found=Found.NOTHING).update(found=Found.PARTIAL)
