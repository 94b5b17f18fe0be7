"""Rows of exports; no work phones, no full certificate numbers.

What can be brought back has the columns of its import; lists that follow from others have tables here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from minping_web.common.tabular import Column, TableSpec, day, text, whole
from minping_web.people.models import (
    Certificate,
    CorrectionRequest,
    Handover,
    Person,
    PersonSkill,
    Posting,
)
from minping_web.people.rules import (
    CERTIFICATE_WORDS,
    GRADE_WORDS,
    KIND_WORDS,
    ROLE_WORDS,
    mask_shown,
    word_of,
)
from minping_web.people.selectors import OwnerLoad
from minping_web.places.models import Area

VACANCIES = TableSpec(
    "vacancies", "空缺区域", "Vacant areas",
    (
        Column("code", "编号", "Code", text(40)),
        Column("name", "名称", "Name", text(100)),
        Column("level", "层级", "Level", text(40)),
        Column("lies_in", "所在区域", "Lies in", text(200)),
        Column("households", "户数", "Households", whole(0, 10_000_000)),
    ),
)  # fmt: skip
LOADS = TableSpec(
    "loads", "负荷", "Load",
    (
        Column("person", "工号", "Staff number", text(40)),
        Column("name", "姓名", "Name", text(100)),
        Column("areas", "责任区域", "Areas", text(2000)),
        Column("households", "户数", "Households", whole(0, 10_000_000)),
        Column("uncounted", "未统计户数的区域数", "Areas without a count", whole(0, 10_000)),
        Column("band", "对照标准", "Against the rule", text(20)),
    ),
)  # fmt: skip
HANDOVERS = TableSpec(
    "handovers", "工作交接", "Handovers",
    (
        Column("area", "区域编号", "Area code", text(40)),
        Column("area_name", "区域", "Area", text(100)),
        Column("giver", "移交人", "Who gives", text(100)),
        Column("taker", "接收人", "Who takes", text(100)),
        Column("day", "生效日期", "Effective on", day()),
        Column("giver_confirmed", "移交人确认", "Confirmed by the giver", day()),
        Column("taker_confirmed", "接收人确认", "Confirmed by the taker", day()),
    ),
)  # fmt: skip
CORRECTIONS = TableSpec(
    "corrections", "更正申请", "Requests for correction",
    (
        Column("asked", "提出日期", "Asked", day()),
        Column("person", "工号", "Staff number", text(40)),
        Column("name", "姓名", "Name", text(100)),
        Column("about", "涉及内容", "About", text(40)),
        Column("text", "申请内容", "What is wrong", text(1000)),
        Column("state", "状态", "State", text(20)),
        Column("answer", "答复", "Answer", text(1000)),
    ),
)  # fmt: skip


def people_rows(queryset: QuerySet[Person], *, english: bool = False) -> Iterator[Mapping[str, object]]:
    """One row per person."""
    for one in queryset.select_related("employer", "position", "profession_rank", "leadership_rank"):
        yield {
            "code": one.code,
            "name": one.name,
            "kind": word_of(KIND_WORDS, one.kind, english=english),
            "employer": one.employer.code if one.employer else None,
            "position": one.position.code if one.position else None,
            "profession_rank": one.profession_rank.code if one.profession_rank else None,
            "leadership_rank": one.leadership_rank.code if one.leadership_rank else None,
            "office_phone": one.office_phone,
            "started_on": one.started_on,
            "left_on": one.left_on,
        }


def posting_rows(queryset: Iterable[Posting], *, english: bool = False) -> Iterator[Mapping[str, object]]:
    """One row per posting."""
    for posting in queryset:
        yield {
            "person": posting.person.code,
            "area": posting.area.code,
            "role": word_of(ROLE_WORDS, posting.role, english=english),
            "starts_on": posting.starts_on,
            "ends_on": posting.ends_on,
            "share_percent": posting.share_percent,
            "talents": posting.talents,
        }


def certificate_rows(
    queryset: Iterable[Certificate], *, english: bool = False
) -> Iterator[Mapping[str, object]]:
    """Numbers masked; brought back, they keep their last signs."""
    for one in queryset:
        yield {
            "person": one.person.code,
            "kind": word_of(CERTIFICATE_WORDS, one.kind, english=english),
            "title": one.title,
            "number": mask_shown(one.number_tail),
            "issued_on": one.issued_on,
            "expires_on": one.expires_on,
        }


def skill_rows(people: QuerySet[Person], *, english: bool = False) -> Iterator[Mapping[str, object]]:
    """One row per person and skill."""
    held = PersonSkill.objects.filter(person__in=people.order_by().values("pk")).select_related(
        "person", "skill"
    )
    for row in held:
        yield {
            "person": row.person.code,
            "skill": row.skill.code,
            "grade": word_of(GRADE_WORDS, row.grade, english=english),
        }


def vacancy_rows(areas: Iterable[Area]) -> Iterator[Mapping[str, object]]:
    """One row per vacant area."""
    for area in areas:
        yield {
            "code": area.code,
            "name": area.name,
            "level": str(area.get_level_display()),
            "lies_in": " ".join(one.name for one in area.around),
            "households": area.households,
        }


def load_rows(loads: Iterable[OwnerLoad]) -> Iterator[Mapping[str, object]]:
    """One row per owner."""
    bands = {"above": _("above"), "within": _("within"), "below": _("below")}
    for load in loads:
        yield {
            "person": load.code,
            "name": load.name,
            "areas": "; ".join(load.areas),
            "households": load.households,
            "uncounted": load.uncounted,
            "band": bands[load.band],
        }


def handover_rows(handovers: Iterable[Handover]) -> Iterator[Mapping[str, object]]:
    """One row per handover."""
    for one in handovers:
        yield {
            "area": one.area.code,
            "area_name": one.area.name,
            "giver": one.giver.name,
            "taker": one.taker.name if one.taker else None,
            "day": one.day,
            "giver_confirmed": localdate(one.giver_confirmed_at) if one.giver_confirmed_at else None,
            "taker_confirmed": localdate(one.taker_confirmed_at) if one.taker_confirmed_at else None,
        }


def correction_rows(requests: Iterable[CorrectionRequest]) -> Iterator[Mapping[str, object]]:
    """One row per request."""
    for one in requests:
        yield {
            "asked": localdate(one.asked_at),
            "person": one.person.code,
            "name": one.person.name,
            "about": str(one.get_about_display()),
            "text": one.text,
            "state": str(one.get_state_display()),
            "answer": one.answer,
        }
