"""What a round's evidence still lacks, by rater group, fact, visits and cases; and how far each group is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from minping_web.appraisals.models import EvidenceBook, EvidenceValue, Finding, RaterCall
from minping_web.appraisals.rules.asked import Asked, AskedFact, AskedGroup
from minping_web.appraisals.rules.gaps import Gap, Missing
from minping_web.appraisals.rules.marks import GroupMean, group_means, is_well_mixed, raters_by_assessee
from minping_web.appraisals.rules.words import ValueTable
from minping_web.appraisals.selectors.evidence import asked_of, assessees_of, counting_book
from minping_web.appraisals.selectors.raters import calls_of, handed_in
from minping_web.common.clock import today
from minping_web.common.models import Proposal
from minping_web.rounds.models import SurveyRound


@dataclass(frozen=True)
class GroupState:
    """How far one rater group is; `short`: assessees that fewer than needed have marked."""

    group: AskedGroup
    call: RaterCall | None
    called: int
    handed: int
    from_book: int
    short: int
    assessees: int
    is_well_mixed: bool

    @property
    def is_open(self) -> bool:
        """Whether marks are still taken."""
        return self.call is not None and not self.call.is_over_on(today())

    @property
    def is_enough(self) -> bool:
        """Whether everybody has marks enough, of the right mix."""
        return not self.short and self.is_well_mixed and bool(self.handed or self.from_book)


@dataclass(frozen=True)
class FactState:
    """How many assessees have a value of one fact, cost or window."""

    table: str
    name: str
    title: str
    unit: str
    known: int
    of: int
    is_costly: bool = False
    may_be_absent: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether nobody lacks it, or it may be absent."""
        return self.may_be_absent or self.known >= self.of


@dataclass(frozen=True)
class EvidenceState:
    """All of a round."""

    asked: Asked
    groups: tuple[GroupState, ...]
    facts: tuple[FactState, ...]
    cases: int
    waiting: int
    """Proposals that a second person has not decided."""
    assessees: int

    @property
    def missing(self) -> list[Missing]:
        """Everything that hinders nothing but must be known."""
        return [*_of_groups(self.groups), *_of_facts(self)]


def state_of(found: SurveyRound) -> EvidenceState:
    """Look at everything that was brought so far."""
    asked, n = asked_of(found), len(assessees_of(found))
    calls = {call.group: call for call in calls_of(found)}
    book = counting_book(found)
    return EvidenceState(
        asked,
        tuple(_group_state(group, calls.get(group.id), book, n) for group in asked.groups),
        tuple(_fact_states(found, asked, n)),
        int(book.rows.get("cases", 0)) if book else 0,
        _waiting(found),
        n,
    )


def _group_state(group: AskedGroup, call: RaterCall | None, book: EvidenceBook | None, n: int) -> GroupState:
    rows = list(handed_in(call)) if call else []
    counted = Counter(raters_by_assessee(sheet for _rater, sheet in rows))
    brought: dict[str, int] = book.rows.get("raters", {}).get(group.id, {}) if book else {}
    counted.update(brought)
    from_book = max(brought.values(), default=0)
    short = n - sum(count >= group.minimum for count in counted.values())
    mixed = bool(from_book) or is_well_mixed(group, (rater.kind for rater, _sheet in rows))
    called = call.called if call else 0  # type: ignore[attr-defined]
    return GroupState(group, call, called, len(rows), from_book, short, n, mixed)


def means_of(call: RaterCall, group: AskedGroup) -> list[GroupMean]:
    """Means of a group whose call is over; nothing before, so that nobody marks by what others wrote."""
    if not call.is_over_on(today()):
        return []
    return group_means((sheet for _rater, sheet in handed_in(call)), group)


def _fact_states(found: SurveyRound, asked: Asked, n: int) -> Iterator[FactState]:
    known: dict[tuple[str, str], set[str]] = {}
    rows = EvidenceValue.objects.filter(round=found).values_list("table", "name", "assessee_id")
    for table, name, who in rows:
        known.setdefault((table, name), set()).add(who)
    for fact, who in Finding.objects.filter(round=found, counts=True).values_list("fact", "assessee_id"):
        known.setdefault((ValueTable.FACTS, fact), set()).add(who)
    for one in asked.facts:
        yield _fact_state(one, len(known.get((ValueTable.FACTS, one.id), ())), n)
    for window in asked.windows:
        held = len(known.get((ValueTable.VISITS, window), ()))
        yield FactState(ValueTable.VISITS, window, window, "households", held, n)


def _fact_state(one: AskedFact, known: int, n: int) -> FactState:
    return FactState(
        ValueTable.FACTS, one.id, one.title, one.unit, known, n, one.is_costly, one.may_be_absent
    )


def _waiting(found: SurveyRound) -> int:
    is_open = Proposal.State.OPEN
    findings = Finding.objects.filter(round=found, proposal__state=is_open).count()
    return findings + EvidenceBook.objects.filter(round=found, proposal__state=is_open).count()


def _of_groups(groups: tuple[GroupState, ...]) -> Iterator[Missing]:
    for one in groups:
        name, title = one.group.id, one.group.title
        if one.call is None and not one.from_book:
            yield Missing(Gap.NO_CALL, name, title, one.assessees, one.assessees)
            continue
        if one.is_open and one.handed < one.called:
            yield Missing(Gap.STILL_OPEN, name, title, one.called - one.handed, one.called)
        if one.short:
            yield Missing(Gap.TOO_FEW_RATERS, name, title, one.short, one.assessees)
        elif not one.is_well_mixed:
            yield Missing(Gap.RATER_MIX, name, title, one.handed, one.handed)


def _of_facts(state: EvidenceState) -> Iterator[Missing]:
    for one in state.facts:
        if not one.is_enough:
            gap = Gap.VISITS if one.table == ValueTable.VISITS else Gap.FACT
            yield Missing(gap, one.name, one.title, one.of - one.known, one.of)
    if state.asked.has_cases and not state.cases:
        yield Missing(Gap.CASES, "cases", "", state.assessees, state.assessees)
    if state.waiting:
        yield Missing(Gap.WAITING, "waiting", "", state.waiting, state.waiting)
