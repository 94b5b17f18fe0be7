"""One quarter seen by household: what each would answer if it were drawn, and by which mode.

In: a district and a quarter's name. Out: `HouseholdAnswers`, arrays in the order of the frame. A house that
has a draw of its own, such as the product's demonstration, asks its households here: they answer as they
do in the simulated quarter, whether or not the simulation drew them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.comments import invented_comment
from minping_engine.demo.district import District, quarter_number
from minping_engine.demo.quarters import MISSING, Contacts, Ints, answers_of_all, work_off
from minping_engine.demo.response import MODES
from minping_engine.demo.streams import Purpose, stream


@dataclass(frozen=True, eq=False)
class HouseholdAnswers:
    """By household of the frame. `mode` is that of the answer, or of the last attempt without one.

    `codes[household, item]`: -1 = left out. `usable`: answered enough for a ballot that counts. `disposition`
    as in the snapshot contract. `comments`: household -> (theme, text), for a small share of them.
    """

    mode: Ints
    usable: NDArray[np.bool_]
    disposition: Ints
    codes: NDArray[np.int16]
    items: tuple[str, ...]
    comments: Mapping[int, tuple[str, str]]


def answers_of_households(district: District, quarter: str, *, commenting: float = 0.0) -> HouseholdAnswers:
    """Everybody's answers in `quarter` (e.g. 2020Q4); `commenting` is the share who add a comment.

    Raises `InputError` for a quarter that the demonstration does not have.
    """
    number = quarter_number(quarter)
    contacts = work_off(district, number)
    codes = district.model.codes_of(answers_of_all(district, number, contacts))
    codes[contacts.missing] = MISSING
    place = np.argsort(contacts.household)
    return HouseholdAnswers(
        mode=np.array([mode.value for mode in MODES])[contacts.mode[place]],
        usable=contacts.usable[place],
        disposition=contacts.disposition[place],
        codes=codes[place],
        items=tuple(item.id for item in district.model.items),
        comments=_comments(district, number, contacts, commenting),
    )


def _comments(
    district: District, number: int, contacts: Contacts, share: float
) -> dict[int, tuple[str, str]]:
    rng = stream(district.seed, Purpose.HOUSEHOLD_COMMENTS, number)
    told = np.flatnonzero(rng.random(contacts.household.size) < share)
    return {int(household): invented_comment(rng) for household in told.tolist()}
