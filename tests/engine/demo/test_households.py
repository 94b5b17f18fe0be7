"""What each household answers is what the simulated quarter recorded of those that it drew."""

from __future__ import annotations

import numpy as np
import pytest

from minping_engine.demo import DemoParameters, answers_of_households, make_district
from minping_engine.demo.quarters import simulate_quarter
from minping_engine.demo.response import MODES
from minping_engine.errors import InputError
from minping_engine.terms import Disposition

LAST, NUMBER = "2020Q4", 7


def test_drawn_households_answer_as_in_the_simulation() -> None:
    district = make_district(DemoParameters.small(), 1)
    told, drawn = answers_of_households(district, LAST), simulate_quarter(district, NUMBER)
    asked = drawn.contacts.household[drawn.contacts.ballots]
    assert asked.size > 1000
    assert np.array_equal(told.codes[asked], drawn.codes)
    assert np.array_equal(told.usable[asked], drawn.usable)
    assert np.array_equal(told.mode[asked], np.array([mode.value for mode in MODES])[drawn.mode])
    assert ((told.disposition == Disposition.COMPLETE) == told.usable).all()


def test_comments_are_a_share_of_households_and_change_no_answer() -> None:
    district = make_district(DemoParameters.small(), 1)
    silent, talking = (answers_of_households(district, LAST, commenting=share) for share in (0.0, 0.1))
    assert not silent.comments
    assert 0.08 < len(talking.comments) / talking.usable.size < 0.12
    assert np.array_equal(silent.codes, talking.codes)
    assert all(theme and text for theme, text in talking.comments.values())


def test_a_quarter_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError):
        answers_of_households(make_district(DemoParameters.small(), 1), "2031Q1")
