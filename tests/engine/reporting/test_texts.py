"""Words of all papers exist in both languages, and nothing asks for a word that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minping_engine.reporting.texts import both_languages

PAPERS = ["card", "workbook", "bulletin", "fairness"]


@pytest.mark.parametrize("paper", PAPERS)
def test_every_word_has_both_languages_with_the_same_parameters(paper: str) -> None:
    for key, entry in both_languages(paper).items():
        assert set(entry) == {"zh", "en"}, key
        zh, en = (sorted(re.findall(r"{\w+}", entry[language])) for language in ("zh", "en"))
        assert zh == en, key


def test_every_word_the_card_template_names_exists(root: Path) -> None:
    template = (root / "src/minping_engine/reporting/templates/card.typ").read_text("utf-8")
    assert set(re.findall(r"\bw\.(\w+)", template)) <= both_languages("card").keys()
