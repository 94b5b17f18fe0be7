"""What the linter finds, how the editor's form and buttons read, what changed between two versions."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from minping_engine.scheme import load_scheme, scheme_ids
from minping_web.instruments.rules import presets
from minping_web.instruments.rules.comparing import changes
from minping_web.instruments.rules.drafting import content_of_scheme, differs_from, next_version
from minping_web.instruments.rules.editing import acted, content_of_form
from minping_web.instruments.rules.lint import burden_seconds, has_errors, lint, texts_of
from minping_web.instruments.rules.questionnaire import questionnaire_of
from minping_web.instruments.rules.wording import answer_side, double_questions, leading_words
from tests.web.instruments.factory import content, form_of


def found(given: dict[str, Any]) -> set[tuple[str, str]]:
    return {(problem.code.partition(".")[2], problem.place.key) for problem in lint(given)}


def with_item(**values: Any) -> dict[str, Any]:
    made = content()
    made["items"][0].update(values)
    return made


def answers(*labels: str, points: list[float] | None = None) -> list[dict[str, Any]]:
    worth = points or [100 * place / (len(labels) - 1) for place in range(len(labels))][::-1]
    return [
        {"code": code, "label": {"zh": label, "en": label}, "points": one}
        for code, (label, one) in enumerate(zip(labels, worth, strict=True))
    ]


def test_a_sound_questionnaire_has_no_finding() -> None:
    assert lint(content()) == []


def test_every_questionnaire_of_the_library_may_be_frozen() -> None:
    seen = 0
    for name in scheme_ids():
        scheme = load_scheme(name).scheme
        for form in scheme.instruments:
            made = content_of_scheme(
                form, minimum_answered=1, total_points=scheme.scoring.total.points / 1000
            )
            assert not has_errors(lint(made)), name
            assert differs_from(made, form) == []
            assert questionnaire_of(made).key == form.key
            seen += 1
    assert seen >= 9


def test_a_scale_with_more_good_than_bad_answers_must_go() -> None:
    """The points mirror each other; only the words push."""
    pushed = with_item(answers=answers("非常满意", "很满意", "满意", "一般", "不满意"))
    assert ("sides_differ", "items.0") in found(pushed)
    assert has_errors(lint(pushed))


def test_a_scale_whose_points_do_not_mirror_must_go() -> None:
    """The engine's own rule, not a second one."""
    lopsided = with_item(answers=answers("满意", "一般", "不满意", points=[50, 45, 0]))
    assert ("unbalanced_scale", "items.0") in found(lopsided)


def test_the_five_grades_of_the_state_are_balanced() -> None:
    """G3: 基本满意 is the middle."""
    five = with_item(answers=answers("非常满意", "满意", "基本满意", "不满意", "非常不满意"))
    assert not {code for code, _ in found(five)} & {"sides_differ", "no_middle", "unbalanced_scale"}


def test_a_scale_without_a_middle_is_advised_against() -> None:
    assert ("no_middle", "items.0") in found(with_item(answers=answers("满意", "不满意")))


@pytest.mark.parametrize("key", ["asks_reason", "preset"])
def test_an_answer_that_takes_more_effort_or_is_ticked_beforehand_must_go(key: str) -> None:
    """D4, B3."""
    unfair = content()
    unfair["items"][0]["answers"][-1][key] = True
    codes = {code for code, _ in found(unfair)}
    assert codes & {"unequal_effort", "preset_answer"}
    assert has_errors(lint(unfair))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("难道您对社工不满意吗？", "leading"),
        ("众所周知社区有进步，您满意吗？", "leading"),
        ("您对社工热情周到的服务满意吗？", "loaded"),
        ("您对物业和停车满意吗？", "double_question"),
        ("您对为老、助残服务满意吗？", "double_question"),
        ("您" + "很" * 50 + "满意吗？", "long_text"),
    ],
)
def test_wordings_that_push_or_confuse_are_named(text: str, code: str) -> None:
    assert (code, "items.0") in found(with_item(text={"zh": text, "en": "How satisfied are you?"}))


@pytest.mark.parametrize(
    "text", ["您对邻里和睦满意吗？", "您对居民参与满意吗？", "您对处理是否及时满意吗？", "您对治安满意吗？"]
)
def test_plain_wordings_are_left_alone(text: str) -> None:
    assert double_questions(text, "zh") == []
    assert leading_words(text, "zh") == []


def test_english_wordings_are_read_too() -> None:
    pushed = with_item(
        text={"zh": "您满意吗？", "en": "Don't you agree that the excellent staff and office help?"}
    )
    assert {code for code, _ in found(pushed)} >= {"leading", "loaded", "double_question"}


