"""People, postings and load for other systems: reads by the selectors of the pages."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Path, Query
from pydantic import Field

from minping_engine.errors import Place
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.rest import Day, Given, Id, Operations, Paged, Reference, changed_keys, page_of
from minping_web.common.scope import Scope, within
from minping_web.organisations.models import Organisation
from minping_web.people.imports import PEOPLE_IMPORT, POSTING_IMPORT
from minping_web.people.models import Person, Position, Posting, Rank
from minping_web.people.schemas import (
    LoadList,
    LoadOut,
    PersonFacts,
    PersonFilters,
    PersonGiven,
    PersonList,
    PersonOut,
    PostingEnd,
    PostingFilters,
    PostingGiven,
    PostingList,
    PostingOut,
)
from minping_web.people.selectors import (
    EDIT,
    VIEW,
    OwnerLoad,
    PersonFilter,
    filtered_people,
    on_day,
    owner_loads,
    people_now,
    people_seen,
    postings_edited,
    postings_seen,
)
from minping_web.people.services import PersonDraft, PostingDraft, end_posting, save_person, save_posting
from minping_web.places.models import Area

people = Operations("people")
M = TypeVar("M", bound=Model)


@people.get("/people", VIEW, PersonList)
def list_people(scope: Scope, wanted: Query[PersonFilters]) -> PersonList:
    """People posted in the key's areas, now or once, or employed there."""
    area = _area(scope, wanted.area) if wanted.area is not None else None
    asked = PersonFilter(text=wanted.search, kind=wanted.kind or "", state=wanted.state, area=area)
    found = filtered_people(people_seen(scope), asked, today())
    if wanted.code is not None:
        found = found.filter(code=wanted.code)
    if wanted.changed_since:
        found = found.filter(pk__in=changed_keys(Person, wanted.changed_since))
    rows, after = page_of(found, wanted)
    return PersonList(items=[PersonOut.model_validate(row) for row in rows], next=after)


def _area(scope: Scope, code: str) -> Area:
    areas = within(Area.objects.all(), scope, VIEW)
    return _found(areas, code, "query.area", ("区域", "area"))


def _found(rows: QuerySet[M], code: str, where: str, names: tuple[str, str]) -> M:
    """The row with this code; raises `RefusedError` where the key reaches none."""
    row = rows.filter(code=code).first()
    if row is None:
        raise RefusedError.of("api.unknown_code", Place(key=where), what=names[0], what_en=names[1])
    return row


@people.get("/people/{int:person_id}", VIEW, PersonOut)
def get_person(scope: Scope, person_id: Path[Id]) -> PersonOut:
    """One person."""
    return PersonOut.model_validate(get_object_or_404(people_seen(scope), pk=person_id))


@people.get("/people/{int:person_id}/postings", VIEW, PostingList)
def list_postings_of_person(scope: Scope, person_id: Path[Id], wanted: Query[Paged]) -> PostingList:
    """Where one person serves and served, within the key's areas."""
    person = get_object_or_404(people_seen(scope), pk=person_id)
    return _postings(postings_seen(scope).filter(person=person), wanted)


@people.get("/postings", VIEW, PostingList)
def list_postings(scope: Scope, wanted: Query[PostingFilters]) -> PostingList:
    """Postings at the key's areas, past ones too."""
    found = postings_seen(scope)
    named = {"area__code": wanted.area, "person__code": wanted.person, "role": wanted.role}
    found = found.filter(**{name: value for name, value in named.items() if value is not None})
    if wanted.on:
        found = on_day(found, wanted.on)
    if wanted.changed_since:
        found = found.filter(pk__in=changed_keys(Posting, wanted.changed_since))
    return _postings(found, wanted)


def _postings(found: QuerySet[Posting], wanted: Paged) -> PostingList:
    rows, after = page_of(found, wanted)
    return PostingList(items=[PostingOut.model_validate(row) for row in rows], next=after)


