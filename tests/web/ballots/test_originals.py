"""What lies sealed of comments after a closing says nothing by its length."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from minping_web.ballots.services.originals import STEPS, about_original, padded, seal_original
from minping_web.common.crypto import keyring
from minping_web.instruments.rules.questionnaire import LONGEST_COMMENT

WORDS = ("", "好", "路灯坏了" * 10, "好" * 130)


def test_short_and_long_comments_are_equally_long() -> None:
    sealed = [seal_original(uuid4(), text, ("housing",), keyring()) for text in WORDS]
    assert len({len(one) for one in sealed}) == 1


def test_the_longest_comment_fits_the_last_step() -> None:
    every = tuple(f"a_field_of_{number:02d}" for number in range(14))
    sealed = {
        len(seal_original(uuid4(), word * LONGEST_COMMENT, every, keyring())) for word in ("\U0001f600", "\n")
    }
    around = len(seal_original(uuid4(), "", (), keyring())) - STEPS[0]
    assert sealed <= {step + around for step in STEPS}


@pytest.mark.parametrize("text", [*WORDS, '"}', "a\\", "一\n二"])
def test_what_was_padded_reads_the_same(text: str) -> None:
    key = uuid4()
    sealed = seal_original(key, text, ("housing",), keyring())
    told = json.loads(keyring().open(sealed, about_original("sealed", key)))
    assert told == {"text": text, "fields": ["housing"]}


@pytest.mark.parametrize(
    ("length", "becomes"), [(0, 512), (512, 512), (513, 1024), (2049, 4096), (4096, 4096), (4097, 8192)]
)
def test_steps(length: int, becomes: int) -> None:
    assert len(padded(b"x" * length)) == becomes
