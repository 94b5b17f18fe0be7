"""Equal seeds make equal demonstrations, but for keys and random values; another seed makes another one."""

from __future__ import annotations

import pytest
from django.db import models, transaction

from minping_web.access.models import Grant
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Frame, Unit
from minping_web.organisations.models import Contract, Organisation
from minping_web.people.models import Certificate, Person, PersonSkill, Posting
from minping_web.places.models import Area
from minping_web.site.demo.units_seed import QUARTER_FRAME
from tests.web.site.test_demo_seed import fill_small

pytestmark = [pytest.mark.deep, pytest.mark.django_db]
REPEATED: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Area, ("code", "name", "parent__code", "households")),
    (Organisation, ("code", "name", "kind")),
    (Contract, ("code", "starts_on", "amount_fen")),
    (Person, ("code", "name", "kind", "position__code", "left_on")),
    (Posting, ("person__code", "area__code", "role", "starts_on", "ends_on")),
    (Certificate, ("person__code", "kind", "issued_on", "expires_on")),
    (PersonSkill, ("person__code", "skill__code", "grade")),
    (Frame, ("name", "root")),
    (Unit, ("frame__name", "house_code", "instrument", "rater", "special")),
    (Grant, ("user__username", "role", "area__code", "organisation__code")),
)


def _rows() -> dict[str, list[tuple[object, ...]]]:
    """What must be equal, without keys of the database."""
    with entered(system_scope()):
        return {
            model.__name__: sorted(model._default_manager.values_list(*fields), key=str)
            for model, fields in REPEATED
        }


def test_equal_seeds_make_equal_rows_and_others_others() -> None:
    found = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            fill_small(seed)
            found.append(_rows())
            transaction.set_rollback(True)
    assert all(found[0].values())
    assert found[0] == found[1]
    assert found[0]["Person"] != found[2]["Person"]
    assert {name for name, root in found[0]["Frame"] if root} == {QUARTER_FRAME}, "equal lists draw alike"