class OnDay(Given):
    """A day, today when left out."""

    on: Day | None = Field(None, description="Day; today when left out.")


@people.get("/loads", VIEW, LoadList)
def list_loads(scope: Scope, wanted: Query[OnDay]) -> LoadList:
    """Households per owner of responsibility areas, against 300 to 500; not paged."""
    day = wanted.on or today()
    return LoadList(on=day, items=[_load(load) for load in owner_loads(scope, day)])


def _load(load: OwnerLoad) -> LoadOut:
    return LoadOut(
        person=Reference(id=load.person_id, code=load.code, name=load.name),
        areas=list(load.areas),
        households=load.households,
        uncounted=load.uncounted,
        band=load.band,
    )


# --- writes ----------------------------------------------------------------------------------------
@people.post("/people", EDIT, PersonOut, status=201)
def make_person(scope: Scope, given: PersonGiven) -> PersonOut:
    """A new person."""
    return PersonOut.model_validate(save_person(scope, PersonDraft(**_told(scope, given))))


@people.patch("/people/{int:person_id}", EDIT, PersonOut)
def correct_person(scope: Scope, person_id: Path[Id], given: PersonFacts) -> PersonOut:
    """Change a person who serves or is employed in the key's areas today."""
    person = get_object_or_404(people_now(scope, EDIT), pk=person_id)
    kept = {name: getattr(person, name) for name in PersonDraft.__dataclass_fields__}
    draft = PersonDraft(**{**kept, **_told(scope, given)})
    return PersonOut.model_validate(save_person(scope, draft, existing=person))


def _told(scope: Scope, given: PersonFacts) -> dict[str, Any]:
    """What was sent, with rows for codes; raises `RefusedError` for the first unknown one."""
    sources: dict[str, tuple[QuerySet[Any], tuple[str, str]]] = {
        "employer": (_employers(scope), ("单位", "organisation")),
        "position": (Position.objects.all(), ("岗位", "position")),
        "profession_rank": (Rank.objects.all(), ("职级", "rank")),
        "leadership_rank": (Rank.objects.all(), ("职级", "rank")),
    }
    told = {name: getattr(given, name) for name in given.model_fields_set}
    for name, (rows, names) in sources.items():
        if told.get(name) is not None:
            told[name] = _found(rows, told[name], f"body.{name}", names)
    return told


def _employers(scope: Scope) -> QuerySet[Organisation]:
    """Those in the areas where the key edits people."""
    bodies = Organisation.objects.select_related("area")
    return bodies if scope.reach(EDIT).whole else within(bodies, scope, EDIT, "area__path")


@people.post("/postings", EDIT, PostingOut, status=201)
def make_posting(scope: Scope, given: PostingGiven) -> PostingOut:
    """Post somebody to an area. An area has one owner at a time; an overlap is refused with both named."""
    draft = PostingDraft(
        person=_found(people_now(scope, EDIT), given.person, "body.person", ("人员", "person")),
        area=_found(within(Area.objects.all(), scope, EDIT), given.area, "body.area", ("区域", "area")),
        role=given.role,
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        share_percent=given.share_percent,
        talents=given.talents.strip(),
    )
    return PostingOut.model_validate(save_posting(scope, draft))


@people.post("/postings/{int:posting_id}/end", EDIT, PostingOut)
def close_posting(scope: Scope, posting_id: Path[Id], given: PostingEnd) -> PostingOut:
    """Set the last day of a posting; a day before its first one is refused."""
    posting = get_object_or_404(postings_edited(scope), pk=posting_id)
    if given.last_day < posting.starts_on:
        place = Place(key="body.last_day")
        raise RefusedError.of("posting.ends_before_start", place, person=posting.person.code)
    end_posting(scope, posting, given.last_day)
    return PostingOut.model_validate(posting)


people.rows("/people/import", PEOPLE_IMPORT)
people.rows("/postings/import", POSTING_IMPORT)