def test_sides_of_answers() -> None:
    assert [answer_side(label, "zh") for label in ("愿意", "说不清", "从未", "没有", "基本满意")] == [
        "good", "middle", "bad", "bad", "middle",
    ]  # fmt: skip
    assert [answer_side(label, "en") for label in ("very satisfied", "neither", "dissatisfied", "no")] == [
        "good", "middle", "bad", "bad",
    ]  # fmt: skip


def test_scales_that_all_point_one_way_deserve_a_reversed_one() -> None:
    four = content(4)
    assert ("none_reversed", "") in found(four)
    four["items"][2]["reversed"] = True
    assert ("none_reversed", "") not in found(four)


def test_both_languages_are_needed_everywhere() -> None:
    given = content()
    for place, _text in list(texts_of(given)):
        made = deepcopy(given)
        text = dict(texts_of(made))[place]
        text["en"] = " "  # type: ignore[index]
        assert ("english_missing", place) in found(made), place
        text["zh"] = ""  # type: ignore[index]
        assert ("text_missing", place) in found(made), place
        assert has_errors(lint(made))


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (lambda c: c["items"][1].update(id="q1"), "item_twice", "items.1"),
        (lambda c: c["items"][1].update(id="Q 1"), "item_id", "items.1"),
        (lambda c: c["items"][0]["answers"][1].update(code=5), "code_twice", "items.0.answers.1"),
        (lambda c: c["items"][0]["answers"][1].update(code="x"), "answer_code", "items.0.answers.1"),
        (lambda c: c["items"][0]["answers"][1].update(points=None), "points_missing", "items.0"),
        (lambda c: c["items"][0].update(answers=[]), "few_answers", "items.0"),
        (lambda c: c.update(items=[]), "no_items", ""),
        (lambda c: c.update(minimum_answered=3), "minimum_answered", "minimum_answered"),
        (lambda c: c["intro"].pop("object"), "intro_missing", "intro.object"),
        (lambda c: c["respondent"][1].update(variable="age_band"), "variable_twice", "about.1"),
        (lambda c: c["respondent"][0].update(levels=[]), "levels", "about.0"),
        (lambda c: c["comment"]["fields"][0].update(code="Ä"), "field_code", "fields.0"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_or_counted_must_go(change: Any, code: str, place: str) -> None:
    broken = content()
    change(broken)
    assert (code, place) in found(broken)
    assert has_errors(lint(broken))


def test_points_that_do_not_add_up_are_advised_about() -> None:
    assert ("total_points", "") in found(content() | {"total_points": 90})


def test_the_same_word_worth_less_elsewhere_is_advised_about() -> None:
    uneven = content()
    uneven["items"][1]["answers"][1]["points"] = 49
    assert ("worth_differs", "items.1") in found(uneven)


def test_the_burden_is_reading_time_and_taps_by_hand() -> None:
    """G2. 150 characters a minute and 2 seconds a tap: 30 characters take 12 s, two taps 4 s, so 20 s."""
    bare: dict[str, Any] = {
        "title": {"zh": "十" * 10},
        "items": [
            {"text": {"zh": "问" * 10}, "answers": [{"label": {"zh": "答" * 5}}, {"label": {"zh": "答" * 5}}]}
        ],
    }
    assert burden_seconds(bare) == 20


def test_too_long_a_questionnaire_is_told_in_seconds() -> None:
    assert ("burden", "") in found(content(12))


# --- the editor -------------------------------------------------------------------------------------


def test_the_form_brings_back_what_it_shows() -> None:
    given = content(3)
    given["items"][1]["reversed"] = True
    given["items"][2]["answers"][0]["points"] = 33.333
    assert content_of_form(form_of(given), given) == given


def test_what_is_no_number_stays_as_typed_and_is_told() -> None:
    form = form_of(content()) | {"item-0-answer-0-points": "zwanzig", "item-0-answer-1-code": "a"}
    typed = content_of_form(form, content())
    assert typed["items"][0]["answers"][0]["points"] == "zwanzig"
    assert {("points_missing", "items.0"), ("answer_code", "items.0.answers.1")} <= found(typed)


def test_control_characters_do_not_pass() -> None:
    typed = content_of_form(form_of(content()) | {"title_zh": " 小\x00区\x07问卷\n"}, content())
    assert typed["title"]["zh"] == "小区问卷"


def test_items_and_answers_move_up_and_down_and_away() -> None:
    three = content(3)
    names = [item["id"] for item in three["items"]]
    moved, anchor = acted(three, "item:2:up")
    assert [item["id"] for item in moved["items"]] == [names[0], names[2], names[1]]
    assert anchor == "items.1"
    gone, _ = acted(three, "item:0:remove")
    assert [item["id"] for item in gone["items"]] == names[1:]
    turned, _ = acted(three, "answer:1:0:down")
    assert [one["code"] for one in turned["items"][1]["answers"]] == [4, 5, 3, 2, 1]
    assert [one["code"] for one in three["items"][1]["answers"]] == [5, 4, 3, 2, 1], "the given one stays"


def test_new_and_copied_items_get_ids_of_their_own() -> None:
    made, _ = acted(acted(content(2), "add_item")[0], "item:0:copy")
    names = [item["id"] for item in made["items"]]
    assert len(names) == len(set(names)) == 4


def test_a_ready_scale_keeps_what_the_item_is_worth() -> None:
    made, _ = acted(content(2), "item:0:scale:happened")
    assert made["items"][0]["kind"] == "behaviour"
    assert [one["points"] for one in made["items"][0]["answers"]] == [48, 0, 24]


def test_questions_about_the_person_come_from_the_cell_variables() -> None:
    made, _ = acted(content(), "add_about:tenure")
    assert [one["variable"] for one in made["respondent"]] == ["age_band", "sex", "tenure"]


def test_the_fourteen_fields_come_back_by_one_button() -> None:
    """S25."""
    few = content()
    few["comment"]["fields"] = few["comment"]["fields"][:2]
    made, _ = acted(few, "standard_fields")
    assert [one["label"]["zh"] for one in made["comment"]["fields"]] == [
        "街道党建", "城管执法", "市场监管", "物业保洁", "污染防治", "安全生产", "治安环境", "为老助残",
        "社会保障", "住房保障", "就业服务", "企业服务", "政务服务", "规划建设",
    ]  # fmt: skip
    assert acted(content(), "drop_comment")[0]["comment"] is None


@pytest.mark.parametrize(
    "act",
    ["", "save", "item", "item:", "item:9:up", "item:-1:up", "item:0", "item:0:fly", "item:0:up",
     "answer:7:0:up", "answer:0", "level:0:0:fly", "add_about:nothing", "add_about",
     "item:0:scale:nothing", "x:y:z", "field:99:up"],
)  # fmt: skip
def test_unknown_buttons_change_nothing(act: str) -> None:
    given = content()
    assert acted(given, act)[0] == given


def test_lists_do_not_grow_for_ever() -> None:
    made = content()
    for _ in range(80):
        made, _anchor = acted(made, "add_item")
    assert len(made["items"]) == 60


# --- versions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "after"),
    [
        (["1"], "2"),
        (["1", "9", "10"], "11"),
        (["2019.1"], "2019.2"),
        ([], "1"),
        (["1a"], "2a"),
        (["x"], "x.2"),
    ],
)
def test_the_next_number_of_a_version(known: list[str], after: str) -> None:
    assert next_version(known) == after


