"""Facts that the registers say by themselves: what is counted, and what stays unknown (G2, S71)."""

from __future__ import annotations

from datetime import date

import pytest

from minping_engine.scheme import load_scheme, scheme_ids
from minping_web.appraisals.rules.conflicts import Assessee
from minping_web.appraisals.selectors import known
from minping_web.people.models import Certificate, Person, Posting
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.selectors.tables import person_id
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]
DAY = date(2021, 6, 30)
Kind = Certificate.Kind


def worker(code: str, district: SmallDistrict, *, kind: str = "community_worker") -> Person:
    """Posted to two areas of the first community since 2020."""
    made = Person.objects.create(code=code, name=f"王试{code}", kind=kind)
    for area in district.responsibility_areas[:2]:
        role = "responsible" if code == area.code else "part_time"
        Posting.objects.create(person=made, area=area, role=role, starts_on=date(2020, 1, 1))
    return made


def certificate(person: Person, kind: Kind, *, verified: bool = True, **values: object) -> None:
    """Issued in the period unless told otherwise."""
    told = {"issued_on": date(2021, 3, 1), "number_tail": "0001", **values}
    Certificate.objects.create(person=person, kind=kind, verified_on=DAY if verified else None, **told)


def about(district: SmallDistrict, *people: Person) -> known._About:
    """Everybody and the first community, assessed for the first half of the year."""
    home = district.communities[0]
    place = Assessee(home.code, "community", home.name, home.code, home.name, home.path, home.path)
    listed = [Assessee(person_id(one.pk), "community_worker", one.name, home.code, home.name, home.path,
                       home.path) for one in people]  # fmt: skip
    return known._About(SurveyRound(), {one.id: one for one in (place, *listed)}, date(2021, 1, 1), DAY)


def test_people_of_a_place_count_once_and_whoever_left_or_is_no_worker_does_not(
    district: SmallDistrict,
) -> None:
    """Two workers in two areas each are two; a warden of a company, somebody who has gone and a specialist of
    another community are none."""
    home = district.communities[0]
    home.residents, home.households = 8_000, 3_000
    home.save()
    two = [worker(f"W{n}", district) for n in range(2)]
    worker("W9", district, kind="warden_property")
    gone = worker("W8", district)
    Posting.objects.filter(person=gone).update(ends_on=date(2021, 6, 29))
    elsewhere = Person.objects.create(code="W7", name="王试法", kind="community_worker")
    Posting.objects.create(person=elsewhere, area=district.responsibility_areas[0], role="specialist",
                           starts_on=date(2020, 1, 1), talents="法律")  # fmt: skip
    looked = about(district, *two)
    assert known._posts_filled(looked) == {home.code: "2"}
    assert known._residents(looked) == {home.code: "8000"}
    assert known._team_workers(looked) == dict.fromkeys([home.code, *(person_id(one.pk) for one in two)], "2")


def test_only_a_verified_certificate_that_still_holds_is_said_and_none_is_never_said(
    district: SmallDistrict,
) -> None:
    """The highest of the profession; an expired, unseen or later one and one of another kind are nothing."""
    senior, none = worker("W1", district), worker("W2", district)
    certificate(senior, Kind.ASSISTANT_SOCIAL_WORKER, issued_on=date(2015, 1, 1))
    certificate(senior, Kind.SOCIAL_WORKER)
    certificate(senior, Kind.SENIOR_SOCIAL_WORKER, verified=False)
    certificate(none, Kind.SOCIAL_WORKER, expires_on=date(2021, 5, 1))
    certificate(none, Kind.SENIOR_SOCIAL_WORKER, issued_on=date(2021, 7, 1))
    certificate(none, Kind.FIRST_AID)
    looked, who = about(district, senior, none), person_id(senior.pk)
    assert known._certificate(looked) == {who: "社工师"}
    assert known._new_certificates(looked)[who] == "1"
    assert known._team_certified(looked)[who] == "1"


def test_every_counter_names_a_fact_that_a_shipped_scheme_asks_in_that_unit() -> None:
    """A counter for nothing would rot unseen."""
    schemes = [load_scheme(name, demo=True).scheme for name in scheme_ids()]
    asked = {(fact.id, fact.unit.value) for scheme in schemes for fact in scheme.facts}
    assert {(name, row[0]) for name, row in known.COUNTERS.items()} <= asked
