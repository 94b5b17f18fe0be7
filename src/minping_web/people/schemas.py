"""What the API says about people, their postings and their load. Work phones are not part of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from minping_web.common.rest import (
    Code,
    Day,
    Given,
    Line,
    Listing,
    Moment,
    NewCode,
    Paged,
    Reference,
    Search,
    Sent,
    example,
    listed,
)
from minping_web.common.rest.fields import STORABLE
from minping_web.people.models import Person
from minping_web.people.rules import PostingRole

KindWord = Annotated[Person.Kind, listed(Person.Kind)]
RoleWord = Annotated[PostingRole, listed(PostingRole)]
Talents = Annotated[str, StringConstraints(max_length=100, pattern=STORABLE)]
Phone = Annotated[str, StringConstraints(max_length=40, pattern=STORABLE)]

OFFICE = {"id": 5, "code": "JD-01", "name": "东街道办事处"}
POSITION = {"id": 1, "code": "grid_worker", "name": "网格员"}
PERSON = {"id": 40, "code": "G0040", "name": "阿不都·热合曼"}
AREA = {"id": 71, "code": "320106001001-01-1", "name": "第一网格责任片"}


class PersonOut(Sent):
    """Somebody who serves residents."""

    model_config = example(
        **PERSON, kind="community_worker", employer=OFFICE, position=POSITION, office_phone="025-00000002",
        started_on="2024-03-01", left_on=None,
    )  # fmt: skip

    id: int
    code: str = Field(description="Staff number.")
    name: str
    kind: str = Field(description="One of the kinds of the filter.")
    employer: Reference | None
    position: Reference | None
    office_phone: str = Field(description="The phone that a district may publish.")
    started_on: date | None
    left_on: date | None = Field(description="Last day.")


class PersonList(Listing[PersonOut]):
    """One page of people."""

    model_config = example(items=[], next=None)


class PersonFilters(Paged):
    """Which people are wanted."""

    code: Code | None = None
    search: Search = Field("", description="Part of the name or of the staff number.")
    kind: KindWord | None = None
    state: Literal["serving", "unposted", "left", "all"] = "serving"
    area: Code | None = Field(None, description="Posted today in this area or below it; its code.")
    changed_since: Moment | None = None


class PersonFacts(Given):
    """Fields of a person to set; what is left out stays, null empties."""

    model_config = example(position="grid_worker", office_phone="025-00000003")

    code: NewCode = Field("", validate_default=False)
    name: Line = Field("", validate_default=False)
    kind: KindWord = Person.Kind.COMMUNITY_WORKER
    employer: Code | None = Field(None, description="Code of an organisation.")
    position: Code | None = Field(None, description="Code of a position.")
    profession_rank: Code | None = Field(None, description="Code of a rank.")
    leadership_rank: Code | None = Field(None, description="Code of a rank.")
    office_phone: Phone = ""
    started_on: Day | None = None
    left_on: Day | None = None


class PersonGiven(PersonFacts):
    """A new person."""

    model_config = example(
        code="G0040", name="阿不都·热合曼", kind="community_worker", employer="JD-01",
        position="grid_worker", started_on="2024-03-01",
    )  # fmt: skip

    code: NewCode
    name: Line


class PostingOut(Sent):
    """Who serves which area in which role, from when to when."""

    model_config = example(
        id=300, person=PERSON, area=AREA, role="responsible", starts_on="2024-03-01", ends_on=None,
        share_percent=100, talents="",
    )  # fmt: skip

    id: int
    person: Reference
    area: Reference
    role: str = Field(description="One of the roles of the filter.")
    starts_on: date
    ends_on: date | None = Field(description="Last day; null while it lasts.")
    share_percent: int
    talents: str = Field(description="What a specialist is appointed for; empty for other roles.")


class PostingList(Listing[PostingOut]):
    """One page of postings."""

    model_config = example(items=[], next=None)


class PostingFilters(Paged):
    """Which postings are wanted."""

    area: Code | None = Field(None, description="At this very area; its code.")
    person: Code | None = Field(None, description="Of this person; the staff number.")
    role: RoleWord | None = None
    on: Day | None = Field(None, description="Those that hold on this day.")
    changed_since: Moment | None = None


class PostingGiven(Given):
    """A new posting."""

    model_config = example(
        person="G0040", area="320106001001-01-1", role="responsible", starts_on="2026-12-01", ends_on=None,
        share_percent=100, talents="",
    )  # fmt: skip

    person: Code = Field(description="Staff number.")
    area: Code = Field(description="Code of the area.")
    role: RoleWord
    starts_on: Day
    ends_on: Day | None = None
    share_percent: int = Field(100, ge=1, le=100)
    talents: Talents = ""


class PostingEnd(Given):
    """The last day of a posting."""

    model_config = example(last_day="2026-12-31")

    last_day: Day


class LoadOut(Sent):
    """How many households one owner serves; `uncounted` areas have no number yet."""

    model_config = example(
        person=PERSON, areas=["第一网格责任片"], households=412, uncounted=0, band="within"
    )

    person: Reference
    areas: list[str]
    households: int
    uncounted: int
    band: str = Field(description="below, within or above 300 to 500 households.")


class LoadList(Sent):
    """All owners, heaviest first."""

    model_config = example(on="2026-11-22", items=[])

    on: date
    items: list[LoadOut]
