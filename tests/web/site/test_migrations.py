"""Migrations with data in the tables: nothing is lost on the way back and forth, the guards stand again."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Unit, UnitContact
from minping_web.people.models import Person, Posting
from tests.web.factories import SmallDistrict, scope_with
from tests.web.frames import factory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
FIRST = [("people", "0001_initial"), ("frames", "0001_initial")]


def _migrate(targets: list[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(targets)


def _latest() -> list[tuple[str, str]]:
    """All of them: the way back takes along whatever was built on these two."""
    return list(MigrationExecutor(connection).loader.graph.leaf_nodes())


def _rows() -> dict[str, int]:
    with entered(system_scope()):
        counted = (Unit, UnitContact, Posting)
        return {model.__name__: model.objects.count() for model in counted}


def _post(person: Person, district: SmallDistrict, day: date) -> Posting:
    return Posting.objects.create(person=person, area=district.responsibility_areas[0], starts_on=day)


@pytest.fixture
def full(district: SmallDistrict) -> SmallDistrict:
    """Households and a posting."""
    bureau = scope_with("district_bureau", area=district.district)
    with entered(bureau):
        factory.frame(bureau, district.responsibility_areas)
    _post(Person.objects.create(code="W1", name="试验员"), district, date(2026, 1, 1))
    return district


@pytest.mark.deep
def test_rows_survive_the_way_back_and_forth(full: SmallDistrict) -> None:
    before = _rows()
    try:
        _migrate(FIRST)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM people_posting")
            assert cursor.fetchone()[0] == before["Posting"]
    finally:
        _migrate(_latest())
    assert before["Unit"] > 0
    assert _rows() == before


@pytest.mark.deep
def test_the_guards_stand_again_after_the_way_back_and_forth(full: SmallDistrict) -> None:
    """S10: a second owner is refused by the database itself; households hide outside a scope."""
    _migrate(FIRST)
    _migrate(_latest())
    other = Person.objects.create(code="W2", name="另一人")
    with pytest.raises(DatabaseError), transaction.atomic():
        _post(other, full, date(2026, 6, 1))
    if connection.vendor == "postgresql":
        assert Unit.objects.count() == 0
