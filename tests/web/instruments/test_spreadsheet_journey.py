"""A frozen version goes out as an XLSForm, is changed there and comes back; all faults come at once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from minping_web.common.scope import Scope
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.services import freeze_instrument, from_content, save_content
from tests.web import factories
from tests.web.entering import sign_in
from tests.web.instruments.factory import content

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    who = factories.user()
    factories.grant(who, "district_bureau")
    return sign_in(client, who)


@pytest.fixture
def frozen(act_as: Callable[..., Scope]) -> InstrumentVersion:
    bureau = act_as("district_bureau")
    return freeze_instrument(bureau, from_content(bureau, content(3)).pk)


def at(name: str, *arguments: object) -> str:
    return reverse(f"instruments:{name}", args=arguments)


def book_of(desk: Client, version: InstrumentVersion) -> Workbook:
    return load_workbook(io.BytesIO(desk.get(at("xlsform", version.pk)).content))


def upload(book: Workbook) -> SimpleUploadedFile:
    written = io.BytesIO()
    book.save(written)
    return SimpleUploadedFile("lift.xlsx", written.getvalue())


def put(book: Workbook, sheet: str, row: int, column: str, value: str | int | None) -> None:
    head = [cell.value for cell in book[sheet][1]]
    book[sheet].cell(row, head.index(column) + 1).value = value


def first_row(book: Workbook, sheet: str, column: str, begins: str) -> int:
    head = [cell.value for cell in book[sheet][1]].index(column)
    for number, row in enumerate(book[sheet].iter_rows(values_only=True), start=1):
        if str(row[head] or "").startswith(begins):
            return number
    raise AssertionError(f"{begins} is in no row of {sheet}")


def text_of(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def test_what_was_changed_in_the_workbook_is_told_part_by_part(
    desk: Client, frozen: InstrumentVersion
) -> None:
    book = book_of(desk, frozen)
    question = first_row(book, "survey", "type", "select_one item_")
    put(book, "survey", question, "label::中文 (zh)", "您对电梯的维护满意吗？")
    put(book, "survey", question, "reversed", "yes")
    put(book, "survey", question + 1, "kind", "behaviour")
    put(book, "choices", first_row(book, "choices", "list_name", "item_"), "points", 30)
    put(book, "settings", 2, "version", "2")
    sent = desk.post(at("import"), {"file": upload(book)}, follow=True)
    made = InstrumentVersion.objects.get(version="2")
    assert sent.redirect_chain[-1][0] == at("edit", made.pk)
    assert at("compare", made.pk) in sent.content.decode(), "the draft leads to what changed"
    page = desk.get(at("compare", made.pk)).content
    told = text_of(page)
    assert page.decode().count("<article") == 4
    for words in ("您对电梯的维护满意吗？", "反向表述", "发生了什么", "= 30"):
        assert words in told
    assert "behaviour" not in told
    frozen.refresh_from_db()
    assert frozen.content == content(3), "what was frozen stays"


FAULTS = (
    ("survey", "第 {geopoint} 行", "type", "geopoint"),
    ("survey", "第 {nowhere} 行", "type", "nowhere"),
    ("survey", "第 {depends} 行", "relevant", ""),
    ("choices", "第 2 行", "points", "many"),
    ("choices", "第 3 行", "name", "yes"),
)


def broken(desk: Client, frozen: InstrumentVersion) -> tuple[Workbook, dict[str, int]]:
    """Five faults in two sheets; the rows of those that are appended."""
    book = book_of(desk, frozen)
    survey = book["survey"]
    survey.append(["geopoint", "where", "位置", "Place"])
    survey.append(["select_one nowhere", "q9", "丙", "C"])
    rows = {"geopoint": survey.max_row - 1, "nowhere": survey.max_row}
    survey.cell(1, survey.max_column + 1).value = "relevant"
    rows["depends"] = first_row(book, "survey", "type", "select_one item_")
    put(book, "survey", rows["depends"], "relevant", "${item_q2} = 1")
    put(book, "choices", 2, "points", "many")
    put(book, "choices", 3, "name", "yes")
    put(book, "settings", 2, "version", "2")
    return book, rows


def test_five_faults_are_shown_at_once_with_sheet_row_and_column(
    desk: Client, frozen: InstrumentVersion
) -> None:
    book, rows = broken(desk, frozen)
    sent = desk.post(at("import"), {"file": upload(book)})
    assert sent.status_code == 422
    told = text_of(sent.content)
    assert "5 个问题" in told
    for sheet, row, column, found in FAULTS:
        where = f"lift.xlsx，{sheet}，{row.format(**rows)}，“{column}”栏"
        assert where in told, where
        assert found in told.partition(where)[2][:60]
    assert not InstrumentVersion.objects.filter(version="2").exists()


def test_the_same_faults_are_told_in_english(desk: Client, frozen: InstrumentVersion) -> None:
    book, rows = broken(desk, frozen)
    desk.cookies["minping_language"] = "en"
    told = text_of(desk.post(at("import"), {"file": upload(book)}).content)
    assert "5 problems" in told
    assert f"lift.xlsx, survey, row {rows['geopoint']}, column type" in told
    assert "lift.xlsx, choices, row 2, column points" in told


def test_mended_the_same_workbook_becomes_a_draft(desk: Client, frozen: InstrumentVersion) -> None:
    book, rows = broken(desk, frozen)
    book["survey"].delete_rows(rows["geopoint"], 2)
    put(book, "survey", rows["depends"], "relevant", None)
    put(book, "choices", 2, "points", content(3)["items"][0]["answers"][0]["points"])
    put(book, "choices", 3, "name", 4)
    desk.post(at("import"), {"file": upload(book)})
    assert InstrumentVersion.objects.get(version="2").content["items"] == content(3)["items"]


# --- words instead of codes -------------------------------------------------------------------------


def test_the_editor_names_what_is_asked_about_the_person(desk: Client, act_as: Callable[..., Scope]) -> None:
    draft = from_content(act_as("district_bureau"), content(2))
    page = text_of(desk.get(at("edit", draft.pk)).content)
    assert "年龄 age_band" in page
    assert at("compare", draft.pk) not in desk.get(at("edit", draft.pk)).content.decode()


def test_differences_speak_of_kinds_and_directions_in_words(
    desk: Client, act_as: Callable[..., Scope]
) -> None:
    bureau = act_as("district_bureau")
    from_content(bureau, content(2))
    draft = from_content(bureau, content(2) | {"version": "2"})
    changed = content(2)
    changed["items"][0]["kind"], changed["items"][0]["reversed"] = "behaviour", True
    changed["respondent"][0]["text"]["zh"] = "您多大年纪？"
    save_content(bureau, draft.pk, changed, seen=0)
    told = text_of(desk.get(at("compare", draft.pk)).content)
    for words in ("满意度", "发生了什么", "反向表述", "受访者情况 年龄"):
        assert words in told
    assert "scale" not in told


def test_addresses_that_take_a_form_lead_on_when_they_are_opened(
    desk: Client, act_as: Callable[..., Scope]
) -> None:
    """The switch of languages opens the address of what was shown last."""
    draft = from_content(act_as("district_bureau"), content(2))
    assert desk.get(at("from_scheme"))["Location"] == at("new")
    assert desk.get(at("preview", draft.pk))["Location"] == at("edit", draft.pk)
