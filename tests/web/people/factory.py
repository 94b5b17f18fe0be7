"""Invented people and postings."""

from __future__ import annotations

from datetime import date
from itertools import count

from minping_web.people.models import Person, Posting
from minping_web.places.models import Area
from tests.web.factories import area

_numbers = count(1)
LONG_AGO = date(2024, 1, 1)


def person(name: str = "张试验", **values: object) -> Person:
    """Somebody who joined long ago."""
    code = values.pop("code", None) or f"S{next(_numbers):05d}"
    return Person.objects.create(code=code, name=name, **{"started_on": LONG_AGO, **values})


def posting(who: Person, where: Area, role: str = "responsible", **values: object) -> Posting:
    """Posted since long ago."""
    return Posting.objects.create(person=who, area=where, role=role, **{"starts_on": LONG_AGO, **values})


def crowd(community: Area, size: int) -> list[Person]:
    """Many people: the first thirty own an area with 400 households each, the others are deputies there."""
    fields = [area("responsibility_area", f"{n}号责任田", community, households=400) for n in range(30)]
    people = Person.objects.bulk_create(
        Person(code=f"C{next(_numbers):05d}", name=f"测试{n}", started_on=LONG_AGO) for n in range(size)
    )
    Posting.objects.bulk_create(
        Posting(
            person=one, area=fields[n % 30], role="responsible" if n < 30 else "deputy", starts_on=LONG_AGO
        )
        for n, one in enumerate(people)
    )
    return people
