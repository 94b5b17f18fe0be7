"""A root on paper: typed back it is the same checkpoint; a slip of the finger is told from another root."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.anchors import printed_root, read_printed
from minping_engine.errors import InputError
from minping_engine.proof import Checkpoint

HEAD = Checkpoint("example.gov.cn/minping-log", 1234, sha256(b"root").digest())
roots = st.builds(
    Checkpoint,
    st.sampled_from(["example.gov.cn/log", "例子.cn/日志"]),
    st.integers(0, 2**62),
    st.binary(min_size=32, max_size=32),
)


def code(text: str) -> str:
    with pytest.raises(InputError) as raised:
        read_printed(text)
    return raised.value.problems[0].code


@given(roots)
def test_what_is_printed_is_read_back(checkpoint: Checkpoint) -> None:
    printed = printed_root(checkpoint)
    assert read_printed(printed.payload) == checkpoint
    assert read_printed("\n".join(printed.lines)) == checkpoint


def test_it_has_four_lines_and_fourteen_groups_of_four() -> None:
    origin, size, first, second = printed_root(HEAD).lines
    assert (origin, size) == (HEAD.origin, "1234")
    assert [len(group) for group in f"{first} {second}".split()] == [4] * 14
    assert not set(first + second) & set("ILOU")


def test_the_letters_are_the_root_in_base_32() -> None:
    """Zero is 52 times 0, all ones is 1 and 51 times Z; the rest is the check."""
    for root, letters in ((bytes(32), "0" * 52), (b"\xff" * 32, "1" + "Z" * 51)):
        _, _, first, second = printed_root(Checkpoint("x", 1, root)).lines
        assert (first + second).replace(" ", "")[:52] == letters


def test_people_may_type_as_they_like() -> None:
    origin, size, first, second = printed_root(HEAD).lines
    letters = f"{first}-{second}".replace(" ", "-").lower().replace("0", "o").replace("1", "l")
    assert read_printed(f"  {origin}\t1,234\n{letters}\n") == HEAD
    assert read_printed(f"{origin} {size} {(first + second).replace(' ', '')}") == HEAD


def test_every_wrong_letter_is_a_typo_and_no_other_root() -> None:
    text = printed_root(HEAD).payload
    start = len(HEAD.origin) + 1
    for place in range(start, len(text)):
        if text[place] != " ":
            other = "2" if text[place] == "3" else "3"
            assert code(text[:place] + other + text[place + 1 :]) == "anchors.printed_typo", place
    assert code(text.replace("gov", "goy")) == "anchors.printed_typo"


def test_two_groups_that_changed_places_are_a_typo() -> None:
    words = printed_root(HEAD).payload.split()
    words[4], words[5] = words[5], words[4]
    assert code(" ".join(words)) == "anchors.printed_typo"


@pytest.mark.parametrize(
    "text",
    ["", "x", "x 1", "x 1 ABCD", "x -1 " + "0" * 56, "a+b 1 " + "0" * 56, "x 1 " + "0" * 55,
     "x 1 " + "0" * 57, "x 1 " + "U" * 56, "x 1,23 " + "0" * 56],
)  # fmt: skip
def test_what_is_no_printed_root_is_refused(text: str) -> None:
    assert code(text) == "anchors.printed_malformed"


@given(st.text(max_size=120))
def test_no_text_makes_reading_stumble(text: str) -> None:
    with pytest.raises(InputError):
        read_printed(text)
