"""Pages of questionnaires: the editor with its buttons and its preview, the one template of the resident."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from openpyxl import load_workbook

from minping_web.common.scope import Scope
from minping_web.instruments.models import Instrument, InstrumentVersion
from minping_web.instruments.rules.questionnaire import Fault, questionnaire_of, read_answers
from minping_web.instruments.services import freeze_instrument, from_content, save_content
from minping_web.schemes.services import freeze_version
from tests.web import factories
from tests.web.entering import sign_in
from tests.web.instruments.factory import content, form_of

PART = "instruments/parts/questionnaire.html"


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    who = factories.user()
    factories.grant(who, "district_bureau")
    return sign_in(client, who)


@pytest.fixture
def bureau(act_as: Callable[..., Scope]) -> Scope:
    return act_as("district_bureau")


@pytest.fixture
def draft(bureau: Scope) -> InstrumentVersion:
    return from_content(bureau, content(3))


def at(name: str, *arguments: object) -> str:
    return reverse(f"instruments:{name}", args=arguments)


# --- the resident's fields ------------------------------------------------------------------------------


def shown(given: dict[str, Any] | None = None, **context: object) -> str:
    page = {"questionnaire": questionnaire_of(given or content()), "language": "zh-hans", **context}
    with translation.override(str(page["language"])):
        return render_to_string(PART, page)


def test_every_answer_is_a_radio_button_with_a_label_of_its_own_and_none_is_ticked() -> None:
    """B3, D4: silence is no answer; no answer takes more effort."""
    page = shown()
    radios = re.findall(r'<input type="radio" name="(item_\w+)" id="([\w-]+)" value="(\d+)"', page)
    assert len(radios) == 10
    assert len({name for _item, name, _code in radios}) == 10
    assert all(f'<label class="choice" for="{name}">' in page for _item, name, _code in radios)
    assert " checked" not in page
    assert page.count("<fieldset") == page.count("<legend") >= 4
    assert "required" not in page, "nothing is demanded by the browser: the page says what is missing"


def test_it_says_first_who_asks_why_what_happens_and_how_to_object() -> None:
    page = shown()
    places = [
        page.index(word) for word in ("由谁调查", "为什么调查", "您的答案怎样处理", "怎样提出异议", "第 1 题")
    ]
    assert places == sorted(places)


def test_it_works_without_scripts_and_loads_nothing() -> None:
    assert re.findall(r"<script|\son\w+=|src=|href=\"http", shown()) == []


def test_both_languages_come_from_one_content() -> None:
    page = shown(language="en")
    assert 'lang="en"' in page
    assert "How satisfied are you with cleanliness here?" in page
    assert not re.search(r"[\u4e00-\u9fff]", page)


@pytest.mark.parametrize("form", [MultiValueDict({"item_q1": ["4"], "field": ["housing", "employment"]}),
                                  {"item_q1": ["4"], "field": ["housing", "employment"]}])  # fmt: skip
def test_what_was_ticked_stays_ticked_when_something_is_missing(form: Any) -> None:
    given = questionnaire_of(content())
    faults = read_answers(given, {name: form.getlist(name) if isinstance(form, MultiValueDict) else form[name]
                                  for name in form})  # fmt: skip
    page = shown(answers=form, problems=faults)
    ticked = re.findall(r'name="(\w+)" id="[\w-]+" value="(\w*)" checked', page)
    assert ticked == [("item_q1", "4"), ("field", "housing"), ("field", "employment")]
    assert 'href="#item_q2-5"' in page, "the list of what is missing leads to the first answer"
    assert "请选择一个答案" in page


def test_a_comment_is_escaped_and_kept() -> None:
    page = shown(answers={"comment": ["<b>你好</b>"]}, problems=[Fault("comment", "too_long")])
    assert "&lt;b&gt;你好&lt;/b&gt;</textarea>" in page
    assert "请把文字缩短一些" in page


def test_who_answers_may_stay_unsaid_after_something_was_chosen() -> None:
    page = shown(answers={"about_sex": ["1"]})
    assert 'id="about_sex-none" value=""' in page
    assert 'id="about_sex-1" value="1" checked' in page


# --- the editor -----------------------------------------------------------------------------------------


def test_the_editor_shows_findings_beside_the_question_and_the_preview(
    desk: Client, draft: InstrumentVersion, bureau: Scope
) -> None:
    pushed = content(3)
    pushed["items"][1]["text"]["zh"] = "难道您不满意吗？"
    save_content(bureau, draft.pk, pushed, seen=0)
    page = desk.get(at("edit", draft.pk)).content.decode()
    box = page.index('data-findings="items.1"')
    assert box < page.index("暗示了答案") < page.index('name="item-1-text_zh"')
    assert 'class="ballot"' in page


def test_saving_and_every_button_keep_what_was_typed(desk: Client, draft: InstrumentVersion) -> None:
    typed = content(3)
    typed["items"][0]["text"]["zh"] = "您对楼道照明满意吗？"
    sent = desk.post(at("edit", draft.pk), form_of(typed, act="item:0:down", edit="0"))
    assert sent.status_code == 302
    assert sent.headers["Location"].endswith("#items.1")
    draft.refresh_from_db()
    assert [item["text"]["zh"] for item in draft.content["items"]][1] == "您对楼道照明满意吗？"
    desk.post(at("undo", draft.pk))
    draft.refresh_from_db()
    assert draft.content == content(3)


def test_a_save_that_comes_too_late_shows_the_typed_text_again(
    desk: Client, draft: InstrumentVersion, bureau: Scope
) -> None:
    save_content(bureau, draft.pk, content(2), seen=0)
    typed = content(3)
    typed["items"][0]["text"]["zh"] = "我打的字"
    sent = desk.post(at("edit", draft.pk), form_of(typed, act="save", edit="0"))
    assert sent.status_code == 422
    assert "我打的字" in sent.content.decode()
    draft.refresh_from_db()
    assert len(draft.content["items"]) == 2


@pytest.mark.parametrize("part", ["", "?part=1"])
def test_the_preview_is_of_what_was_typed_and_saves_nothing(
    desk: Client, draft: InstrumentVersion, part: str
) -> None:
    typed = content(3)
    typed["items"][0]["text"]["en"] = "Typed just now?"
    sent = desk.post(at("preview", draft.pk) + part, form_of(typed, preview_language="en"))
    page = sent.content.decode()
    assert "Typed just now?" in page
    assert "Question 1 of 3" in page, "the fields speak the language of the preview"
    draft.refresh_from_db()
    assert draft.content == content(3)
    assert draft.edits.count() == 0


def test_a_preview_of_broken_content_says_so(desk: Client, draft: InstrumentVersion) -> None:
    form = form_of(content(3)) | {"item-0-answer-0-code": "x"}
    page = desk.post(at("preview", draft.pk) + "?part=1", form).content.decode()
    assert "草稿暂不能显示" in page
    assert "选项代码应为" in page


def test_going_back_behind_an_edit(desk: Client, draft: InstrumentVersion) -> None:
    for number, act in enumerate(("add_item", "item:3:copy")):
        now = InstrumentVersion.objects.get(pk=draft.pk).content
        desk.post(at("edit", draft.pk), form_of(now, act=act, edit=str(number)))
    page = desk.get(at("history", draft.pk)).content.decode()
    assert page.index("复制") < page.index("添加题目")
    desk.post(at("go_back", draft.pk), {"number": "1"})
    draft.refresh_from_db()
    assert draft.content == content(3)


@pytest.mark.parametrize("number", ["", "x", "99", "9" * 30])
def test_going_back_behind_nothing_changes_nothing(
    desk: Client, draft: InstrumentVersion, number: str
) -> None:
    assert desk.post(at("go_back", draft.pk), {"number": number}).status_code == 302
    draft.refresh_from_db()
    assert draft.content == content(3)


def test_a_frozen_version_has_no_editor(desk: Client, draft: InstrumentVersion, bureau: Scope) -> None:
    freeze_instrument(bureau, draft.pk)
    for name in ("edit", "history", "delete"):
        assert desk.get(at(name, draft.pk)).status_code == 404
    for name in ("preview", "undo", "go_back"):
        assert desk.post(at(name, draft.pk)).status_code == 404
    page = desk.get(at("version", draft.pk)).content.decode()
    assert InstrumentVersion.objects.get(pk=draft.pk).sha256 in page
    assert at("edit", draft.pk) not in page


# --- making, freezing, spreadsheets ------------------------------------------------------------------------


def test_from_a_scheme_to_a_frozen_questionnaire(desk: Client, bureau: Scope) -> None:
    scheme = freeze_version(bureau, "gulou-worker", "2019.1")
    desk.post(at("from_scheme"), {"source": f"{scheme.pk}:gulou-worker", "version": ""})
    made = InstrumentVersion.objects.get()
    assert desk.get(at("freeze", made.pk)).status_code == 200
    desk.post(at("freeze", made.pk))
    made.refresh_from_db()
    assert made.sha256


def test_freezing_a_draft_with_errors_is_refused_with_all_of_them(
    desk: Client, draft: InstrumentVersion, bureau: Scope
) -> None:
    broken = content(3)
    broken["items"][0]["text"]["en"] = ""
    broken["items"][2]["answers"].pop()
    save_content(bureau, draft.pk, broken, seen=0)
    sent = desk.post(at("freeze", draft.pk))
    assert sent.status_code == 422
    page = sent.content.decode()
    assert "题目 1" in page
    assert "题目 3" in page
    assert not InstrumentVersion.objects.filter(state="frozen").exists()


def test_one_of_ones_own_a_copy_and_its_deletion(desk: Client) -> None:
    desk.post(at("new"), {"code": "my-own", "title": "自编问卷", "title_en": "Own"})
    made = InstrumentVersion.objects.get()
    assert desk.post(at("copy", made.pk), {"version": "1"}).status_code == 422
    desk.post(at("copy", made.pk), {"version": "2"})
    assert desk.get(at("compare", made.pk)).status_code == 200
    for version in InstrumentVersion.objects.all():
        desk.post(at("delete", version.pk))
    assert not Instrument.objects.exists()


def test_what_changed_is_told_part_by_part(desk: Client, draft: InstrumentVersion, bureau: Scope) -> None:
    other = from_content(bureau, content(3) | {"version": "2"})
    changed = content(3)
    changed["items"][0]["answers"][0]["label"]["zh"] = "十分满意"
    save_content(bureau, other.pk, changed, seen=0)
    page = desk.get(at("compare", other.pk)).content.decode()
    assert page.count("<article") == 1
    assert "十分满意" in page


def test_an_xlsform_goes_out_and_comes_back_under_another_code(
    desk: Client, draft: InstrumentVersion
) -> None:
    book = desk.get(at("xlsform", draft.pk)).content
    assert load_workbook(io.BytesIO(book)).sheetnames == ["survey", "choices", "settings"]
    upload = SimpleUploadedFile("form.xlsx", book)
    assert desk.post(at("import"), {"file": upload}).status_code == 422, "that version exists"
    upload = SimpleUploadedFile("form.xlsx", book)
    desk.post(at("import"), {"file": upload, "code": "brought", "version": "7"})
    made = InstrumentVersion.objects.get(instrument__code="brought")
    assert made.content == content(3) | {"id": "brought", "version": "7"}


def test_the_template_can_be_brought_in(desk: Client) -> None:
    upload = SimpleUploadedFile("t.xlsx", desk.get(at("template")).content)
    assert desk.post(at("import"), {"file": upload}).status_code == 302


def test_a_bad_upload_is_refused_in_words(desk: Client, db: None) -> None:
    sent = desk.post(at("import"), {"file": SimpleUploadedFile("x.xls", b"\xd0\xcf\x11\xe0")})
    assert sent.status_code == 422
    assert "不是可读的 XLSX 工作簿" in sent.content.decode()
    assert not InstrumentVersion.objects.exists()


def test_readers_read_and_find_no_way_to_write(client: Client, draft: InstrumentVersion) -> None:
    who = factories.user()
    factories.grant(who, "survey_manager")
    sign_in(client, who)
    page = client.get(at("version", draft.pk)).content.decode()
    assert at("edit", draft.pk) not in page
    assert client.get(at("edit", draft.pk)).status_code == 403
    assert client.get(at("list"), {"format": "csv"}).content.decode("utf-8-sig").count("estate") == 1


def test_lists_take_few_queries(
    desk: Client, bureau: Scope, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(6):
        from_content(bureau, content() | {"id": f"estate-{number}"})
    with django_assert_max_num_queries(18):
        assert desk.get(at("list")).status_code == 200
