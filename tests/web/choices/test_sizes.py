"""The list of choices counts grids and people apart: joined, a district's would make a million rows each."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from minping_web.choices.models import TwoWayChoice
from minping_web.choices.selectors.choices import sizes_seen, with_sizes
from minping_web.choices.services.posting import problems_before_posting
from tests.web import factories
from tests.web.choices.factory import street_of
from tests.web.entering import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_grids_and_people_are_counted_without_multiplying(monkeypatch: pytest.MonkeyPatch) -> None:
    made = street_of(monkeypatch, ("甲", "乙"), post=False)
    rows = with_sizes(TwoWayChoice.objects.filter(pk=made.choice.pk))
    assert [(one.n_grids, one.n_people) for one in rows] == [(3, 2)]
    assert " JOIN " not in str(rows.query)


def test_a_draft_of_many_grids_is_checked_in_few_queries_and_tells_the_first_faults(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = street_of(monkeypatch, ("甲", "乙"), post=False)
    made.choice.candidates.all().delete()
    made.choice.grids.update(role="specialist")
    with django_assert_max_num_queries(5):
        found = problems_before_posting(made.choice)
    wanting = [one for one in found if one.code == "choices.talents_missing"]
    assert {one.place.key for one in wanting} == {one.placed for one in made.choice.grids.all()}
    assert sizes_seen(made.office, made.choice) == {
        "grids": 3, "seats": sum(made.choice.grids.values_list("seats", flat=True)), "people": 0,
        "handed_in": 0, "handed_back": 0,
    }  # fmt: skip
    monkeypatch.setattr("minping_web.choices.views.choices.MOST_SHOWN", 1)
    who = factories.user()
    factories.grant(who, "street_staff", area=made.choice.area)
    page = sign_in(Client(), who).get(f"/choices/{made.choice.pk}/").content.decode()
    assert f"另有 {len(found) - 1} 项" in page
