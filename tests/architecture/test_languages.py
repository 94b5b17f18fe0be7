"""Both languages of the product are complete and say one thing by one word; needs no gettext installed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

import pytest
from django.utils.translation import gettext, override, pgettext

from minping_web.common.problems import texts
from tests.architecture.source_tree import ROOT
from tools.make_messages import (
    PRODUCT,
    Message,
    apps,
    catalogue_of,
    faults_inside,
    merged,
    parsed,
    written,
)

CATALOGUES = {app: parsed(catalogue_of(app).read_text("utf-8")) for app in apps()}
MESSAGES = [(app, message) for app, messages in CATALOGUES.items() for message in messages]
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|(?<!\{)\{\w*\}(?!\})")
HALF_WIDTH = re.compile(r"[\u3400-\u9fff”][,;:?!]|[,;:?!][\u3400-\u9fff“]|[\u3400-\u9fff]\.(?![\w])")
"""A half-width mark that touches a Chinese character: 您好,世界."""
MARKUP = re.compile(r"<[^>]+>|\[[^]]+\]|\w+://\S+|`[^`]*`")
FINISHED = re.compile(r"[.?!]$")
WORDS = ROOT / "docs" / "reference" / "product-words.md"


def test_every_app_with_texts_keeps_a_catalogue() -> None:
    """A new app without Chinese would show English to everybody and no other test would look at it."""
    speaking = re.compile(r"gettext|\{% (block)?trans")
    files = chain(PRODUCT.rglob("*.py"), PRODUCT.rglob("*.html"))
    found = {file.relative_to(PRODUCT).parts[0] for file in files if speaking.search(file.read_text("utf-8"))}
    assert found == set(CATALOGUES)


@pytest.mark.parametrize("app", CATALOGUES)
def test_a_catalogue_has_no_gap_no_guess_and_is_compiled(app: str) -> None:
    assert faults_inside(app, CATALOGUES[app]) == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    """A plural's Chinese serves for one and for many, so it follows the plural."""
    wrong = [
        (app, message.text)
        for app, message in MESSAGES
        if sorted(PLACEHOLDER.findall(message.plural or message.text))
        != sorted(PLACEHOLDER.findall(message.chinese))
    ]
    assert wrong == []


def test_markup_is_the_same_in_both_languages() -> None:
    tags = re.compile(r"</?\w+>")
    assert [
        (app, message.text)
        for app, message in MESSAGES
        if sorted(tags.findall(message.text)) != sorted(tags.findall(message.chinese))
    ] == []


def test_one_english_text_has_one_chinese_text_in_all_apps() -> None:
    """Django merges the catalogues: of two, the one of the first app would show everywhere."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, message in MESSAGES:
        found[message.key].add(message.chinese)
    assert {key: sorted(chinese) for key, chinese in found.items() if len(chinese) > 1} == {}


def _shown(message: Message) -> str:
    return pgettext(message.context, message.text) if message.context else gettext(message.text)


def test_pages_show_the_chinese_that_stands_in_the_catalogue() -> None:
    """No installed package and no other app may say something else for the same words."""
    with override("zh-hans"):
        wrong = [(app, message.text, _shown(message)) for app, message in MESSAGES if not message.plural
                 and _shown(message) != message.chinese]  # fmt: skip
    assert wrong == []


def test_messages_are_english_and_their_translations_chinese() -> None:
    assert [message.text for _, message in MESSAGES if HAN.search(message.text)] == []
    same = {message.text for _, message in MESSAGES if not HAN.search(message.chinese)}
    assert {text for text in same if re.search(r"[a-z]{3}", PLACEHOLDER.sub("", text))} == set()


def _chinese_texts() -> Iterator[tuple[str, str]]:
    """Every Chinese text of catalogues and problems, without what is code."""
    for app, message in MESSAGES:
        yield app, message.chinese
    for code, said in texts().items():
        yield from ((code, said[language]) for language in ("zh", "mend_zh"))


def test_chinese_texts_have_chinese_punctuation() -> None:
    wrong = [(where, text) for where, text in _chinese_texts() if HALF_WIDTH.search(MARKUP.sub("", text))]
    assert wrong == []


def test_a_sentence_ends_as_a_sentence_in_both_languages() -> None:
    ends = {".": "。", "?": "？", "!": "！"}
    wrong = [
        (message.text, message.chinese)
        for _, message in MESSAGES
        if FINISHED.search(message.text)
        and len(message.text) > 25
        and not message.chinese.endswith((ends[message.text[-1]], "？"))
    ]
    assert wrong == []


def test_problems_are_told_in_both_languages() -> None:
    """Chinese in Chinese, English in English, and nothing left empty."""
    for code, said in texts().items():
        assert all(said[field].strip() for field in ("en", "zh", "mend_en", "mend_zh")), code
        assert all(HAN.search(said[field]) for field in ("zh", "mend_zh")), code
        assert not HAN.search(said["en"] + said["mend_en"]), code


def _rows() -> list[list[str]]:
    lines = [line for line in WORDS.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line]


def test_words_to_avoid_stand_nowhere_in_the_product() -> None:
    """The last column of the table of product words: what the same thing was called elsewhere."""
    avoided = {word: row[1] for row in _rows()[1:] for word in row[3].split("、") if row[3] != "–" and word}
    assert avoided
    said = list(_chinese_texts())
    assert [(where, word) for word in avoided for where, text in said if word in text] == []


def test_the_product_uses_the_words_of_the_table() -> None:
    said = [text for _, text in _chinese_texts()]
    unused = [
        row[1] for row in _rows()[1:] for word in row[1].split("、") if not any(word in t for t in said)
    ]
    assert unused == []


def test_a_catalogue_is_written_as_it_was_read() -> None:
    said = [
        Message('A “quoted” "word"\nand a line', context="form", chinese="引号\\和\n换行"),
        Message("%(n)s row", plural="%(n)s rows", chinese="%(n)s 行", flags="python-format"),
    ]
    assert parsed(written("example", said)) == said


def test_guesses_are_not_taken_over() -> None:
    """What gettext calls fuzzy is the Chinese of another, similar text."""
    wanted = [Message("End", context="area"), Message("End")]
    known = [Message("End", chinese="结束"), Message("End", context="area", chinese="结束", flags="fuzzy")]
    assert [message.chinese for message in merged(wanted, known)] == ["", "结束"]
