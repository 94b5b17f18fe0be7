"""Tables of a two-way choice to download: grids that are posted, people, the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypedDict

from django.utils.timezone import localtime

from minping_web.choices.models import Candidate, PostedGrid, TwoWayChoice
from minping_web.choices.selectors.qualifications import conditions_of
from minping_web.choices.selectors.results import Result
from minping_web.common.tabular import Column, TableSpec

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

CHOICES = TableSpec(
    "two-way-choices",
    "双向选择",
    "Two-way choices",
    (
        Column("number", "编号", "Number"),
        Column("name", "名称", "Name"),
        Column("area", "区域", "Place"),
        Column("phase", "进展", "Where it stands"),
        Column("grids", "网格数", "Grids"),
        Column("people", "参加人数", "People"),
        Column("choose_until", "人员选择截止", "People choose until"),
        Column("day", "新任职日期", "New postings from"),
    ),
    key=("number",),
)
GRIDS = TableSpec(
    "posted-grids",
    "公布的网格",
    "Posted grids",
    (
        Column("code", "编号", "Code"),
        Column("grid", "网格", "Grid"),
        Column("role", "职责", "Role"),
        Column("seats", "名额", "Seats"),
        Column("households", "户数", "Households"),
        Column("class", "类别", "Class"),
        Column("difficulties", "工作难点", "What is hard there"),
        Column("talents", "所需专长", "Talents wanted"),
        Column("conditions", "条件", "Conditions"),
        Column("owner", "现责任人", "Present owner"),
    ),
)
PEOPLE = TableSpec(
    "people-who-choose",
    "参加人员",
    "People who choose",
    (
        Column("code", "工号", "Staff number"),
        Column("name", "姓名", "Name"),
        Column("kind", "人员类别", "Kind"),
        Column("handed_in", "提交时间", "Handed in"),
    ),
)
RESULT = TableSpec(
    "two-way-choice-result",
    "双向选择结果",
    "Result of the two-way choice",
    (
        Column("code", "工号", "Staff number"),
        Column("name", "姓名", "Name"),
        Column("grid", "网格", "Grid"),
        Column("own", "人员第几志愿", "Choice of the person"),
        Column("their", "网格第几选择", "Choice of the grid"),
        Column("households", "户数", "Households"),
        Column("reason", "说明", "Explanation"),
    ),
)


class Counts(TypedDict):
    """What the query counts for each choice."""

    n_grids: int
    n_people: int


def choice_rows(found: Iterable[WithAnnotations[TwoWayChoice, Counts]]) -> Iterator[dict[str, object]]:
    """One row per choice; `grids` and `people` are counted by the query."""
    for one in found:
        yield {
            "number": one.pk,
            "name": one.name,
            "area": one.area.name,
            "phase": str(one.phase.label),
            "grids": one.n_grids,
            "people": one.n_people,
            "choose_until": f"{localtime(one.choose_until):%Y-%m-%d %H:%M}",
            "day": str(one.takes_effect_on),
        }


def grid_rows(found: Iterable[PostedGrid]) -> Iterator[dict[str, object]]:
    """One row per posted grid."""
    for one in found:
        yield {
            "code": one.area.code,
            "grid": one.placed,
            "role": str(one.get_role_display()),
            "seats": one.seats,
            "households": "" if one.households is None else one.households,
            "class": str(one.area.get_area_class_display()),
            "difficulties": one.difficulties,
            "talents": one.talents,
            "conditions": "; ".join(conditions_of(one)),
            "owner": one.owner.name if one.owner else "",
        }


def people_rows(found: Iterable[Candidate]) -> Iterator[dict[str, object]]:
    """One row per person; lists are nobody's business."""
    for one in found:
        moment = localtime(one.handed_in_at) if one.handed_in_at else None
        yield {
            "code": one.person.code,
            "name": one.person.name,
            "kind": str(one.person.get_kind_display()),
            "handed_in": f"{moment:%Y-%m-%d %H:%M}" if moment else "",
        }


def result_rows(result: Result) -> Iterator[dict[str, object]]:
    """Pairs, then people without a grid with the reason, then open seats."""
    for pair in result.pairs:
        person, grid = pair.candidate.person, pair.grid
        yield {"code": person.code, "name": person.name, "grid": grid.placed, "own": pair.own or "",
               "their": pair.their or "", "households": grid.households or "", "reason": ""}  # fmt: skip
    for left in result.left:
        person = left.candidate.person
        yield {"code": person.code, "name": person.name, "grid": "", "own": "", "their": "",
               "households": "", "reason": " ".join(left.sentences)}  # fmt: skip
    for row in result.open:
        yield {"code": "", "name": "", "grid": row.grid.placed, "own": "", "their": "",
               "households": row.grid.households or "", "reason": row.sentence}  # fmt: skip
