"""The list of choices counts grids and people apart: joined, a district's would make a million rows each."""

from __future__ import annotations

import pytest

from minping_web.choices.models import TwoWayChoice
from minping_web.choices.selectors.choices import with_sizes
from tests.web.choices.factory import street_of

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_grids_and_people_are_counted_without_multiplying(monkeypatch: pytest.MonkeyPatch) -> None:
    made = street_of(monkeypatch, ("甲", "乙"), post=False)
    rows = with_sizes(TwoWayChoice.objects.filter(pk=made.choice.pk))
    assert [(one.n_grids, one.n_people) for one in rows] == [(3, 2)]
    assert " JOIN " not in str(rows.query)
