"""Every state and every interval has one short sentence in both languages, without technical words."""

from __future__ import annotations

import importlib
import re
from enum import Enum
from pathlib import Path

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
    "reason": tuple(f"NotAssessed.{word.value}" for word in NotAssessed),
    "standing": tuple(f"Standing.{word.value}" for word in Standing),
    "grade_chance": ("grade_chance",),
    "adjusted": ("adjusted_interval",),
    "adjusted_se": ("adjusted_interval",),
    "shrunken": ("shrunken_interval",),
    "shrunken_se": ("shrunken_interval",),
    "reliability": ("reliability",),
    "rank_low": ("rank_interval", "rank_interval_one"),
    "rank_high": ("rank_interval", "rank_interval_one"),
    "set_low": ("rank_set",),
    "set_high": ("rank_set",),
    "p_top": ("top_chance",),
    "tie_band": ("tie_band", "tie_band_unranked", "tie_band_alone", "tie_band_all"),
    "tie_rank": ("tie_band",),
    "progress": ("progress_gain", "progress_loss", "progress_unclear"),
    "progress_se": ("progress_gain", "progress_loss", "progress_unclear"),
    "p_better": ("progress_gain", "progress_loss", "progress_unclear"),
}
"""Sentences by column of `scores` that holds an interval, a chance or a state."""
PLAIN = {
    *("assessee_id", "kind", "name", "area_id", "period", "n_ballots", "n_rejected", "eligible", "drawn"),
    *("direct", "direct_se", "direct_se_fpc", "score", "difference", "status", "grade", "below_target"),
    *("shared_target", "visited", "year_mean", "year_periods", "weighted", "comparison_group", "ranked_of"),
    *("rank_expected", "borderline"),
}
"""Columns that are counts, names, points, or errors shown as an interval named above."""
LONGEST = {
    "zh": {"n": "1,079人", "others": "1,078人", "grade": "优秀", "likely": "几乎肯定", "chance": "超过99%"},
    "en": {
        "n": "1,079 colleagues",
        "others": "1,078 colleagues",
        "grade": "excellent",
        "likely": "almost certainly",
        "chance": "over 99%",
    },
}
NUMBERS = {
    **{"needed": "30", "share": "50", "percent": "95", "low": "92.09", "high": "93.37", "score": "92.73"},
    **{"width": "286", "rank": "286", "change": "10.2"},
}
RANKS = {"low": "1,059", "high": "1,079"}
POINTS = {"low": "−10.8", "high": "+11.2"}
BALLOTS = {"n": "29"}
LIMITS = {"zh": 40, "en": 160}
FORBIDDEN = {
    "zh": ("标准误", "收缩", "后验", "显著", "置信"),
    "en": ("standard error", "shrunken", "posterior", "significant"),
}
KEYS = sorted(both_languages("statements"))
PAGES = {"zh": "docs/how-to/what-a-score-says.zh-CN.md", "en": "docs/how-to/what-a-score-says.md"}


def filled(key: str, language: str) -> str:
    """A sentence with the longest numbers that are likely."""
    numbers = {**NUMBERS, **LONGEST[language]}
    if key.startswith("rank"):
        numbers |= RANKS
    if key.startswith("progress"):
        numbers |= POINTS
    if key.endswith(".too_few"):
        numbers |= BALLOTS
    return statement(key, language, **numbers)


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
    text = filled(key, language)
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
    """Sentences stand there as they are in the file, so that a changed one is changed there too."""
    page = (root / PAGES[language]).read_text("utf-8")
    assert both_languages("statements")[key][language] in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_for_readers_shows_every_picture_that_there_is(language: str, root: Path) -> None:
    page = (root / PAGES[language]).read_text("utf-8")
    there = sorted(path.name for path in (root / "docs/pictures/statements").glob("*.svg"))
    assert sorted(set(re.findall(r"pictures/statements/([\w-]+\.svg)", page))) == there


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
