"""People of the demonstration: community workers with their responsibility areas, wardens of exclusive grids.

The first worker of each community is its secretary, who owns an area as well (S10). Who owns what is as it
was when the engine's demonstration ended: one owner for each area.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from minping_engine.demo import District, invented_names
from minping_web.common.changes import Recorder, recording
from minping_web.common.scope import Scope
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person, Position, Rank
from minping_web.people.rules import PostingRole
from minping_web.people.services import (
    PersonDraft,
    PostingDraft,
    load_presets,
    write_person,
    write_posting,
)
from minping_web.places.models import Area
from minping_web.site.demo.tables import SOURCE
from minping_web.site.demo.works_seed import committee_code

JOINED, POSTED = date(2018, 9, 1), date(2019, 1, 1)
WARDENS = (Person.Kind.WARDEN_COMMUNITY, Person.Kind.WARDEN_UNIT, Person.Kind.WARDEN_PROPERTY)
COUNTER_EVERY, SENIOR_EVERY = 6, 9
Plan = tuple[PersonDraft, Area, str]


def seed_people(scope: Scope, district: District, as_of: date) -> int:
    """Write people and postings; gives the number of both."""
    load_presets(scope, day=POSTED)
    areas = {area.code: area for area in Area.objects.all()}
    employers = {body.code: body for body in Organisation.objects.filter(kind="community_committee")}
    plans = [*_workers(district, areas, employers), *_wardens(district, areas, employers)]
    with recording(scope, "people.import", SOURCE) as recorder:
        for draft, area, role in plans:
            _write(recorder, draft, area, role)
    return 2 * len(plans)


def _write(recorder: Recorder, draft: PersonDraft, area: Area, role: str) -> None:
    person = write_person(recorder, draft)
    write_posting(recorder, PostingDraft(person, area, role, POSTED))


def _workers(
    district: District, areas: dict[str, Area], employers: dict[str, Organisation]
) -> Iterator[Plan]:
    places, staff = district.places, district.staff
    work, number = _Work(), 0
    holders = {posting.target: posting.person for posting in staff.postings[-1] if posting.to_day is None}
    seen: set[int] = set()
    for target, code in enumerate(places.area_ids):
        if target not in holders:
            continue
        community = int(places.community[target])
        first, person, number = community not in seen, holders[target], number + 1
        seen.add(community)
        kind = Person.Kind.SECRETARY if first and target != places.story else Person.Kind.COMMUNITY_WORKER
        employer = employers[committee_code(places.communities[community].code)]
        draft = PersonDraft(
            staff.person_id(person), staff.names[person], kind, employer, *work.of(kind, number),
            office_phone=f"025-0002{number:04d}", started_on=JOINED,
        )  # fmt: skip
        yield draft, areas[code], PostingRole.RESPONSIBLE


class _Work:
    """Position and ranks of a worker, out of those that the product ships."""

    def __init__(self) -> None:
        self.positions = {position.code: position for position in Position.objects.all()}
        self.ranks = {rank.code: rank for rank in Rank.objects.all()}

    def of(self, kind: str, number: int) -> tuple[Position, Rank, Rank]:
        """Position, professional rank, leadership rank."""
        senior = "senior" if number % SENIOR_EVERY == 0 else ("social_worker", "assistant")[number % 2]
        if kind == Person.Kind.SECRETARY:
            return self.positions["secretary"], self.ranks[senior], self.ranks["head"]
        position = "counter" if number % COUNTER_EVERY == 0 else "grid_worker"
        return self.positions[position], self.ranks[senior], self.ranks["worker"]


def _wardens(
    district: District, areas: dict[str, Area], employers: dict[str, Organisation]
) -> Iterator[Plan]:
    grids = [area for area in district.places.areas if (area.area_kind or "").startswith("exclusive")]
    known = set(district.staff.names)
    names = [name for name in invented_names(len(grids) + len(known), district.seed) if name not in known]
    for number, grid in enumerate(grids):
        employer = employers[committee_code(str(grid.parent_id))]
        kind = WARDENS[number % len(WARDENS)]
        draft = PersonDraft(f"Z{number + 1:04d}", names[number], kind, employer, started_on=JOINED)
        yield draft, areas[grid.area_id], PostingRole.WARDEN
