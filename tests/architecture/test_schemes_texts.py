"""Scheme texts: complete in two languages, values with date and source, the five parts of a manual (S18)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from minping_engine.scheme import load_scheme, scheme_ids
from minping_engine.scheme.model import DisclosureFile, ValueFile
from tests.architecture.source_tree import ROOT, relative

FILES = sorted(path for path in (ROOT / "schemes").rglob("*.yaml") if path.name != "demo.yaml")
"""Names of invented organisations in demo.yaml stay Chinese."""
SCHEMES = sorted({path.relative_to(ROOT / "schemes").parts[0] for path in FILES})
"""One test looks at all files of a scheme and names each that is wrong."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FIVE_PARTS = ("instruments", "scoring", "sampling", "means", "use")


def _files(scheme: str, values: bool = False) -> list[Path]:
    """Files of a scheme, or those with values."""
    home = ROOT / "schemes" / scheme
    kept = (path for path in FILES if path == home or home in path.parents)
    return [path for path in kept if not values or path.parent.name in {"values", "common"}]


@cache
def _read(path: Path) -> Any:
    """The quick reader; a test below says that both read the same."""
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


def _bilingual(part: Any, place: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(part, dict):
        if {"zh", "en"} & part.keys():
            yield place, part
        for key, inner in part.items():
            yield from _bilingual(inner, f"{place}.{key}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _bilingual(inner, f"{place}.{number}")


def _texts(scheme: str) -> dict[str, dict[str, str]]:
    """File and place -> text in its languages."""
    return {
        f"{relative(file)}{place}": text for file in _files(scheme) for place, text in _bilingual(_read(file))
    }


def test_there_are_files_to_look_at() -> None:
    assert len(SCHEMES) >= len(scheme_ids())
    assert sum(bool(_files(scheme, values=True)) for scheme in SCHEMES) > len(scheme_ids()) / 2
    assert {path for scheme in SCHEMES for path in _files(scheme)} == set(FILES)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_stands_in_both_languages(scheme: str) -> None:
    texts = _texts(scheme)
    wrong = [place for place, text in texts.items() if not (_says(text, "zh") and _says(text, "en"))]
    assert wrong == []


def _says(text: dict[str, Any], language: str) -> bool:
    return isinstance(text.get(language), str) and bool(text[language].strip())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_chinese_text_is_chinese_and_the_english_is_not(scheme: str) -> None:
    texts = _texts(scheme)
    assert [place for place, text in texts.items() if not CHINESE.search(text["zh"])] == []
    assert [place for place, text in texts.items() if CHINESE.search(text["en"])] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_value_names_its_source_with_clause_and_date(scheme: str) -> None:
    sources = {relative(file): _read(file)["source"] for file in _files(scheme, values=True)}
    said = {name: [str(one[field]).strip() for field in ("title", "clause")] for name, one in sources.items()}
    assert [name for name, texts in said.items() if not all(texts)] == []
    assert [name for name, one in sources.items() if not _is_day(one["date"])] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_unknown_start_days_are_written_as_unknown(scheme: str) -> None:
    """Dated values stand in order."""
    for file in _files(scheme, values=True):
        if file.parent.name == "values":
            starts = [value["from"] for value in _read(file)["values"]]
            known = [start for start in starts if start != "unknown"]
            assert (all(map(_is_day, starts)), known) == (True, sorted(known)), relative(file)


def _is_day(value: object) -> bool:
    """A day that can be meant; year 1 is nobody's source."""
    return value == "unknown" or (isinstance(value, date) and value.year > 1900)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_value_file_is_named_like_its_value(scheme: str) -> None:
    for file in _files(scheme, values=True):
        model = DisclosureFile if file.name == "disclosure.yaml" else ValueFile
        assert model.model_validate(_read(file)).id == file.stem


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_unpublished_value_has_no_number(scheme: str) -> None:
    values = [(file.name, one) for file in _files(scheme, values=True) for one in _read(file)["values"]]
    dated = [(name, one) for name, one in values if isinstance(one, dict)]
    unpublished = [(name, one["value"]) for name, one in dated if one.get("state") == "not_published"]
    assert [name for name, value in unpublished if value is not None] == []


@pytest.mark.parametrize("scheme_id", scheme_ids())
def test_a_scheme_has_the_five_parts_of_the_manual(scheme_id: str) -> None:
    """S18: questionnaire, scoring, sampling plan, means, use; without a questionnaire what counts instead."""
    written = _read(load_scheme(scheme_id).folder / "scheme.yaml")
    needed = FIVE_PARTS if written.get("instruments") else ("indicators", "use")
    assert [part for part in needed if not written.get(part)] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_file_reads_the_same_with_the_stricter_reader(scheme: str) -> None:
    """The reader in C takes texts that the one in Python refuses; a scheme must load on every machine."""
    for file in _files(scheme):
        assert yaml.safe_load(file.read_text("utf-8")) == _read(file), relative(file)


@pytest.mark.parametrize("scheme_id", scheme_ids())
def test_a_scheme_names_requirements_that_exist(scheme_id: str) -> None:
    requirements = (ROOT / "docs" / "requirements.md").read_text("utf-8")
    named = load_scheme(scheme_id).scheme.requirements
    assert [name for name in named if f"| {name} |" not in requirements] == []


def test_the_questionnaire_has_a_version_and_ballots_name_it() -> None:
    """G3: nobody adds or drops items unnoticed, because ballots of another version are not read."""
    assert load_scheme("gulou-worker").scheme.instrument.key == "gulou-worker@1"


def test_workers_are_assessed_each_quarter_by_households_that_a_third_party_asks() -> None:
    """S1, S2, S6: who, when, and by which modes; a neutral party collects."""
    scheme = load_scheme("gulou-worker").scheme
    assert (scheme.assessee_kind.value, scheme.period.kind.value) == ("community_worker", "quarter")
    assert (scheme.sampling.unit, scheme.means.modes) == ("household", ("visit", "phone", "sms"))


def test_pay_follows_only_from_grades_that_a_district_fills_in() -> None:
    """S8, D14: the link from grade to pay is a proposal that persons sign; help comes first (S9)."""
    scheme = load_scheme("gulou-worker")
    assert {problem.params["name"] for problem in scheme.unfilled} == {"grade_bands", "pay_by_grade"}
    kinds = [use.kind for use in scheme.scheme.use]
    assert kinds[0] == "coaching"
    (pay,) = (use for use in scheme.scheme.use if use.money)
    assert (pay.kind, pay.signatures) == ("performance_pay", 2)
