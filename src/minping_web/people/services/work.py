"""Certificates, skills, stand-ins, handovers, requests for correction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, recording
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import (
    Certificate,
    CorrectionRequest,
    Handover,
    Person,
    PersonSkill,
    Skill,
    StandIn,
)
from minping_web.people.rules import masked
from minping_web.people.selectors import EDIT, OWN
from minping_web.people.services.people import HERE, at, require_edit_of


@dataclass(frozen=True)
class CertificateDraft:
    """A certificate as the office reads it; the number is cut to its last signs before it is kept."""

    kind: str
    number: str
    issued_on: date
    expires_on: date | None = None
    title: str = ""


def save_certificate(
    scope: Scope, person: Person, draft: CertificateDraft, *, existing: Certificate | None = None
) -> Certificate:
    """Create or edit; an edited certificate has to be verified again."""
    with recording(scope, "people.certificate", f"{person.code} {person.name}") as recorder:
        return write_certificate(recorder, person, draft, existing=existing)


def write_certificate(
    recorder: Recorder,
    person: Person,
    draft: CertificateDraft,
    *,
    existing: Certificate | None = None,
    place: Place = HERE,
) -> Certificate:
    """Within a recorder."""
    require_edit_of(recorder.scope, person)
    problems = _faults_of_certificate(person, draft, existing, place)
    if problems:
        raise RefusedError(problems)
    values = {
        "kind": draft.kind,
        "title": draft.title,
        "number_tail": masked(draft.number),
        "issued_on": draft.issued_on,
        "expires_on": draft.expires_on,
    }
    if existing is None:
        made = Certificate(person=person, **values)
        recorder.create(made)
        return made
    if any(getattr(existing, name) != value for name, value in values.items()):
        recorder.update(existing, **values, verified_by=None, verified_on=None)
    return existing


def _faults_of_certificate(
    person: Person, draft: CertificateDraft, existing: Certificate | None, place: Place
) -> list[Problem]:
    problems = []
    if draft.expires_on and draft.expires_on < draft.issued_on:
        problems.append(at(place, "expires_on", "certificate.expires_before_issue", code=person.code))
    if draft.kind == Certificate.Kind.OTHER and not draft.title:
        problems.append(at(place, "title", "certificate.title_missing", code=person.code))
    twin = person.certificates.filter(kind=draft.kind, title=draft.title, issued_on=draft.issued_on)
    if twin.exclude(pk=existing.pk if existing else 0).exists():
        problems.append(at(place, "issued_on", "certificate.twice", code=person.code))
    return problems


def verify_certificate(scope: Scope, certificate: Certificate) -> None:
    """The office has seen the original; nobody verifies their own."""
    require_edit_of(scope, certificate.person)
    if scope.person_id == certificate.person_id:
        raise RefusedError.of("certificate.own")
    with recording(scope, "people.certificate", str(certificate)) as recorder:
        recorder.update(certificate, verified_by_id=scope.user_id, verified_on=today())


def remove_certificate(scope: Scope, certificate: Certificate) -> None:
    """Remove one entered by mistake; can be undone."""
    require_edit_of(scope, certificate.person)
    with recording(scope, "people.certificate", str(certificate)) as recorder:
        recorder.delete(certificate)


def set_grade(scope: Scope, person: Person, skill: Skill, grade: int | None) -> None:
    """How well somebody does something; None takes it away."""
    with recording(scope, "people.skill", f"{person.code} {person.name}") as recorder:
        write_grade(recorder, person, skill, grade)


def write_grade(recorder: Recorder, person: Person, skill: Skill, grade: int | None) -> None:
    """Within a recorder."""
    require_edit_of(recorder.scope, person)
    held = PersonSkill.objects.filter(person=person, skill=skill).first()
    if held and grade is None:
        recorder.delete(held)
    elif held:
        recorder.update(held, grade=grade)
    elif grade is not None:
        recorder.create(PersonSkill(person=person, skill=skill, grade=grade))


def save_stand_in(
    scope: Scope, person: Person, deputy: Person, *, place: str, starts_on: date, ends_on: date | None = None
) -> StandIn:
    """B stands in for A from a day on; an earlier B at the same place ends the day before."""
    require_edit_of(scope, person)
    if person.pk == deputy.pk:
        raise RefusedError.of("stand_in.oneself", Place(key="deputy"))
    if ends_on and ends_on < starts_on:
        raise RefusedError.of("posting.ends_before_start", Place(key="ends_on"), person=person.code)
    with recording(scope, "people.stand_in", f"{person.name} ← {deputy.name}") as recorder:
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        _end_earlier(recorder, person, place, starts_on)
        made = StandIn(person=person, deputy=deputy, place=place, starts_on=starts_on, ends_on=ends_on)
        recorder.create(made)
    return made


def _end_earlier(recorder: Recorder, person: Person, place: str, day: date) -> None:
    from minping_web.people.selectors.postings import day_before

    for earlier in person.stand_ins.filter(place=place):
        if earlier.ends_on is None or earlier.ends_on >= day:
            if earlier.starts_on >= day:
                recorder.delete(earlier)
            else:
                recorder.update(earlier, ends_on=day_before(day))


def tick_handover(scope: Scope, handover: Handover, done: dict[int, tuple[bool, str]]) -> None:
    """Which matters were passed on, with notes; closed handovers do not change."""
    _require_side(scope, handover)
    if handover.closed:
        raise RefusedError.of("handover.closed")
    with recording(scope, "people.handover", str(handover), area_path=handover.area.path) as recorder:
        for item in handover.items.filter(number__in=done):
            ticked, note = done[item.number]
            recorder.update(item, done=ticked, note=note)


@transaction.atomic
def confirm_handover(scope: Scope, handover: Handover, side: str) -> None:
    """`giver` or `taker` confirms; each for themselves, the office for whoever has no account.

    Nobody confirms both sides. A confirmation is a signature: it is not undone.
    """
    locked = (
        Handover.objects.select_for_update(of=("self",))
        .select_related("giver", "taker", "area")
        .get(pk=handover.pk)
    )
    person = locked.giver if side == "giver" else locked.taker
    if person is None:
        raise RefusedError.of("handover.no_taker")
    _require_signature(scope, locked, person)
    if side == "giver":
        locked.giver_confirmed_at = locked.giver_confirmed_at or now()
    else:
        locked.taker_confirmed_at = locked.taker_confirmed_at or now()
    locked.save(update_fields=["giver_confirmed_at", "taker_confirmed_at"])


def _require_side(scope: Scope, handover: Handover) -> None:
    own = scope.person_id is not None and scope.person_id in (handover.giver_id, handover.taker_id)
    if not own:
        scope.require(EDIT, handover.area.path)


def _require_signature(scope: Scope, handover: Handover, person: Person) -> None:
    if scope.person_id == person.pk:
        return
    if scope.person_id in (handover.giver_id, handover.taker_id) and scope.person_id is not None:
        raise RefusedError.of("handover.other_side")
    scope.require(EDIT, handover.area.path)
    if person.user_id is not None and person.left_on is None:
        raise RefusedError.of("handover.signs_alone", Place(), name=person.name)


def ask_correction(scope: Scope, about: str, text: str) -> CorrectionRequest:
    """A worker asks; the office of the area answers."""
    scope.require(OWN)
    if scope.person_id is None:
        raise PermissionDenied(OWN)
    if not text.strip():
        raise RefusedError.of("correction.empty", Place(key="text"))
    return CorrectionRequest.objects.create(
        person_id=scope.person_id, about=about, text=text.strip(), asked_at=now()
    )


@transaction.atomic
def answer_correction(scope: Scope, request: CorrectionRequest, *, corrected: bool, answer: str) -> None:
    """The office's answer, once; a refusal needs its reason, and nobody answers their own request."""
    locked = (
        CorrectionRequest.objects.select_for_update(of=("self",)).select_related("person").get(pk=request.pk)
    )
    require_edit_of(scope, locked.person)
    problems = []
    if locked.state != CorrectionRequest.State.OPEN:
        problems.append(Problem("correction.answered"))
    if scope.person_id == locked.person_id:
        problems.append(Problem("correction.own"))
    if not answer.strip():
        problems.append(Problem("correction.no_answer", Place(key="answer")))
    if problems:
        raise RefusedError(problems)
    locked.state = CorrectionRequest.State.CORRECTED if corrected else CorrectionRequest.State.DECLINED
    locked.answer, locked.answered_by_id, locked.answered_at = answer.strip(), scope.user_id, now()
    locked.save()
