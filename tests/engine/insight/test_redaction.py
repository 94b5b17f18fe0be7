"""Comments are redacted before anybody who works with them reads them (D3, S25)."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minping_engine.insight import Kind, NameList, clean_text, redact

ROSTER = NameList(["赵铁柱", "王芳", "方便", "阿卜杜拉·买买提", "Anna Li", "李"])
TOKEN = re.compile("|".join(re.escape(kind.replacement) for kind in Kind))
PIECES = st.sampled_from(
    [
        *(
            "13812345678",
            "138-1234-5678",
            "一三八",
            "１３８",
            "025-83421234",
            "11010519491231002X",
            "6222021234567890123",
        ),
        *(
            "王阿姨",
            "张书记",
            "赵铁柱",
            "王 芳",
            "我叫",
            "联系人：",
            "网格员",
            "李",
            "小张",
            "书记",
            "高",
            "方便",
            "Anna Li",
        ),
        *(
            "3号楼",
            "2单元",
            "501室",
            "3-2-501",
            "住",
            "五楼",
            "幸福路12号",
            "苏A",
            "12345",
            "微信",
            "abc_123",
            "v:",
            "@",
        ),
        *(
            "a@b.com",
            "http://x.cn/1",
            "www.",
            ".com",
            "尾号",
            "电话",
            "【电话】",
            "【姓名】",
            "【",
            "】",
            "，",
            "。",
            " ",
            "\n",
        ),
        *(
            "😀",
            "👨‍👩‍👧",
            "\u200d",
            "\ufe0f",
            "1\ufe0f\u20e3",
            "\u202e",
            "\u200b",
            "\u0301",
            "㎡",
            "½",
            "①",
            "㏑",
            "İ",
            "\r\n",
            "\x00",
            "很",
            "好",
        ),
    ]
)
COMMENTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join))


@settings(max_examples=400)
@given(COMMENTS)
@example("13812345678转13812345678")
@example("我叫赵铁柱，赵铁柱！赵 铁 柱")
def test_nothing_that_was_hidden_can_be_read_elsewhere(text: str) -> None:
    """Places are left out: 五楼 is one person's floor and everybody's entrance."""
    result = redact(text, names=ROSTER)
    seen = TOKEN.sub("\x00", result.text)
    for mark in result.marks:
        if mark.kind not in (Kind.HOME, Kind.BUILDING):
            assert clean_text(text[mark.start : mark.end]).text not in seen


@settings(max_examples=400)
@given(COMMENTS)
@example("【电话】12345678")
@example("1【姓名】书记")
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact(text, names=ROSTER).text
    again = redact(once, names=ROSTER)
    assert (again.text, again.marks) == (once, ())


@settings(max_examples=400)
@given(COMMENTS)
@example("@书记0张书记")
@example("0102000000\u0300\u0300\u0300")
def test_marks_lie_where_they_say(text: str) -> None:
    """What lies between marks is the comment itself, but for what nobody can see."""
    result = redact(text, names=ROSTER)
    parts, last = [], 0
    for mark in result.marks:
        assert last <= mark.start < mark.end <= len(text)
        assert mark.replacement.startswith(mark.kind.replacement)
        parts += [text[last : mark.start], mark.replacement]
        last = mark.end
    whole = "".join([*parts, text[last:]])
    assert clean_text(whole).text == result.text


@settings(max_examples=200)
@given(COMMENTS, st.integers(min_value=1, max_value=40))
def test_a_limit_is_kept_and_redacting_a_cut_text_changes_nothing(text: str, limit: int) -> None:
    once = redact(text, names=ROSTER, limit=limit)
    assert len(TOKEN.sub("x", once.text)) <= limit
    assert redact(once.text, names=ROSTER, limit=limit).text == once.text


@settings(max_examples=300)
@given(st.text(max_size=40), st.integers(min_value=0, max_value=40))
def test_a_mobile_number_is_found_within_any_text(text: str, at: int) -> None:
    around = re.sub(r"[\d\w+.@·~*\-—_ ]", "，", text[:at]) + "{}" + re.sub(r"[\d\w]", "。", text[at:])
    assert "13812345678" not in redact(around.replace("{}", "13812345678")).text


def test_the_rest_of_the_text_is_never_rewritten() -> None:
    text = "三次，①②，ＡＢＣ，㎡，一三五开放，３０分"
    assert redact(text).text == text


def test_a_title_alone_stays_and_stays_behind_a_name() -> None:
    assert redact("张书记好，书记辛苦，网格员常来").text == "【姓名】书记好，书记辛苦，网格员常来"


def test_an_identity_number_with_a_wrong_check_digit_is_hidden_too() -> None:
    right, wrong = "11010519491231002X", "110105194912310021"
    assert redact(f"{right}和{wrong}").text == "【证件号】和【证件号】"


def test_an_18_digit_number_without_a_date_is_an_identity_number_only_by_its_check_digit() -> None:
    assert [mark.kind for mark in redact("119105999912310026").marks] == [Kind.ID_NUMBER]
    assert [mark.kind for mark in redact("119105999912310021").marks] == [Kind.NUMBER]


def test_a_known_name_is_found_without_any_sign_and_with_gaps() -> None:
    result = redact("赵铁柱不来，赵 铁·柱也不来，阿卜杜拉•买买提来了", names=ROSTER)
    assert result.text == "【姓名】不来，【姓名】也不来，【姓名】来了"


def test_a_known_name_that_is_an_ordinary_word_is_left_to_the_other_rules() -> None:
    assert redact("办事方便", names=ROSTER).text == "办事方便"


def test_a_latin_name_is_no_part_of_a_word() -> None:
    assert redact("Anna Lily", names=NameList(["Anna Li"])).marks == ()
    assert redact("Anna Li!", names=NameList(["Anna Li"])).text == "【姓名】!"


def test_names_may_be_given_as_a_plain_list() -> None:
    assert redact("唐糖来了", names=["唐糖"]).text == "【姓名】来了"


def test_emoji_stay_whole_and_invisible_characters_go() -> None:
    text = "👍🏽 👨‍👩‍👧 1️⃣ ❤️ \u202e好\u202c\u200b\ufeff\x07"
    assert redact(text).text == "👍🏽 👨‍👩‍👧 1️⃣ ❤️ 好"


def test_invisible_characters_do_not_hide_a_number_and_marks_count_them() -> None:
    text = "打\u200b138\u200b1234\u20605678吧"
    result = redact(text)
    assert result.text == "打【电话】吧"
    assert text[result.marks[0].start : result.marks[0].end] == "138\u200b1234\u20605678"


def test_half_a_surrogate_pair_can_be_stored_afterwards() -> None:
    assert redact("好\ud83d").text.encode("utf-8").decode() == "好\ufffd"


def test_a_number_on_the_edge_of_the_limit_goes_whole() -> None:
    result = redact("好" * 10 + "13812345678", limit=15)
    assert (result.text, result.cut) == ("好" * 10, True)


@pytest.mark.parametrize(
    "piece", ["1", "138 ", "a.", "3-", "我叫", "赵", "【", "*", "1栋", "@", "(", "王阿姨"]
)
def test_no_text_makes_the_rules_run_away(piece: str) -> None:
    """Only the part within the limit is read; a rule that tried every split would never come to an end."""
    result = redact(piece * 4000)
    assert len(TOKEN.sub("x", result.text)) <= 2000
