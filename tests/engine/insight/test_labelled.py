"""How much of what leads to a person is found, on invented comments (docs/method/redaction.md)."""

from __future__ import annotations

import pytest

from minping_engine.insight import Kind
from tests.architecture.source_tree import ROOT
from tests.engine.insight.labelled import PARTS, examples, measured

PAGE = (ROOT / "docs" / "method" / "redaction.md").read_text("utf-8")


def _row(kind: Kind) -> str:
    cells = []
    for part in PARTS:
        counts = measured(examples(part))[kind]
        cells += [f"{counts.hidden} of {counts.places}", f"{counts.right} of {counts.marks}"]
    return f"| `{kind}` | {kind.replacement} | " + " | ".join(cells) + " |"


@pytest.mark.parametrize("kind", Kind)
def test_recall_and_precision_are_what_the_page_says(kind: Kind) -> None:
    assert _row(kind) in PAGE


def test_enough_is_labelled() -> None:
    some = [example for part in PARTS for example in examples(part)]
    harmless = [example for example in some if not example.places]
    assert len(some) >= 150
    assert len(harmless) >= 50
    assert {kind for example in some for kind, _, _ in example.places} == set(Kind)


def test_no_comment_without_a_label_is_touched_in_either_part() -> None:
    harmless = [example for part in PARTS for example in examples(part) if not example.places]
    assert sum(counts.marks for counts in measured(tuple(harmless)).values()) == 0
