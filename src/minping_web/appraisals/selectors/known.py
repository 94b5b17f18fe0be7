"""Facts that the product knows already, so that nobody types them again (no double entry, G2).

Only what is unambiguous is counted: places keep households and residents, postings say who works where, a
verified certificate was seen by somebody, ballots lie sealed. What a register does not have stays away: an
empty register is no "none". What is counted here is overridden by two persons only (`services.values`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc
from django.utils.translation import gettext as _

from minping_engine.snapshot import open_snapshot, read_parquet
from minping_engine.terms import Mode
from minping_web.appraisals.models import EvidenceValue
from minping_web.appraisals.rules.conflicts import Assessee
from minping_web.appraisals.rules.numbers import written
from minping_web.appraisals.rules.words import ValueTable
from minping_web.appraisals.selectors.evidence import asked_of, assessees_of, first_snapshot
from minping_web.common.clock import today
from minping_web.people.models import Certificate, Person, Posting
from minping_web.people.rules import PostingRole
from minping_web.people.selectors.postings import on_day, postings_between
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.selectors.facts import facts_of
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.selectors.tables import person_id

Kind = Certificate.Kind
LADDER = {Kind.ASSISTANT_SOCIAL_WORKER: "助理社工师", Kind.SOCIAL_WORKER: "社工师",
          Kind.SENIOR_SOCIAL_WORKER: "高级社工师"}  # fmt: skip
"""Certificates of the profession in the words of the schemes, the least first."""
WORKERS = (Person.Kind.COMMUNITY_WORKER, Person.Kind.SECRETARY)
Counted = dict[str, str]
"""Assessee -> value as people write it."""


@dataclass(frozen=True)
class KnownValue:
    """One counted fact: of whom, which, its value, and which register says so on which day."""

    assessee_id: str
    name: str
    value: str
    source: str

    @property
    def what(self) -> str:
        """As values are named."""
        return f"{ValueTable.FACTS}:{self.name}"


@dataclass(frozen=True)
class _About:
    """A round on the day that its facts are counted for."""

    round: SurveyRound
    people: dict[str, Assessee]
    first: date
    day: date

    def places(self) -> Iterator[Assessee]:
        """Those who are places."""
        return (one for one in self.people.values() if one.is_place and one.path)


def known_values(found: SurveyRound) -> list[KnownValue]:
    """What the registers say and no value has yet; what two persons or a hand entered stays."""
    rows = EvidenceValue.objects.filter(round=found, table=ValueTable.FACTS)
    have = {(row.name, row.assessee_id): row for row in rows}
    return [one for one in counted_facts(found) if _is_news(have.get((one.name, one.assessee_id)), one)]


def _is_news(row: EvidenceValue | None, one: KnownValue) -> bool:
    if row is None:
        return True
    return row.is_counted and one.value != (row.text or written(row.value_milli or 0))


def counted_facts(found: SurveyRound) -> list[KnownValue]:
    """Every fact of the scheme that the product counts by itself."""
    asked = asked_of(found)
    wanted = [
        (fact.id, *COUNTERS[fact.id][1:])
        for fact in asked.facts
        if fact.id in COUNTERS and COUNTERS[fact.id][0] == fact.unit and not fact.is_costly
    ]
    if not wanted:
        return []
    first, last = facts_of(found.pk).days
    about = _About(found, assessees_of(found), first, min(last, today()))
    return [
        KnownValue(who, name, value, source(about))
        for name, count, source in wanted
        for who, value in count(about).items()
    ]


def _of_places(about: _About) -> str:
    return _("register of places, %(day)s") % {"day": today().isoformat()}


def _of_people(about: _About) -> str:
    return _("register of people, as of %(day)s") % {"day": about.day.isoformat()}


def _of_ballots(about: _About) -> str:
    sealed = first_snapshot(about.round.pk)
    return _("ballots sealed as %(sha)s") % {"sha": sealed.sha256[:12] if sealed else ""}


def _households(about: _About) -> Counted:
    """Of the assessed place, or of the areas that the person answers for in the period."""
    counts = _area_figures(about, "households")
    served: dict[str, set[int]] = defaultdict(set)
    for span in postings_between(about.first, about.day):
        if person_id(span.person_id) in about.people:
            served[person_id(span.person_id)].add(span.area_id)
    wanted = {pk for areas in served.values() for pk in areas}
    of_area = dict(Area.objects.filter(pk__in=wanted).values_list("pk", "households"))
    for who, areas in served.items():
        if all(of_area.get(pk) for pk in areas):
            counts[who] = str(sum(of_area[pk] or 0 for pk in areas))
    return counts


def _residents(about: _About) -> Counted:
    """Of the assessed place."""
    return _area_figures(about, "residents")


def _area_figures(about: _About, name: str) -> Counted:
    codes = {one.area_code for one in about.places()}
    rows = Area.objects.filter(code__in=codes).values_list("code", name)
    return {code: str(n) for code, n in rows if n}


def _posts_filled(about: _About) -> Counted:
    """Workers and secretaries posted inside the assessed place, each once; specialists fill no post."""
    return {one.id: str(n) for one in about.places() if (n := len(_posted_in(one.path, about.day)))}


def _posted_in(path: str, day: date) -> set[int]:
    rows = Posting.objects.filter(area__path__startswith=path, person__kind__in=WORKERS)
    rows = on_day(rows.exclude(role=PostingRole.SPECIALIST), day)
    return set(rows.values_list("person_id", flat=True))


def _certificate(about: _About) -> Counted:
    """The highest certificate of the profession that somebody verified and that still holds."""
    highest = _highest(Certificate.objects.all(), about.day)
    return {person_id(pk): LADDER[kind] for pk, kind in highest.items() if person_id(pk) in about.people}


def _highest(rows: Any, day: date) -> dict[int, Kind]:
    steps = list(LADDER)
    verified = Certificate.in_state(rows.filter(kind__in=steps, verified_on__isnull=False), "valid", day)
    held = verified.filter(issued_on__lte=day).values_list("person_id", "kind")
    found: dict[int, Kind] = {}
    for person, kind in held:
        found[person] = max(found.get(person, Kind(kind)), Kind(kind), key=steps.index)
    return found


def _new_certificates(about: _About) -> Counted:
    """Verified ones of the period; whoever has none on the register is not said to have none."""
    found: dict[str, int] = defaultdict(int)
    rows = Certificate.objects.filter(kind__in=list(LADDER), verified_on__isnull=False)
    rows = rows.filter(issued_on__gte=about.first, issued_on__lte=about.day)
    for person in rows.values_list("person_id", flat=True):
        if person_id(person) in about.people:
            found[person_id(person)] += 1
    return {who: str(n) for who, n in found.items()}


def _team(about: _About) -> Iterator[tuple[str, set[int]]]:
    """Everybody with the workers of the own street."""
    paths = {one.path for one in about.people.values() if one.path}
    streets = _streets(paths)
    teams = {path: _posted_in(path, about.day) for path in set(streets.values())}
    for who, one in about.people.items():
        if one.path in streets and teams[streets[one.path]]:
            yield who, teams[streets[one.path]]


def _streets(paths: Iterable[str]) -> dict[str, str]:
    known = list(Area.objects.filter(level="street").values_list("path", flat=True))
    return {path: street for path in paths for street in known if path.startswith(street)}


def _team_workers(about: _About) -> Counted:
    return {who: str(len(team)) for who, team in _team(about)}


def _team_certified(about: _About) -> Counted:
    certified = set(_highest(Certificate.objects.all(), about.day))
    return {who: str(len(team & certified)) for who, team in _team(about)}


def _answers(about: _About, *, is_open: bool) -> Counted:
    """Released ballots of invited people, or of those who opened the public link, by assessed place."""
    sealed = first_snapshot(about.round.pk)
    if sealed is None or not folder_of(sealed).is_dir():
        return {}
    opened = open_snapshot(folder_of(sealed), verify=False)
    counts: dict[int, int] = defaultdict(int)
    for part in opened.parts:
        table = read_parquet(part.path).select(["target", "mode"])
        chosen = pc.equal(table["mode"], Mode.OPEN_ONLINE.value)
        for target in table.filter(chosen if is_open else pc.invert(chosen))["target"].to_pylist():
            counts[target] += 1
    places = {row["target"]: row["area_id"] for row in opened.table("targets").to_pylist()}
    whose = {one.area_code: one.id for one in about.places()}
    return {whose[code]: str(counts[at]) for at, code in places.items() if code in whose}


def _targeted(about: _About) -> Counted:
    return _answers(about, is_open=False)


def _online(about: _About) -> Counted:
    return _answers(about, is_open=True)


COUNTERS: dict[str, tuple[str, Callable[[_About], Counted], Callable[[_About], str]]] = {
    "households": ("households", _households, _of_places),
    "residents": ("persons", _residents, _of_places),
    "posts_filled": ("persons", _posts_filled, _of_people),
    "certificate": ("text", _certificate, _of_people),
    "new_certificates": ("count", _new_certificates, _of_people),
    "team_workers": ("persons", _team_workers, _of_people),
    "team_certified": ("persons", _team_certified, _of_people),
    "targeted_answers": ("persons", _targeted, _of_ballots),
    "online_answers": ("persons", _online, _of_ballots),
}
"""Id of a fact in the shipped schemes -> its unit there, what counts it, which register says so."""
