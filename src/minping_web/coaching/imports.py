"""The table of courses: columns, and how read rows become courses. All faults are told together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Place, Problem
from minping_web.coaching.models import Course
from minping_web.coaching.rules.words import CourseLevel
from minping_web.coaching.selectors.plans import EDIT
from minping_web.coaching.services.courses import write_course
from minping_web.common.changes import Recorder
from minping_web.common.import_flow import Importer
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.tabular import Column, ReadTable, TableSpec, choice, day, text, whole
from minping_web.places.selectors.areas import areas_by_code

LEVEL_WORDS = {
    "基础": CourseLevel.FOUNDATION.value, "提高": CourseLevel.REFRESHER.value,
    "带教": CourseLevel.TEACHING.value, **{level: level for level in CourseLevel.values},
}  # fmt: skip

COURSES = TableSpec(
    "courses",
    "培训课程",
    "Courses",
    (
        Column("code", "课程编号", "Code", text(40), required=True, example="PX-2026-01"),
        Column("title", "课程名称", "Title", text(100), required=True, example="居民诉求当日回应"),
        Column("level", "层次", "For whom", choice(LEVEL_WORDS), required=True, example="基础",
               help_zh="可填：基础、提高、带教。", help_en="foundation, refresher, teaching"),
        Column("scheme_id", "考核方案", "Scheme", text(60), required=True, example="gulou-worker"),
        Column("dimensions", "对应题目", "Questions", text(200), required=True, example="q4 q5",
               help_zh="方案中题目的编号，用空格隔开。",
               help_en="Ids of items of the scheme, with blanks between."),
        Column("starts_on", "开始日期", "First day", day(), required=True, example="2026-11-02"),
        Column("ends_on", "结束日期", "Last day", day(), required=True, example="2026-11-02"),
        Column("held_at", "地点", "Where", text(100), example="区社工培训中心"),
        Column("seats", "名额", "Seats", whole(1, 2000), required=True, example="30"),
        Column("minutes", "时长（分钟）", "Minutes", whole(0, 6000), example="90"),
        Column("area", "面向区域编号", "Held for", text(40),
               help_zh="留空表示面向全区。", help_en="Empty: for the whole district."),
    ),
    key=("code",),
)  # fmt: skip


def apply_courses(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Create and update courses."""
    codes = {str(row.values["code"]) for row in table.rows}
    known = {one.code: one for one in Course.objects.filter(code__in=codes)}
    wanted = {str(row.values["area"]) for row in table.rows if row.values.get("area")}
    areas = areas_by_code(scope, EDIT, wanted)
    problems: list[Problem] = []
    for row in table.rows:
        try:
            values = _values(dict(row.values), areas, row.place)
            write_course(
                scope, recorder, values, existing=known.get(str(row.values["code"])), place=row.place
            )
        except RefusedError as refused:
            problems += refused.problems
        except PermissionDenied:
            problems.append(Problem("coaching.course_not_yours", row.place, {"code": row.values["code"]}))
    if problems:
        raise RefusedError(problems)


def _values(values: dict[str, Any], areas: dict[str, Any], place: Place) -> dict[str, Any]:
    if "area" not in values:
        return _filled(values)
    code = values.pop("area")
    if code and code not in areas:
        params = {"code": code, "what": "区域", "what_en": "area"}
        raise RefusedError(
            [Problem("table.reference_unknown", replace(place, column="面向区域编号"), params)]
        )
    return {**_filled(values), "area": areas.get(str(code)) if code else None}


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """Empty cells as the table of courses keeps them."""
    empty = {"held_at": "", "minutes": 0}
    return {name: empty.get(name, value) if value is None else value for name, value in values.items()}


COURSE_IMPORT = Importer(
    kind="coaching.course",
    spec=COURSES,
    permission=EDIT,
    apply=apply_courses,
    back="coaching:courses",
    title=_("Import courses"),
    lead=_("Courses with the questions that they answer. A code that is there already is changed."),
)
