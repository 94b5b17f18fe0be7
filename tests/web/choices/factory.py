"""An invented two-way choice: a street with communities, workers with accounts, a posted choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.choices.models import Candidate, PostedGrid, TwoWayChoice
from minping_web.choices.models import choice as choice_models
from minping_web.choices.services import carrying, choosing, extending, matching, posting, preparing, valuing
from minping_web.common import approval
from minping_web.common.scope import Scope, scope_of_user
from minping_web.jobs.models import Job
from minping_web.jobs.rules import registry
from minping_web.people.models import Person
from minping_web.places.models import Area
from tests.web import factories
from tests.web.people.factory import person
from tests.web.people.factory import posting as posted

HOUR = timedelta(hours=1)


@dataclass
class Clock:
    """The time that the rules of phases see."""

    now: datetime

    def pass_to(self, moment: datetime) -> None:
        """Go to a moment."""
        self.now = moment


def clock(patch: pytest.MonkeyPatch) -> Clock:
    """Stop the clock of choices at this moment; it moves only by `pass_to`."""
    made = Clock(timezone.now())
    for module in (choice_models, choosing, extending, matching, posting, preparing):
        patch.setattr(module, "now", lambda: made.now)
    return made


@dataclass
class Street:
    """One choice of the eastern street with everybody who takes part."""

    district: factories.SmallDistrict
    office: Scope
    time: Clock
    choice: TwoWayChoice
    people: dict[str, Candidate] = field(default_factory=dict)
    grids: dict[str, PostedGrid] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    communities: dict[str, Scope] = field(default_factory=dict)

    def scope(self, name: str) -> Scope:
        """Somebody who takes part, at the own account."""
        return scope_of(self.users[name])

    def hand_in(self, name: str, *tiers: str | Sequence[str]) -> None:
        """A person's list of grids."""
        wanted = [[self.grids[one].pk for one in _tier(tier)] for tier in tiers]
        choosing.save_list(self.scope(name), self.people[name], wanted, hand_in=True)

    def hand_back(self, grid: str, *tiers: str | Sequence[str], unsuitable: Mapping[str, str] = {}) -> None:
        """A community's list of people."""
        wanted = [[self.people[one].pk for one in _tier(tier)] for tier in tiers]
        refused = {self.people[name].pk: reason for name, reason in unsuitable.items()}
        found = PostedGrid.objects.select_related("area").get(pk=self.grids[grid].pk)
        choosing.save_back(self.community(grid), found, wanted, refused, hand_in=True)

    def community(self, grid: str) -> Scope:
        """Who chooses back for a grid."""
        area = self.grids[grid].area
        home = area if area.level == "community" else area.parent.parent or area.parent
        if home.code not in self.communities:
            self.communities[home.code] = factories.scope_with("community_staff", area=home, fresh=True)
        return self.communities[home.code]

    def matched(self) -> TwoWayChoice:
        """Lists are closed and the job has run."""
        self.time.pass_to(self.choice.choose_back_until)
        matching.ask_for_matching(self.office, self.choice.pk)
        matching.carry_out_matching(self.choice.pk)
        return self.fresh()

    def fresh(self) -> TwoWayChoice:
        """As it lies in the database."""
        self.choice = TwoWayChoice.objects.select_related("area", "change_set").get(pk=self.choice.pk)
        return self.choice

    def pairs(self) -> dict[str, str]:
        """Person -> grid."""
        people = {one.pk: name for name, one in self.people.items()}
        grids = {one.pk: name for name, one in self.grids.items()}
        return {people[who]: grids[where] for who, where in self.fresh().pairs}