def test_a_moved_item_is_moved_and_not_new() -> None:
    before = content(3)
    after, _ = acted(before, "item:0:down")
    assert {change.key for change in changes(before, after)} == {"item|q1|place", "item|q2|place"}


def test_every_kind_of_change_is_told() -> None:
    before, after = content(2), content(2)
    after["title"]["zh"] = "新题目"
    after["items"][0]["answers"][0]["points"] = 49
    after["items"][1]["reversed"] = True
    after["comment"]["fields"].pop()
    after["respondent"].pop()
    kinds = {change.key: change.kind for change in changes(before, after)}
    assert kinds == {
        "title": "updated",
        "item|q1|answers": "updated",
        "item|q2|reversed": "created",
        "field|planning_construction": "deleted",
        "about|sex": "deleted",
    }
    assert changes(before, content(2)) == []


def test_other_answers_or_points_than_the_scheme_are_named() -> None:
    form = load_scheme("gulou-worker").scheme.instruments[0]
    made = content_of_scheme(form, minimum_answered=4, total_points=100)
    made["items"][0]["text"]["zh"] = "换一种说法可以。"
    assert differs_from(made, form) == []
    made["items"][0]["answers"][0]["points"] = 19
    assert differs_from(made, form) == [made["items"][0]["id"]]
    gone = made["items"].pop()
    assert set(differs_from(made, form)) == {made["items"][0]["id"], gone["id"]}


def test_ready_scales_are_balanced_themselves() -> None:
    for name in presets.scale_names():
        made = content(2)
        made["items"][0].update(presets.scale(name, 50))
        made["items"][1].update(presets.scale(name, 50))
        assert not has_errors(lint(made)), name
