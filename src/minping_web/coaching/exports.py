"""Plans, causes, effects, seats, stories and pledges as tables to download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minping_web.coaching.models import CoachingPlan, Course, Enrolment, OtherCause, Pledge, ServiceStory
from minping_web.coaching.selectors.effects import Judged
from minping_web.common.tabular import Column, TableSpec

PLANS = TableSpec(
    "coaching-plans",
    "帮带计划",
    "Coaching plans",
    (
        Column("name", "姓名/名称", "Name"),
        Column("area", "所在区域", "Place"),
        Column("level", "帮带层级", "Who helps"),
        Column("state", "状态", "State"),
        Column("why", "缘由", "Why"),
        Column("partner", "结对同事", "Experienced colleague"),
        Column("starts_on", "开始日期", "First day"),
        Column("ends_on", "结束日期", "Last day"),
        Column("steps", "事项数", "Steps"),
        Column("done", "已完成", "Done"),
        Column("minutes", "合计分钟", "Minutes"),
        Column("ended_as", "结果", "Result"),
    ),
    key=("name", "starts_on"),
)

CAUSES = TableSpec(
    "coaching-causes",
    "非工作者本人原因",
    "Causes that are not the workers'",
    (
        Column("area", "区域", "Place"),
        Column("text", "事项", "Matter"),
        Column("organisation", "责任单位", "Whose it is"),
        Column("state", "状态", "State"),
        Column("answer", "答复", "Answer"),
        Column("noted_on", "记录日期", "Noted on"),
    ),
    key=("area", "text"),
)

EFFECTS = TableSpec(
    "coaching-effects",
    "帮带成效",
    "Whether help helped",
    (
        Column("name", "姓名/名称", "Name"),
        Column("area", "所在区域", "Place"),
        Column("began", "帮带开始", "Help began"),
        Column("expected", "同类预计变化", "Expected change of like workers"),
        Column("observed", "实际变化", "Observed change"),
        Column("difference", "相差", "Difference"),
        Column("low", "区间下限", "Interval from"),
        Column("high", "区间上限", "Interval to"),
        Column("verdict", "结论", "Verdict"),
    ),
    key=("name", "began"),
)

COURSE_LIST = TableSpec(
    "courses",
    "培训课程",
    "Courses",
    (
        Column("code", "课程编号", "Code"),
        Column("title", "课程名称", "Title"),
        Column("level", "层次", "For whom"),
        Column("scheme_id", "考核方案", "Scheme"),
        Column("dimensions", "对应题目", "Questions"),
        Column("starts_on", "开始日期", "First day"),
        Column("ends_on", "结束日期", "Last day"),
        Column("held_at", "地点", "Where"),
        Column("seats", "名额", "Seats"),
        Column("minutes", "时长（分钟）", "Minutes"),
        Column("area", "面向区域编号", "Held for"),
    ),
    key=("code",),
)

SEATS = TableSpec(
    "course-seats",
    "课程名单",
    "Seats in a course",
    (
        Column("code", "工号", "Staff number"),
        Column("name", "姓名", "Name"),
        Column("state", "状态", "State"),
    ),
    key=("code",),
)

STORIES = TableSpec(
    "service-stories",
    "服务故事",
    "Service stories",
    (
        Column("person", "姓名", "Name"),
        Column("happened_on", "日期", "When"),
        Column("title", "标题", "Title"),
        Column("text", "内容", "Story"),
        Column("state", "状态", "State"),
    ),
    key=("person", "happened_on", "title"),
)

PLEDGES = TableSpec(
    "pledges",
    "履职承诺",
    "Pledges",
    (
        Column("person", "姓名", "Name"),
        Column("year", "年度", "Year"),
        Column("text", "承诺", "Pledge"),
        Column("statement", "年度述职", "Yearly statement"),
    ),
    key=("person", "year"),
)


def plan_rows(plans: Iterable[CoachingPlan]) -> Iterator[dict[str, object]]:
    """One row per plan; what was said in the talk is not exported."""
    for one in plans:
        yield {
            "name": one.name,
            "area": one.area.name if one.area else "",
            "level": one.get_level_display(),
            "state": one.get_state_display(),
            "why": " ".join(one.why),
            "partner": one.partner.name if one.partner else "",
            "starts_on": one.starts_on,
            "ends_on": one.ended_on or one.ends_on,
            "steps": one.all_steps,  # type: ignore[attr-defined]
            "done": one.done_steps,  # type: ignore[attr-defined]
            "minutes": one.all_minutes or 0,  # type: ignore[attr-defined]
            "ended_as": one.get_ended_as_display(),
        }


def cause_rows(causes: Iterable[OtherCause]) -> Iterator[dict[str, object]]:
    """For departments: place and matter, no worker."""
    for one in causes:
        yield {
            "area": one.area.name if one.area else "",
            "text": one.text,
            "organisation": one.organisation.name if one.organisation else "",
            "state": one.get_state_display(),
            "answer": one.answer,
            "noted_on": one.noted_at.date(),
        }


def effect_rows(judged: Iterable[Judged]) -> Iterator[dict[str, object]]:
    """Each plan with its interval; who cannot be judged has the reason in place of a verdict."""
    for one in judged:
        found = one.effect.difference
        numbers = (
            (found.expected_change, found.observed_change, found.value, found.low, found.high)
            if found
            else (None,) * 5
        )
        names = ("expected", "observed", "difference", "low", "high")
        yield {
            "name": one.plan.name,
            "area": one.plan.area.name if one.plan.area else "",
            "began": one.plan.starts_on,
            **{
                name: "" if value is None else round(value, 2)
                for name, value in zip(names, numbers, strict=True)
            },
            "verdict": one.words[0],
        }


def course_rows(courses: Iterable[Course]) -> Iterator[dict[str, object]]:
    """As the import reads them."""
    for one in courses:
        yield {
            "code": one.code,
            "title": one.title,
            "level": one.get_level_display(),
            "scheme_id": one.scheme_id,
            "dimensions": one.dimensions,
            "starts_on": one.starts_on,
            "ends_on": one.ends_on,
            "held_at": one.held_at,
            "seats": one.seats,
            "minutes": one.minutes,
            "area": one.area.code if one.area else "",
        }


def seat_rows(seats: Iterable[Enrolment]) -> Iterator[dict[str, object]]:
    """Who has a seat."""
    for one in seats:
        yield {"code": one.person.code, "name": one.person.name, "state": one.get_state_display()}


def story_rows(stories: Iterable[ServiceStory]) -> Iterator[dict[str, object]]:
    """One row per story."""
    for one in stories:
        yield {
            "person": one.person.name,
            "happened_on": one.happened_on,
            "title": one.title,
            "text": one.text,
            "state": one.get_state_display(),
        }


def pledge_rows(pledges: Iterable[Pledge]) -> Iterator[dict[str, object]]:
    """One row per pledge."""
    for one in pledges:
        yield {"person": one.person.name, "year": one.year, "text": one.text, "statement": one.statement}