@dataclass
class Working:
    """Progress of a job run by hand; killed at the report that `killed_at` names."""

    scope: Scope
    killed_at: int | None = None
    told: list[int] = field(default_factory=list)

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Remember it, or die."""
        self.told.append(done)
        if done == self.killed_at:
            raise KeyboardInterrupt


def work_off() -> None:
    """Run the jobs of choices that wait, each as its actor."""
    for job in Job.objects.filter(task__startswith="choices.", state=Job.State.QUEUED).order_by("pk"):
        assert job.actor_id is not None
        registry.tasks[job.task].function(Working(scope_of_user(job.actor_id)), **job.arguments)
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)


def let_count(street: Street, value: str) -> None:
    """The office proposes a drawn value, an auditor approves it."""
    proposal = valuing.propose_value(street.office, street.choice.pk, value)
    approval.approve(factories.scope_with("auditor", fresh=True), proposal.pk)


def write_approved(street: Street) -> TwoWayChoice:
    """A sealed result is proposed by the office, approved by a colleague, written by the job."""
    proposal = carrying.propose_carrying_out(street.office, street.choice.pk, "双向选择完成")
    approval.approve(factories.scope_with("street_staff", area=street.choice.area, fresh=True), proposal.pk)
    work_off()
    return street.fresh()


def _tier(tier: str | Sequence[str]) -> Sequence[str]:
    return (tier,) if isinstance(tier, str) else tier


def draft_of(street: Area, time: Clock, **values: object) -> preparing.ChoiceDraft:
    """People choose for a day from an hour on, then communities for a day."""
    start = time.now + HOUR
    days = {"choose_from": start, "choose_until": start + 24 * HOUR, "choose_back_until": start + 48 * HOUR}
    day = timezone.localdate(start) + timedelta(days=30)
    return preparing.ChoiceDraft(
        **{"name": "秋季双向选择", "area": street, "takes_effect_on": day, **days, **values}
    )


def with_account(name: str, area: Area, **values: object) -> tuple[Person, User]:
    """A worker who serves at an area and may enter."""
    who = factories.user()
    factories.grant(who, "worker")
    made = person(name, user=who, **values)
    posted(made, area, "deputy")
    return made, who


def street_of(
    patch: pytest.MonkeyPatch,
    people: Iterable[str],
    grids: Iterable[str] = ("east", "west", "north"),
    *,
    seats: Mapping[str, int] = {},
    post: bool = True,
    **values: object,
) -> Street:
    """Workers by name and grids by name, in the eastern street; nobody has chosen."""
    district, time = factories.small_district(), clock(patch)
    office = factories.scope_with("street_staff", area=district.streets[0], fresh=True)
    made = preparing.save_choice(office, draft_of(district.streets[0], time, **values))
    street = Street(district, office, time, made)
    for number, name in enumerate(grids):
        around = district.grids[number % 4]
        area = factories.area("responsibility_area", name, around, households=300 + number)
        several = seats.get(name, 1)
        preparing.add_grids(
            office, made.pk, [area], seats=several, role="part_time" if several > 1 else "responsible"
        )
        street.grids[name] = made.grids.select_related("area__parent__parent").get(area=area)
    for name in people:
        somebody, street.users[name] = with_account(name, district.responsibility_areas[0])
        preparing.take_in(office, made.pk, somebody)
        street.people[name] = made.candidates.get(person=somebody)
    if post:
        posting.post(office, made.pk)
        time.pass_to(made.choose_from)
    return street


def matched_street(patch: pytest.MonkeyPatch) -> Street:
    """An owns west and gets east, bo the other way: places change hands in a circle. Cy gets none."""
    street = street_of(patch, ["an", "bo", "cy"], post=False)
    for name, grid in (("an", "west"), ("bo", "east")):
        posted(street.people[name].person, street.grids[grid].area)
    posting.post(street.office, street.choice.pk)
    street.time.pass_to(street.choice.choose_from)
    street.hand_in("an", "east", "west")
    street.hand_in("bo", "west", "east")
    street.hand_in("cy", "east", "north")
    street.time.pass_to(street.choice.choose_until)
    street.hand_back("east", "an", "bo", "cy")
    street.hand_back("west", "bo", "an")
    street.hand_back("north", unsuitable={"cy": "需要双语人员"})
    street.matched()
    return street
