"""Invented ballots of the `gulou-worker` questionnaire: the truth that every layout carries.

In: a seed and a number of rows. Out: `Ballot`s, ten targets in two streets, one vote a household
except for a few second answers (the later one counts). No layout decides anything about answers;
layouts only dress these ballots up. Names, telephones and addresses are made up on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

ITEMS = ("q1", "q2", "q3", "q4", "q5")
YES_NO = {1: "是", 2: "否", 3: "不清楚"}
FIVE_STEPS = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"}
LABELS = {"q1": YES_NO, "q2": YES_NO, "q3": FIVE_STEPS, "q4": FIVE_STEPS, "q5": FIVE_STEPS}
YES_NO_EN = {1: "yes", 2: "no", 3: "not sure"}
FIVE_STEPS_EN = {
    5: "very satisfied",
    4: "satisfied",
    3: "neither",
    2: "dissatisfied",
    1: "very dissatisfied",
}
LABELS_EN = {item: YES_NO_EN if item in ("q1", "q2") else FIVE_STEPS_EN for item in ITEMS}
TEXTS = {
    "q1": "过去三个月，您的网格社工为您或您家提供过社区服务吗？",
    "q2": "过去三个月，您的网格社工主动邀请过您家参加社区活动吗？",
    "q3": "您对网格社工的熟悉和联系方便程度满意吗？",
    "q4": "您对网格社工回应您诉求的及时程度满意吗？",
    "q5": "总的来说，您对网格社工的服务态度和工作效果满意吗？",
}
MODES = ("visit", "phone", "sms")
AGES = ("18-39岁", "40-59岁", "60岁及以上")
STREETS = {"试东街道": ("甲社区", "乙社区", "丙社区"), "试西街道": ("丁社区", "戊社区")}


@dataclass(frozen=True)
class Ballot:
    """One answer sheet as it was given."""

    number: int
    street: str
    community: str
    grid: str
    worker: str
    worker_name: str
    household: str
    answered_at: datetime
    mode: str
    gender: str
    age: str
    answers: tuple[int | None, ...]
    name: str
    phone: str
    address: str

    def answer(self, item: str) -> int | None:
        """Code given to `item`."""
        return self.answers[ITEMS.index(item)]

    def label(self, item: str, labels: dict[str, dict[int, str]] | None = None) -> str:
        """Answer to `item` in words, empty if not answered."""
        code = self.answer(item)
        return "" if code is None else (labels or LABELS)[item][code]


def _places() -> list[tuple[str, str, str, str, str]]:
    places = []
    for street, communities in STREETS.items():
        for community in communities:
            for half in (1, 2):
                number = len(places) + 1
                name = "赵钱孙李周吴郑王冯陈"[number - 1] + "试" + "一二三四五六七八九十"[number - 1]
                places.append((street, community, f"G{number:02d}-{half}", f"W{1000 + 7 * number}", name))
    return places


def make_ballots(seed: int, rows: int = 40, *, repeats: int = 2, missing: bool = True) -> list[Ballot]:
    """`rows` ballots in order of time, `repeats` of them a second answer of the same household."""
    rng = np.random.default_rng(seed)
    places = _places()
    first = [_ballot(rng, number, places[number % len(places)], missing) for number in range(rows - repeats)]
    again = [
        replace(
            ballot,
            number=rows - repeats + index,
            answered_at=ballot.answered_at + timedelta(days=40, minutes=index),
            answers=_answers(rng, missing=False),
        )
        for index, ballot in enumerate(first[3 : 3 + repeats])
    ]
    ballots = sorted(first + again, key=lambda ballot: ballot.answered_at)
    return [replace(ballot, number=number) for number, ballot in enumerate(ballots, start=1)]


def counted(ballots: list[Ballot]) -> list[Ballot]:
    """The ballots that count: the latest of each household for a target."""
    latest = {
        (ballot.grid, ballot.household): ballot for ballot in sorted(ballots, key=lambda b: b.answered_at)
    }
    return list(latest.values())


def _answers(rng: np.random.Generator, *, missing: bool) -> tuple[int | None, ...]:
    yes_no = [int(rng.choice([1, 2, 3], p=[0.6, 0.2, 0.2])) for _ in range(2)]
    steps = [int(rng.choice([5, 4, 3, 2, 1], p=[0.35, 0.25, 0.16, 0.12, 0.12])) for _ in range(3)]
    answers: list[int | None] = [*yes_no, *steps]
    if missing and rng.random() < 0.15:
        answers[int(rng.integers(5))] = None
    return tuple(answers)


def _ballot(
    rng: np.random.Generator, number: int, place: tuple[str, str, str, str, str], missing: bool
) -> Ballot:
    street, community, grid, worker, worker_name = place
    moment = datetime.fromisoformat("2019-02-01T09:00") + timedelta(
        days=int(rng.integers(25)), minutes=int(rng.integers(600)), seconds=int(rng.integers(60))
    )
    building, room = 1 + int(rng.integers(30)), 101 + int(rng.integers(5)) * 100 + int(rng.integers(4))
    return Ballot(
        number=number,
        street=street,
        community=community,
        grid=grid,
        worker=worker,
        worker_name=worker_name,
        household=f"H{20000 + number * 13}",
        answered_at=moment,
        mode=MODES[int(rng.integers(3))],
        gender=("男", "女")[int(rng.integers(2))],
        age=AGES[int(rng.integers(3))],
        answers=_answers(rng, missing=missing),
        name="褚卫蒋沈韩杨朱秦尤许"[int(rng.integers(10))] + "测" + "甲乙丙丁戊己庚辛壬癸"[number % 10],
        phone=f"1380000{1000 + number * 17}",
        address=f"试验路{1 + number % 9}号{building}幢{room}室",
    )
