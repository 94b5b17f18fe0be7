"""The words of the field: labels belong to their own word, codes never change."""

from __future__ import annotations

import pytest

from minping_engine.terms import Disposition, Mode, NotAssessed, Status, label


@pytest.mark.parametrize(
    ("word", "zh", "en"),
    [
        (Mode.VISIT, "入户", "home visit"),
        (Disposition.COMPLETE, "完成", "complete"),
        (Mode.PHONE, "电话", "telephone"),
        (Disposition.REFUSAL, "拒访", "refusal"),
        (Status.NOT_ASSESSED, "不予评定", "not assessed"),
        (NotAssessed.TOO_FEW, "答卷不足", "too few ballots"),
    ],
)
def test_words_with_equal_codes_keep_their_own_labels(word: Mode | Disposition, zh: str, en: str) -> None:
    assert (label(word), label(word, "en")) == (zh, en)


def test_codes_in_snapshots_never_change() -> None:
    modes = {mode.name: mode.value for mode in Mode}
    assert modes == {
        "UNKNOWN": 0,
        "VISIT": 1,
        "PHONE": 2,
        "SMS": 3,
        "QR": 4,
        "PAPER": 5,
        "WEB": 6,
        "OPEN_ONLINE": 7,
    }
    assert [disposition.value for disposition in Disposition] == [1, 2, 3, 4, 5, 6, 7]
