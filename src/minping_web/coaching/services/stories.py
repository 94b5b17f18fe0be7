"""Service stories (S74), pledges and yearly statements (S87).

A story names no resident: what the redaction of comments would hide is refused, with the word that it is
about. The worker's own name may stand. Shown is a story when the worker agreed and somebody of the office
who did not write it approved.
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_engine.insight import Kind, redact
from minping_web.coaching.models import Pledge, ServiceStory
from minping_web.coaching.rules.words import StoryState
from minping_web.coaching.selectors.plans import EDIT, area_of_person
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import Person
from minping_web.people.selectors.directory import people_now


def personal_data(text: str, *, own_name: str, key: str) -> list[Problem]:
    """What leads to a person, but for the worker's own name."""
    marks = redact(text).marks
    found = [
        text[mark.start : mark.end]
        for mark in marks
        if not _is_own(mark.kind, text[mark.start : mark.end], own_name)
    ]
    return (
        [Problem("coaching.names", Place(key=key), {"words": "、".join(dict.fromkeys(found))})]
        if found
        else []
    )


def _is_own(kind: Kind, words: str, own_name: str) -> bool:
    return kind is Kind.PERSON and words in own_name


@transaction.atomic
def write_story(
    scope: Scope, person: Person, *, title: str, text: str, happened_on: date, consents: bool
) -> ServiceStory:
    """By the worker, or by the office about somebody of its place."""
    own = scope.person_id == person.pk
    if not own and not people_now(scope, EDIT).filter(pk=person.pk).exists():
        raise PermissionDenied(EDIT)
    wrong = [
        *personal_data(title, own_name=person.name, key="title"),
        *personal_data(text, own_name=person.name, key="text"),
    ]
    if happened_on > today():
        wrong.append(Problem("coaching.story_ahead", Place(key="happened_on")))
    if not consents:
        wrong.append(Problem("coaching.no_consent", Place(key="consents")))
    if wrong:
        raise RefusedError(wrong)
    return ServiceStory.objects.create(
        person=person, area=area_of_person(person), title=title.strip(), text=text.strip(),
        happened_on=happened_on, consents=True, written_by_id=scope.user_id, written_at=now(),
        agreed_at=now() if own else None,
    )  # fmt: skip


@transaction.atomic
def agree_to_story(scope: Scope, story: ServiceStory, *, agrees: bool) -> ServiceStory:
    """The worker's yes to what the office wrote; no takes any story back, also a shown one."""
    locked = ServiceStory.objects.select_for_update(of=("self",)).get(pk=story.pk)
    if scope.person_id is None or scope.person_id != locked.person_id:
        raise PermissionDenied("worker")
    if agrees:
        locked.agreed_at = locked.agreed_at or now()
    else:
        locked.state = StoryState.WITHDRAWN
    locked.save(update_fields=["agreed_at", "state"])
    return locked


@transaction.atomic
def decide_story(scope: Scope, story: ServiceStory, *, shown: bool, reason: str = "") -> ServiceStory:
    """The office shows it beside the score, or says why not; never whoever wrote it."""
    locked = ServiceStory.objects.select_for_update(of=("self",)).select_related("area").get(pk=story.pk)
    if locked.area is None and not scope.may_everywhere(EDIT):
        raise PermissionDenied(EDIT)
    if locked.area is not None:
        scope.require(EDIT, locked.area.path)
    checks = (
        (locked.state not in (StoryState.OFFERED, StoryState.SHOWN), "coaching.story_settled"),
        (locked.written_by_id == scope.user_id or locked.person_id == scope.person_id, "coaching.own_story"),
        (shown and locked.agreed_at is None, "coaching.story_not_agreed"),
        (not shown and not reason.strip(), "coaching.reason_missing"),
    )
    wrong = [Problem(code, Place()) for fails, code in checks if fails]
    if wrong:
        raise RefusedError(wrong)
    locked.state = StoryState.SHOWN if shown else StoryState.REFUSED
    locked.reason, locked.decided_at, locked.decided_by_id = reason.strip(), now(), scope.user_id
    locked.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    return locked


@transaction.atomic
def make_pledge(scope: Scope, text: str) -> Pledge:
    """This year's, in own words; it may be put better until the statement is made."""
    person = _own_person(scope)
    wrong = personal_data(text, own_name=person.name, key="text")
    if wrong:
        raise RefusedError(wrong)
    year = today().year
    known = Pledge.objects.select_for_update().filter(person=person, year=year).first()
    if known and known.stated_at:
        raise RefusedError.of("coaching.statement_made")
    made, _new = Pledge.objects.update_or_create(
        person=person, year=year, defaults={"text": text.strip(), "made_at": now()}
    )
    return made


@transaction.atomic
def make_statement(scope: Scope, year: int, text: str) -> Pledge:
    """What came of the pledge of this year or of the last one."""
    person = _own_person(scope)
    pledge = Pledge.objects.select_for_update().filter(person=person, year=year).first()
    if pledge is None or year not in (today().year, today().year - 1):
        raise RefusedError.of("coaching.no_pledge", year=year)
    wrong = personal_data(text, own_name=person.name, key="statement")
    if wrong:
        raise RefusedError(wrong)
    pledge.statement, pledge.stated_at = text.strip(), now()
    pledge.save(update_fields=["statement", "stated_at"])
    return pledge


def _own_person(scope: Scope) -> Person:
    person = Person.objects.filter(pk=scope.person_id).first() if scope.person_id else None
    if person is None:
        raise PermissionDenied("worker")
    return person
