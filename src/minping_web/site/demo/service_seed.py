"""What goes on in the demonstration's story street: certificates, skills, stand-ins, moves, a request.

Postings begin where the engine's demonstration ends; what is still open here (a handover, two vacant areas, a
certificate that expires soon, a request for correction) is dated from the day of seeding, so that an old
installation and a fresh one look alike on their first day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from minping_web.access.selectors import scope_of
from minping_web.common.changes import recording
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.people.models import Certificate, CorrectionRequest, Handover, Person, Posting, Skill
from minping_web.people.rules import PostingRole
from minping_web.people.services import (
    CertificateDraft,
    Move,
    ask_correction,
    carry_out,
    save_stand_in,
    tick_handover,
    verify_certificate,
    write_certificate,
    write_grade,
)
from minping_web.people.services.moves import MoveKind
from minping_web.places.models import Area
from minping_web.site.demo.accounts import COMMUNITY_CODE, STREET_CODE, account_of
from minping_web.site.demo.tables import SOURCE

Kind = Certificate.Kind
KINDS = (Kind.ASSISTANT_SOCIAL_WORKER, Kind.SOCIAL_WORKER, Kind.MEDIATOR, Kind.COUNSELLOR, Kind.FIRST_AID)
LASTING = (Kind.MEDIATOR, Kind.COUNSELLOR)
"""Certificates without an end."""
SOON, LONG = timedelta(days=45), timedelta(days=800)
MOVED, STANDING_IN = timedelta(days=6), timedelta(days=120)
VERIFIED_OF, SKILL_OF = 6, 5
"""One certificate of so many waits for verification; somebody has about two of so many skills."""


def story_worker() -> Person:
    """The worker whose account can be entered."""
    account = account_of("worker")
    assert account is not None
    return Person.objects.filter(name=account.name).earliest("pk")


def seed_service(scope: Scope) -> int:
    """Everything but the request for correction, which needs the account; gives how many acts."""
    acts = _certificates(scope) + _skills(scope)
    _moves(scope)
    return acts + _stand_ins(scope)


def seed_request(worker: Person) -> None:
    """The worker asks the office to correct something."""
    assert worker.user is not None
    text = "社会工作者证书的发证日期应为 6 月 1 日，请核对原件。"
    ask_correction(scope_of(worker.user), CorrectionRequest.About.CERTIFICATE, text)


def _owners(code: str) -> list[Person]:
    """Who answers for areas below a place now, secretaries first."""
    path = Area.objects.get(code=code).path
    posted = Posting.objects.filter(
        area__path__startswith=path, role=PostingRole.RESPONSIBLE, ends_on__isnull=True
    )
    return [posting.person for posting in posted.select_related("person__employer__area").order_by("pk")]


def _certificates(scope: Scope) -> int:
    made = []
    with recording(scope, "people.certificate", SOURCE) as recorder:
        for number, person in enumerate(_owners(STREET_CODE)):
            for draft in _drafts(number, asked=person == story_worker()):
                made.append(write_certificate(recorder, person, draft))
    for number, certificate in enumerate(made):
        if number % VERIFIED_OF:
            verify_certificate(scope, certificate)
    return len(made)


def _drafts(number: int, *, asked: bool) -> Iterator[CertificateDraft]:
    """Most have one, some two; one in seven expires soon."""
    count = 2 if asked else (1, 0, 1, 2)[number % 4]
    for place in range(count):
        kind = KINDS[(number + place) % len(KINDS)]
        ends = today() + (SOON if number % 7 == 0 else LONG + timedelta(days=number))
        serial = f"XN{number:06d}{place}{number % 10}"
        yield CertificateDraft(
            kind, serial, date(2018 + number % 3, 5, 31), None if kind in LASTING else ends
        )


def _skills(scope: Scope) -> int:
    skills, count = list(Skill.objects.order_by("order", "code")), 0
    with recording(scope, "people.skill", SOURCE) as recorder:
        for number, person in enumerate(_owners(STREET_CODE)):
            for place, skill in enumerate(skills):
                at = (3 * number + 2 * place + number * place) % SKILL_OF
                if at < 2 or (place == 0 and at < 4):
                    write_grade(recorder, person, skill, 1 + (number + place) % 3)
                    count += 1
    return count


def _moves(scope: Scope) -> None:
    """One colleague of the worker leaves and the worker takes over; two areas elsewhere fall vacant."""
    day, worker = today() - MOVED, story_worker()
    colleague = next(person for person in _owners(COMMUNITY_CODE)[::-1] if person != worker)
    carry_out(scope, Move(MoveKind.LEAVE, colleague, day, other=worker))
    inside = {person.pk for person in _owners(COMMUNITY_CODE)}
    elsewhere = [
        person
        for person in _owners(STREET_CODE)
        if person.kind == Person.Kind.COMMUNITY_WORKER and person.pk not in inside
    ]
    for person in (elsewhere[0], elsewhere[-1]):
        carry_out(scope, Move(MoveKind.LEAVE, person, day))
    open_one = Handover.objects.select_related("area").get(giver=colleague, taker=worker)
    tick_handover(scope, open_one, {1: (True, "2 件，进展已当面说明"), 4: (True, "")})


def _stand_ins(scope: Scope) -> int:
    """Each of the story's community has the next one as B."""
    people = _owners(COMMUNITY_CODE)
    people = list(dict.fromkeys(people))
    pairs = list(zip(people, [*people[1:], people[0]], strict=True)) if len(people) > 1 else []
    for person, deputy in pairs:
        save_stand_in(scope, person, deputy, place="grid", starts_on=today() - STANDING_IN)
    return len(pairs)
