"""How often each rule fires on real messages: the method page says what this computes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from minping_engine.insight import Kind, redact
from tests.architecture.source_tree import ROOT
from tests.engine.insight.messages import messages

PAGE = (ROOT / "docs" / "method" / "redaction.md").read_text("utf-8")
LONGEST = 10_000


def test_the_page_says_how_often_each_rule_fires(outside_data: Path) -> None:
    texts = messages(outside_data / "taidi2020-messages")
    results = [redact(text, limit=LONGEST) for text in texts]
    fired = Counter(mark.kind for result in results for mark in result.marks)
    touched = sum(bool(result.marks) for result in results)
    assert f"{len(texts):,} messages" in PAGE
    assert f"{touched:,} of them" in PAGE
    assert ", ".join(f"`{kind}` {fired[kind]:,}" for kind in Kind) in " ".join(PAGE.split())
