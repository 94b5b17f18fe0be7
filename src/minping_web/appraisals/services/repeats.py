"""A rater counts once: what a workbook brings of raters who were called, and of whom nobody called.

In: rows of a workbook with their places, the calls of the round. Out: numbers by group, problems that name
row and column. A call is the list of its raters: a number that is not on it is refused, and whoever handed in
marks already stands in the way until two persons agree that the paper takes their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from minping_engine.assessment import BookRow
from minping_engine.errors import Problem
from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.selectors.paper import told_rater
from minping_web.rounds.models import SurveyRound

RATER = "rater"
Numbers = dict[str, list[int]]
"""Rater group -> numbers of raters."""


@dataclass(frozen=True)
class Compared:
    """What a workbook's raters are to the calls of its round."""

    numbers: Numbers
    strangers: tuple[Problem, ...]
    """Numbers that nobody was called under."""
    repeats: tuple[Problem, ...]
    """Of raters who handed in marks themselves."""
    repeated: Numbers


def compare(found: SurveyRound, rows: Iterable[BookRow]) -> Compared:
    """Look at every rater of the workbook once, where it stands first."""
    first = _first_rows(rows)
    calls = {call.group: call for call in RaterCall.objects.filter(round=found)}
    strangers, repeats, repeated = list[Problem](), list[Problem](), Numbers()
    for group, call in calls.items():
        called = _called(call)
        for number, row in first.get(group, {}).items():
            rater = called.get(number)
            if rater is None:
                strangers.append(Problem("appraisal.rater_not_called", row.at(RATER), {"number": number}))
            elif rater.handed_in_at is not None:
                who: dict[str, object] = {"who": told_rater(rater)}
                repeats.append(Problem("appraisal.rater_repeats", row.at(RATER), who))
                repeated.setdefault(group, []).append(number)
    numbers = {group: sorted(some) for group, some in first.items()}
    return Compared(numbers, tuple(strangers), tuple(repeats), repeated)


def _first_rows(rows: Iterable[BookRow]) -> Mapping[str, dict[int, BookRow]]:
    found: dict[str, dict[int, BookRow]] = {}
    for row in rows:
        if row.group and isinstance(row.values.get(RATER), int):
            found.setdefault(row.group, {}).setdefault(row.values[RATER], row)
    return found


def _called(call: RaterCall) -> dict[int, CalledRater]:
    rows = CalledRater.objects.filter(call=call).select_related("user").defer("sheet")
    return {rater.number: rater for rater in rows}


def all_agreed(compared: Compared, agreed: Mapping[str, list[int]]) -> bool:
    """Whether two persons decided on everybody whom the workbook repeats by now."""
    return all(set(numbers) <= set(agreed.get(group, ())) for group, numbers in compared.repeated.items())


def told(found: SurveyRound, agreed: Mapping[str, list[int]]) -> Iterator[str]:
    """Names and numbers of raters whose marks would be replaced; the second person reads them."""
    for call in RaterCall.objects.filter(round=found, group__in=list(agreed)):
        called = _called(call)
        yield from (told_rater(called[number]) for number in agreed[call.group] if number in called)
