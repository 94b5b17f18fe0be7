"""Headings taken apart, and the roles their words propose."""

from __future__ import annotations

import pyarrow as pa
import pytest

from minping_engine.snapshot.importing.guess.candidates import RoleColumns, role_of, sort_by_role
from minping_engine.snapshot.importing.guess.columns import look, read_heading
from minping_engine.snapshot.importing.guess.footers import find_footers
from minping_engine.snapshot.importing.guess.outcome import Findings
from minping_engine.snapshot.importing.guess.roles import choose_household, choose_target
from minping_engine.snapshot.importing.guess.times import answered_twice, choose_time


def columns(found: Findings, **values: list[str]) -> RoleColumns:
    rows = pa.table({name: pa.array(texts, pa.large_string()) for name, texts in values.items()})
    return sort_by_role(rows, look(rows), found)


def codes(found: Findings) -> list[str]:
    return [problem.code for problem in found.problems]


@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("3、您对社工满意吗？", "您对社工满意吗?", 3),
        ("第三题 您对社工满意吗", "您对社工满意吗", 3),
        ("G01Q03", "", 3),
        ("G02Q11. 您对社工满意吗", "您对社工满意吗", 11),
        ("Q3_态度", "态度", 3),
        ("service/q3", "", 3),
        ("行为题 / 提供服务", "提供服务", None),
        ("GRID. 请填写网格", "请填写网格", None),
        ("2019年满意度", "2019年满意度", None),
    ],
)
def test_a_heading_is_split_into_number_and_text(name: str, text: str, number: int | None) -> None:
    heading = read_heading(name)

    assert (heading.text, heading.number) == (text, number)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("1、您家所在的网格编号：", "grid"),
        ("attribute_1 (网格)", "grid"),
        ("被评社工编号", "worker_id"),
        ("被评社工", "worker_name"),
        ("社工电话", "personal"),
        ("受访户编号", "household_id"),
        ("户数", "eligible"),
        ("被访人电话", "phone"),
        ("坐席工号", "interviewer"),
        ("结束答题时间", "time_done"),
        ("录入时间", "time_entry"),
        ("所用时间", "platform"),
        ("Date 日期", "time_done"),
        ("来源", "opened_from"),
        ("身份证号", "personal"),
        ("天气", ""),
    ],
)
def test_the_words_of_a_heading_propose_its_role(name: str, role: str) -> None:
    rows = pa.table({name: pa.array(["x", "y"], pa.large_string())})

    assert role_of(look(rows)[0]) == role


def test_two_names_of_the_same_target_are_one_target() -> None:
    found = Findings()
    both = columns(found, 网格编号=["a", "a", "b", "b"], 网格代码=["1", "1", "2", "2"])

    assert choose_target(both, found)["target"] == "网格编号"
    assert codes(found) == []


def test_a_grid_with_two_workers_leaves_open_who_is_rated() -> None:
    found = Findings()
    both = columns(found, 网格编号=["a", "a", "b", "b"], 社工编号=["1", "2", "3", "3"])

    assert choose_target(both, found) == {}
    assert codes(found) == ["guess.two_candidates"]


def test_a_worker_of_several_grids_is_assessed_through_them() -> None:
    found = Findings()
    both = columns(found, 网格编号=["a", "a", "b", "b"], 社工编号=["1", "1", "1", "1"])

    assert choose_target(both, found) == {"target": "网格编号", "assessee": "社工编号"}


def test_a_column_that_differs_in_every_row_is_no_target() -> None:
    found = Findings()

    assert choose_target(columns(found, 网格=["a", "b", "c", "d"]), found) == {}
    assert codes(found) == ["guess.no_target"]


def test_the_telephone_tells_households_apart_only_if_nothing_else_does() -> None:
    found = Findings()

    assert choose_household(columns(found, 户号=["1", "2"], 手机号=["8", "9"]), found) == ("户号",)
    assert choose_household(columns(found, 手机号=["8", "9"]), found) == ("手机号",)


def test_building_and_room_together_name_a_household() -> None:
    found = Findings()

    assert choose_household(columns(found, 楼栋=["1", "2"], 房号=["101", "102"]), found) == ("楼栋", "房号")


def test_a_household_answered_twice_if_target_and_household_come_again() -> None:
    rows = pa.table({"t": ["a", "a", "b"], "h": ["1", "1", "1"], "n": ["7", "7", "8"]})

    assert answered_twice(rows, ["t", "h"], None)
    assert not answered_twice(rows, ["t", "h"], "n")


def test_two_times_are_refused_only_where_a_time_matters() -> None:
    times = {"访问时间": ["2019-02-01", "2019-02-02"], "填写时间": ["2019-02-03", "2019-02-03"]}
    doubtful, harmless = Findings(), Findings()

    assert choose_time(columns(doubtful, **times), doubtful, matters=True) is None
    assert codes(doubtful) == ["guess.two_candidates"]
    assert choose_time(columns(harmless, **times), harmless, matters=False) == "访问时间"


def test_a_date_whose_day_and_month_cannot_be_told_apart_is_refused() -> None:
    found = Findings()

    assert choose_time(columns(found, 日期=["03/04/2019", "05/06/2019"]), found, matters=True) is None
    assert codes(found) == ["guess.dates_unclear"]


def test_the_only_column_of_dates_is_the_time_whatever_it_is_called() -> None:
    found = Findings()

    assert choose_time(columns(found, 何时=["2019-02-01", "2019-02-02"]), found, matters=True) == "何时"


def test_a_total_row_is_found_and_a_ballot_that_says_total_is_not() -> None:
    rows = pa.table(
        {
            "序号": ["1", "2", "3", "合计"],
            "网格": ["a", "a", "b", None],
            "户号": ["1", "2", "3", None],
            "意见": ["合计", None, None, None],
            "答": ["是", "否", "是", None],
        },
        pa.schema([(name, pa.large_string()) for name in ("序号", "网格", "户号", "意见", "答")]),
    )

    assert [(where.column, where.not_) for where in find_footers(rows)] == [("序号", ("合计",))]
