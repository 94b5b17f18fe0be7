"""Every state and every interval has one short sentence in both languages, without technical words."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from minping_engine import estimation, ranking, terms, weighting
from minping_engine.assessment.result import SCORES
from minping_engine.estimation import indices
from minping_engine.reporting.statements import chance_text, likely_text, statement, statement_key
from minping_engine.reporting.texts import both_languages
from minping_engine.terms import NotAssessed, Standing

PACKAGES = (terms, estimation, indices, ranking, weighting)
NAMES_OR_CHOICES = {
    "AdjusterSubject",
    "AreaLevel",
    "AssesseeKind",
    "CaseMixVariance",
    "Disposition",
    "Known",
    "LonelyPolicy",
    "Mode",
    "PeriodKind",
    "Shape",
    "ShareMethod",
    "SigmaMethod",
    "Status",
    "VarianceMethod",
}
"""Closed lists that are no finding: names of things (with a label in `terms`), and choices of a method."""
COLUMNS = {
    "low": ("score_interval",),
    "high": ("score_interval",),
    "score_low": ("score_interval", "adjusted_interval", "shrunken_interval"),
    "score_high": ("score_interval", "adjusted_interval", "shrunken_interval"),
    "reason": tuple(f"NotAssessed.{word.value}" for word in NotAssessed),
    "standing": tuple(f"Standing.{word.value}" for word in Standing),
    "grade_chance": ("grade_chance",),
    "adjusted": ("adjusted_interval",),
    "adjusted_se": ("adjusted_interval",),
    "shrunken": ("shrunken_interval",),
    "shrunken_se": ("shrunken_interval",),
    "reliability": ("reliability",),
    "rank_low": ("rank_interval", "rank_interval_one", "rank_rough", "rank_rough_one"),
    "rank_high": ("rank_interval", "rank_interval_one", "rank_rough", "rank_rough_one"),
    "set_low": ("rank_set",),
    "set_high": ("rank_set",),
    "p_top": ("top_chance",),
    "tie_band": ("tie_band", "tie_band_many", "tie_band_unranked", "tie_band_alone", "tie_band_all"),
    "tie_rank": ("tie_band", "tie_band_many"),
    "progress": ("progress_gain", "progress_loss", "progress_unclear"),
    "progress_se": ("progress_gain", "progress_loss", "progress_unclear"),
    "progress_state": ("ProgressState.shown", "ProgressState.no_first_round"),
    "p_better": ("progress_gain", "progress_loss", "progress_unclear"),
}
"""Sentences by column of `scores` that holds an interval, a chance or a state."""
PLAIN = {
    *("assessee_id", "kind", "name", "area_id", "period", "n_ballots", "n_rejected", "eligible", "drawn"),
    *("direct", "direct_se", "direct_se_fpc", "score", "difference", "status", "grade", "below_target"),
    *("shared_target", "visited", "year_mean", "year_periods", "weighted", "comparison_group", "ranked_of"),
    *("rank_expected", "borderline", "typical_se"),
}
"""Columns that are counts, names, points, or errors shown as an interval named above."""
USUAL: dict[str, dict[str, str]] = {
    "zh": {"n": "17人", "others": "4人", "grade": "良好", "likely": "很可能"},
    "en": {"n": "17 colleagues", "others": "4 colleagues", "grade": "good", "likely": "very probably"},
}
NUMBERS = {
    **{"needed": "30", "share": "50", "percent": "95", "low": "92.09", "high": "93.37", "score": "92.73"},
    **{"width": "13", "rank": "4", "change": "2.0", "chance": "88%"},
}
OF_KEY: dict[str, dict[str, Any]] = {
    "NotAssessed.too_few": {"n": "22"},
    "ReliabilityState.too_few": {"n": "22"},
    "rank_interval": {"low": "6", "high": "11"},
    "rank_interval_one": {"low": "1"},
    "rank_rough": {"low": "6", "high": "11"},
    "rank_rough_one": {"low": "1"},
    "tie_band": {"others": {"zh": "1人", "en": "1 colleague"}},
    "tie_band_many": {"rank": "1", "last": "8", "n": {"zh": "8人", "en": "8 colleagues"}},
    "rank_set": {"low": "3", "high": "14"},
    "top_chance": {"percent": "10", "chance": "17%"},
    "progress_gain": {"low": "1.0", "high": "3.0"},
    "progress_loss": {"low": "1.0", "high": "3.0"},
    "progress_unclear": {"low": "−0.6", "high": "+1.4"},
    "reliability": {"share": "80%"},
}
LONG: dict[str, dict[str, str]] = {
    "zh": {"n": "1,079人", "others": "1,078人", "likely": "几乎肯定", "chance": "超过99%"},
    "en": {"n": "1,079 colleagues", "others": "1,078 colleagues", "likely": "almost certainly"},
}
LONG_RANKS = {"low": "1,059", "high": "1,079", "rank": "1,059", "last": "1,079"}
LIMITS = {"zh": 40, "en": 160}
FORBIDDEN = {
    "zh": ("标准误", "收缩", "后验", "显著", "置信"),
    "en": ("standard error", "shrunken", "posterior", "significant"),
}
KEYS = sorted(both_languages("statements"))
PAGES = {"zh": "docs/how-to/what-a-score-says.zh-CN.md", "en": "docs/how-to/what-a-score-says.md"}


def usual(key: str, language: str) -> str:
    """A sentence with numbers as they often are; so it stands on the page for readers."""
    return statement(key, language, **{**NUMBERS, **USUAL[language], **of_key(key, language)})


def of_key(key: str, language: str) -> dict[str, str]:
    """Numbers of one sentence; a count of people differs by language."""
    pairs = OF_KEY.get(key, {}).items()
    return {name: value[language] if isinstance(value, dict) else value for name, value in pairs}


def long(key: str, language: str) -> str:
    """A sentence with the longest numbers of a large district."""
    numbers = {**NUMBERS, **USUAL[language], **of_key(key, language), **LONG[language]}
    return statement(key, language, **numbers | (LONG_RANKS if key.startswith(("rank_", "tie_")) else {}))


def closed_lists() -> dict[str, type[Enum]]:
    """All public closed lists of the packages whose findings people read."""
    found = {}
    for package in PACKAGES:
        for name in importlib.import_module(package.__name__).__all__:
            word = getattr(package, name)
            if isinstance(word, type) and issubclass(word, Enum):
                found[name] = word
    return found


STATES = {name: words for name, words in closed_lists().items() if name not in NAMES_OR_CHOICES}
MEMBERS = [pytest.param(word, id=statement_key(word)) for words in STATES.values() for word in words]


def test_lists_without_sentences_exist_and_the_lists_of_the_issue_have_them() -> None:
    assert closed_lists().keys() >= NAMES_OR_CHOICES
    asked = {"NotAssessed", "Standing", "ReliabilityState", "EstimateState", "ModeState", "AreaUnitState"}
    asked |= {"DifferenceState", "SmoothingState", "WeightState", "ResponseState", "RankingState"}
    asked |= {"PosteriorGrade", "Discrimination", "ProgressState", "BlendState", "DriverState", "Quadrant"}
    assert STATES.keys() >= asked | {"Verdict", "RatioState"}


@pytest.mark.parametrize("word", MEMBERS)
def test_every_state_has_a_sentence(word: Enum) -> None:
    assert statement_key(word) in KEYS


def test_no_sentence_is_left_over_for_a_state_that_is_gone() -> None:
    known = {statement_key(word) for words in STATES.values() for word in words}
    assert {key for key in KEYS if "." in key} == known


def test_every_column_of_scores_is_plain_or_has_a_sentence() -> None:
    assert set(SCORES.names) == COLUMNS.keys() | PLAIN
    assert {key for keys in COLUMNS.values() for key in keys} <= set(KEYS)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_a_sentence_is_short_and_plain(key: str, language: str) -> None:
    text = long(key, language)
    assert 0 < len(text) <= LIMITS[language]
    assert [word for word in FORBIDDEN[language] if word in text.lower()] == []
    assert "{" not in text
    if not key.startswith("chance_"):
        assert text.endswith({"zh": "。", "en": "."}[language])


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_name_the_same_numbers(key: str) -> None:
    zh, en = (sorted(re.findall(r"{\w+}", both_languages("statements")[key][one])) for one in ("zh", "en"))
    assert zh == en


@pytest.mark.parametrize("key", ["NotAssessed.unreliable", "PosteriorGrade.not_assessed"])
def test_a_missing_assessment_is_said_to_be_no_low_score(key: str) -> None:
    assert "这不是低分" in statement(key, "zh")
    assert "not a low score" in statement(key, "en")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_the_page_for_readers_holds_every_sentence(key: str, language: str, root: Path) -> None:
    """A changed sentence must be changed there too."""
    assert usual(key, language) in (root / PAGES[language]).read_text("utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_for_readers_shows_every_picture_that_there_is(language: str, root: Path) -> None:
    page = (root / PAGES[language]).read_text("utf-8")
    there = sorted(path.name for path in (root / "docs/pictures/statements").glob(f"*.{language}.svg"))
    assert sorted(set(re.findall(r"pictures/statements/([\w.-]+\.svg)", page))) == there


def test_pictures_are_in_step_with_the_tool_that_draws_them(root: Path) -> None:
    run = subprocess.run(
        [sys.executable, root / "tools/make_statement_pictures.py", "--check"], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_no_words_run_out_of_a_picture(root: Path) -> None:
    """Chinese signs are as wide as the letters are high, others about 0.56 of it."""
    out = []
    for path in sorted((root / "docs/pictures/statements").glob("*.svg")):
        tree = ElementTree.parse(path).getroot()
        for text in tree.iter("{http://www.w3.org/2000/svg}text"):
            words, size, x = text.text or "", float(text.attrib["font-size"]), float(text.attrib["x"])
            width = sum(size * (1 if ord(sign) > 0x2E7F else 0.56) for sign in words)
            left = x - width * {"start": 0, "middle": 0.5, "end": 1}[text.attrib["text-anchor"]]
            out += [(path.name, words)] if left < 0 or left + width > 600 else []
    assert out == []


@pytest.mark.parametrize(
    ("chance", "zh", "likely"),
    [
        (0.004, "不到1%", "不一定"),
        (0.48, "48%", "不一定"),
        (0.595, "60%", "多半"),
        (0.88, "88%", "很可能"),
        (0.99, "99%", "几乎肯定"),
        (0.9999, "超过99%", "几乎肯定"),
    ],
)
def test_a_chance_is_never_nought_or_certain_and_has_a_word(chance: float, zh: str, likely: str) -> None:
    assert (chance_text(chance, "zh"), likely_text(chance, "zh")) == (zh, likely)
