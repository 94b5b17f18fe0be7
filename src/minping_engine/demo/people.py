"""Who is posted where in which quarter: community workers and their moves.

In: parameters, places, seed. Out: `Staff`: people, and per quarter the postings with shares of
the quarter in per mille. Moves are seeded: exchanges and replacements at the turn of a quarter
or inside it, and now and then a gap with nobody posted. The story worker stays. Effects of the
people are drawn in `effects`; a worker hired is as good as one who left (see there).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from minping_engine.demo.names import STORY_NAME, invented_names
from minping_engine.demo.parameters import QUARTERS, DemoParameters
from minping_engine.demo.places import Places
from minping_engine.demo.streams import Purpose, stream

MILLE = 1000
MARGIN_DAYS = 15


@dataclass(frozen=True)
class Posting:
    """A person on a target during (part of) one quarter; `to_day` None = stays on."""

    target: int
    person: int
    from_day: date
    to_day: date | None
    share: int


@dataclass(frozen=True)
class Hire:
    """Somebody new on a target in a quarter, and who left it."""

    quarter: int
    new: int
    left: int


@dataclass(frozen=True, eq=False)
class Staff:
    """All people ever posted, postings by quarter, hires in order."""

    names: tuple[str, ...]
    postings: tuple[tuple[Posting, ...], ...]
    hires: tuple[Hire, ...]
    story: int

    def person_id(self, person: int) -> str:
        """W0001 for person 0."""
        return f"W{person + 1:04d}"


def quarter_days(quarter: str) -> tuple[date, date]:
    """First and last day of e.g. 2019Q1."""
    year, number = int(quarter[:4]), int(quarter[5])
    first = date(year, 3 * number - 2, 1)
    after = date(year + number // 4, 3 * number % 12 + 1, 1)
    return first, after - timedelta(days=1)


@dataclass
class _Desk:
    """Where postings stand while the quarters are walked through."""

    places: Places
    rng: np.random.Generator
    holder: list[int]
    since: list[date]
    hires: list[Hire] = field(default_factory=list)
    ended: dict[int, list[tuple[int, date, date]]] = field(default_factory=dict)

    def hire(self, quarter: int, target: int) -> int:
        new = len(self.places.area_ids) + len(self.hires)
        self.hires.append(Hire(quarter, new, self.holder[target]))
        return new

    def hand_over(self, target: int, person: int, day: date, *, gap_days: int = 0) -> None:
        """`person` takes `target` on `day`; who held it stops `gap_days` earlier."""
        last = day - timedelta(days=gap_days + 1)
        self.ended[target] = [(self.holder[target], self.since[target], last)]
        self.holder[target], self.since[target] = person, day


def make_staff(parameters: DemoParameters, places: Places, seed: int) -> Staff:
    """People and postings of all quarters."""
    start = quarter_days(QUARTERS[0])[0]
    desk = _Desk(places, stream(seed, Purpose.MOVES), list(range(places.n)), [start] * places.n)
    quarters = tuple(_walk_quarter(parameters, desk, number) for number in range(len(QUARTERS)))
    names = list(invented_names(places.n + len(desk.hires), seed))
    names[places.story] = STORY_NAME
    return Staff(tuple(names), quarters, tuple(desk.hires), places.story)


def _walk_quarter(parameters: DemoParameters, desk: _Desk, quarter: int) -> tuple[Posting, ...]:
    first, last = quarter_days(QUARTERS[quarter])
    moves = max(1, round(parameters.move_share * desk.places.n))
    queue = _queue(desk)
    if quarter:
        for _ in range(round(0.2 * moves)):
            _exchange(desk, queue, first)
        for target in _take(queue, round(0.3 * moves)):
            desk.hand_over(target, desk.hire(quarter, target), first)
    desk.ended.clear()
    for _ in range(max(1, round(0.1 * moves))):
        _exchange(desk, queue, _day_inside(desk, first, last))
    for target in _take(queue, max(1, round(0.1 * moves))):
        desk.hand_over(target, desk.hire(quarter, target), _day_inside(desk, first, last))
    for target in _take(queue, round(0.05 * moves)):
        gap = int(desk.rng.integers(10, 35))
        day = max(_day_inside(desk, first, last), first + timedelta(days=gap + MARGIN_DAYS))
        desk.hand_over(target, desk.hire(quarter, target), min(day, last), gap_days=gap)
    return tuple(_postings(desk, first, last))


def _queue(desk: _Desk) -> dict[int, list[int]]:
    """Targets that may move, shuffled, by community in shuffled order; the story's area never."""
    queue: dict[int, list[int]] = defaultdict(list)
    for target in desk.rng.permutation(desk.places.n).tolist():
        if target != desk.places.story:
            queue[int(desk.places.community[target])].append(target)
    return queue


def _take(queue: dict[int, list[int]], count: int) -> list[int]:
    """One target each of `count` communities, which leave the queue."""
    return [queue.pop(community).pop() for community in list(queue)[:count]]


def _exchange(desk: _Desk, queue: dict[int, list[int]], day: date) -> None:
    """Two workers of one community change places."""
    if not queue:
        return
    one, other = queue.pop(next(iter(queue)))[:2]
    here, there = desk.holder[one], desk.holder[other]
    desk.hand_over(one, there, day)
    desk.hand_over(other, here, day)


def _day_inside(desk: _Desk, first: date, last: date) -> date:
    span = (last - first).days - 2 * MARGIN_DAYS
    return first + timedelta(days=MARGIN_DAYS + int(desk.rng.integers(span)))


def _postings(desk: _Desk, first: date, last: date) -> list[Posting]:
    days = (last - first).days + 1
    rows: list[Posting] = []
    for target, (person, since) in enumerate(zip(desk.holder, desk.since, strict=True)):
        used, gap = 0, 0
        for former, start, end in desk.ended.get(target, []):
            share = round(MILLE * ((end - max(start, first)).days + 1) / days)
            gap = round(MILLE * ((since - end).days - 1) / days)
            rows.append(Posting(target, former, start, end, share))
            used += share
        rows.append(Posting(target, person, since, None, MILLE - used - gap))
    return rows
