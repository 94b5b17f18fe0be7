"""XLSForm out and in: ODK's own converter takes what we write, and we name what we cannot take."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from pyxform.xls2xform import convert

from minping_engine.errors import MinpingError, Severity
from minping_engine.scheme import load_scheme, scheme_ids
from minping_web.instruments.exports import xlsform_bytes
from minping_web.instruments.imports import Imported, content_of, read_workbook
from minping_web.instruments.rules.drafting import content_of_scheme
from tests.web.instruments.factory import content

HEAD = ["type", "name", "label::中文 (zh)", "label::English (en)"]
CHOICES = ["list_name", "name", "label::中文 (zh)", "label::English (en)", "points"]
FIVE = [["five", code, zh, en, points] for code, zh, en, points in (
    (5, "非常满意", "very satisfied", 100), (4, "满意", "satisfied", 75), (3, "一般", "neither", 50),
    (2, "不满意", "dissatisfied", 25), (1, "非常不满意", "very dissatisfied", 0))]  # fmt: skip


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def brought(survey: list[list[Any]], *, choices: list[list[Any]] | None = None, **more: Any) -> Imported:
    sheets = {
        "survey": survey,
        "choices": [CHOICES, *(FIVE if choices is None else choices)],
        "settings": more.get("settings", [["form_title", "form_id", "version"], ["测试", "test-form", "3"]]),
    }
    return content_of(read_workbook(workbook(**sheets), "district.xlsx"))


def told(found: Imported) -> set[tuple[str, str, int, str]]:
    return {
        (one.code.removeprefix("instruments.xlsform_"), one.place.sheet, one.place.row or 0, one.place.column)
        for one in found.problems
    }


def all_contents() -> list[dict[str, Any]]:
    made = [content(), content(4), content() | {"comment": None, "respondent": []}]
    for name in scheme_ids():
        scheme = load_scheme(name).scheme
        total = scheme.scoring.total
        made += [
            content_of_scheme(form, minimum_answered=total.minimum_answered, total_points=total.points / 1000)
            for form in scheme.instruments
        ]
    return made


@pytest.mark.parametrize("given", all_contents(), ids=lambda given: given["id"])
def test_what_is_written_comes_back_the_same_and_is_a_form_of_odk(given: dict[str, Any]) -> None:
    written = xlsform_bytes(given)
    found = content_of(read_workbook(written, "own.xlsx"))
    assert found.problems == []
    assert found.content == given
    form = convert(io.BytesIO(written)).xform
    for item in given["items"]:
        assert item["text"]["zh"] in form
        assert f"item_{item['id']}" in form
    assert form.count("<translation ") == 2


def test_the_converter_warns_of_nothing() -> None:
    assert convert(io.BytesIO(xlsform_bytes(content()))).warnings == []


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    given = content()
    given["items"][0]["text"]["zh"] = "=1+1"
    sheet = load_workbook(io.BytesIO(xlsform_bytes(given)))["survey"]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"}
    assert kinds == {"s"}


def test_a_plain_form_of_a_district_becomes_a_draft() -> None:
    found = brought(
        [
            HEAD,
            ["start", "start"],
            ["begin_group", "g", "一组", "group"],
            ["select_one five", "clean", "您对卫生满意吗？", "How satisfied are you with cleanliness?"],
            ["end_group"],
            ["text", "wishes", "还有什么意见？", "Anything else?"],
        ]
    )
    assert not found.refused
    assert found.content["id"] == "test-form"
    assert found.content["version"] == "3"
    (item,) = found.content["items"]
    assert (item["id"], item["kind"]) == ("clean", "scale")
    assert [one["points"] for one in item["answers"]] == [100, 75, 50, 25, 0]
    assert found.content["comment"]["text"]["zh"] == "还有什么意见？"
    assert told(found) == {("left_out", "survey", 2, "type")}


def test_a_label_without_a_language_counts_for_its_script() -> None:
    found = brought([["type", "name", "label"], ["select_one five", "q", "满意吗？"]])
    assert found.content["items"][0]["text"] == {"zh": "满意吗？", "en": ""}


def test_every_fault_is_told_at_once_with_sheet_row_and_column() -> None:
    """G3, D4: nobody is asked another questionnaire, no answer takes more effort."""
    head = [*HEAD, "relevant", "required", "hint"]
    found = brought(
        [
            head,
            ["select_one five", "q1", "甲满意吗？", "A?", "${q2} = 1"],
            ["select_one five", "q1", "乙满意吗？", "B?"],
            ["select_one nowhere", "q3", "丙满意吗？", "C?"],
            ["select_multiple five", "q4", "丁满意吗？", "D?"],
            ["geopoint", "where", "位置", "Place"],
            ["select_one five or_other", "q5", "戊满意吗？", "E?"],
            ["text", "why", "为什么？", "Why?", "", "yes"],
            ["text", "more", "还有呢？", "More?"],
            ["select_one words", "q6", "己满意吗？", "F?", "", "${q1} < 3", "读清楚"],
            ["select_one five", "q7"],
            ["select_one_from_file a.csv", "q8", "庚？", "G?"],
        ],
        choices=[
            *FIVE,
            ["words", "yes", "是", "yes", 1],
            ["words", "no", "否", "no", "many"],
            ["spare", 1, "甲", "a"],
        ],
    )
    assert found.refused
    assert told(found) == {
        ("depends", "survey", 2, "relevant"),
        ("name_twice", "survey", 3, "name"),
        ("no_list", "survey", 4, "type"),
        ("multiple", "survey", 5, "type"),
        ("type", "survey", 6, "type"),
        ("type", "survey", 7, "type"),
        ("comment_required", "survey", 8, "required"),
        ("second_text", "survey", 9, "type"),
        ("required", "survey", 10, "required"),
        ("column", "survey", 10, "hint"),
        ("no_label", "survey", 11, "label"),
        ("type", "survey", 12, "type"),
        ("code", "choices", 7, "name"),
        ("code", "choices", 8, "name"),
        ("points", "choices", 8, "points"),
        ("unused", "choices", 9, "list_name"),
    }
    advice = {one.code for one in found.problems if one.severity is Severity.WARNING}
    assert advice == {"instruments.xlsform_column", "instruments.xlsform_unused"}


NO_PLACE = (
    "image", "audio", "calculate", "integer", "decimal", "date", "range", "rank x", "begin_repeat", "file",
    "barcode", "acknowledge", "hidden", "xml-external",
)  # fmt: skip


@pytest.mark.parametrize("kind", NO_PLACE)
def test_types_that_have_no_place_are_refused_by_name(kind: str) -> None:
    found = brought([HEAD, ["select_one five", "q", "满意吗？", "?"], [kind, "other", "另", "other"]])
    assert [(one.code, one.params.get("type")) for one in found.problems] == [
        ("instruments.xlsform_type", kind)
    ]


def test_a_form_without_questions_or_code_is_refused() -> None:
    found = brought([HEAD, ["note", "hello", "您好", "Hello"]], choices=[], settings=[["form_title"], ["x"]])
    assert {"no_items", "no_id", "note"} <= {code for code, *_ in told(found)}


@pytest.mark.parametrize("junk", [b"", b"PK\x03\x04junk", b"\xd0\xcf\x11\xe0 an old file", b"type,name\n"])
def test_what_is_no_workbook_is_refused_in_words(junk: bytes) -> None:
    with pytest.raises(MinpingError) as refused:
        read_workbook(junk, "x.xlsx")
    assert [problem.code for problem in refused.value.problems] == ["instruments.file_not_readable"]


def test_a_workbook_without_survey_and_one_that_is_too_large_are_refused() -> None:
    with pytest.raises(MinpingError) as refused:
        read_workbook(workbook(choices=[CHOICES]), "x.xlsx")
    assert refused.value.problems[0].code == "instruments.no_survey"
    with pytest.raises(MinpingError) as refused:
        read_workbook(b"x" * 5_000_001, "x.xlsx")
    assert refused.value.problems[0].code == "instruments.file_too_large"


def test_too_many_rows_are_no_questionnaire() -> None:
    with pytest.raises(MinpingError):
        read_workbook(workbook(survey=[HEAD, *([["note", "n", "x", "x"]] * 3_001)]), "x.xlsx")
