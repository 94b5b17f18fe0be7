"""`schemes/README.md` and its twin: the library as a table, in step with the schemes themselves.

The rows are made from the schemes; what stands around the tables is written by hand. Mend with

    python -m tests.architecture.test_library_page
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from minping_engine.errors import Language
from minping_engine.scheme import LoadedScheme, Scheme, load_scheme, scheme_ids
from minping_engine.scheme.describe.wording import Wording
from minping_engine.terms import AssesseeKind, label
from tests.architecture.source_tree import ROOT

PAGES: dict[Language, str] = {"en": "README.md", "zh": "README.zh-CN.md"}
LANGUAGES = sorted(PAGES)
ROW = re.compile(r"^\| \[`[^`]+`\].*$", re.MULTILINE)
ASKED = {
    "household": ("住户（问卷）", "households (questionnaire)"),
    "person": ("受访者（问卷）", "people asked (questionnaire)"),
}
EVIDENCE = {
    "cases": ("工单", "cases"),
    "facts": ("已有数据", "figures at hand"),
    "visits": ("走访", "visits"),
    "results": ("其他结果", "other results"),
}


def row_of(loaded: LoadedScheme, language: Language) -> str:
    """The line of one scheme."""
    scheme = loaded.scheme
    page = f"{scheme.id}/{PAGES[language]}"
    cells = (
        f"[`{scheme.id}`]({page})",
        scheme.title.of(language),
        _listed(_who(scheme, language), language),
        label(scheme.period.kind, language),
        _listed(_grades(loaded, language), language),
        _listed((Wording(language).say(f"use_{use.kind}") for use in scheme.use), language),
        _state(scheme, language),
        " ".join(scheme.requirements) or "–",
    )
    return f"| {' | '.join(cells)} |"


def _who(scheme: Scheme, language: Language) -> Iterator[str]:
    """Those who give ballots or marks; without any, what the score is made of."""
    if scheme.instruments:
        yield _pick(language, *ASKED[scheme.sampling.unit])
    yield from (group.title.of(language) for group in scheme.raters)
    if not scheme.instruments and not scheme.raters:
        kinds = {measure.of.split(".")[0] for measure in scheme.measures}
        kinds |= {"facts"} if scheme.facts else set()
        yield from (_pick(language, *words) for kind, words in EVIDENCE.items() if kind in kinds)


def _grades(loaded: LoadedScheme, language: Language) -> Iterator[str]:
    """Labels of the grades, best first; of several lists the first."""
    bands = loaded.scheme.grading.bands
    first = next(iter(bands.values())) if isinstance(bands, dict) else bands or ()
    yield from (band.label.of(language) for band in sorted(first, key=lambda band: -band.from_points))


def _state(scheme: Scheme, language: Language) -> str:
    """Disabled and why, else whether it is only an example and how many values must be filled in."""
    if scheme.disabled:
        return _pick(language, f"停用（{scheme.disabled.rule}）", f"disabled ({scheme.disabled.rule})")
    parts = [_pick(language, "仅为示例", "example only")] if scheme.example_only else []
    missing = len(load_scheme(scheme.id).unfilled)
    if missing:
        parts.append(_pick(language, f"待填 {missing} 项", f"{missing} to be filled in"))
    return _listed(parts, language, otherwise=_pick(language, "可用", "ready"))


def _listed(words: Iterator[str] | list[str], language: Language, *, otherwise: str = "–") -> str:
    """Each word once, in order."""
    return _pick(language, "、", ", ").join(dict.fromkeys(words)) or otherwise


def _pick(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def made(language: Language) -> list[str]:
    """All rows."""
    return [row_of(load_scheme(name, demo=True), language) for name in scheme_ids()]


def written(language: Language) -> str:
    """The page as it stands."""
    return (ROOT / "schemes" / PAGES[language]).read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_library_says_what_the_schemes_say(language: Language) -> None:
    assert ROW.findall(written(language)) == made(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_of_the_library_page_says_something(language: Language) -> None:
    """Grades and requirements may be none; everything else has an answer."""
    for row in ROW.findall(written(language)):
        _id, what, who, period, _grades, follows, state, _numbers = row.strip("| ").split(" | ")
        assert "–" not in (what, who, period, follows, state), row


def test_the_number_of_schemes_in_the_readme_is_that_of_the_library() -> None:
    for page in PAGES.values():
        (number,) = re.findall(r"(\d+)(?: schemes| 个考核方案)", (ROOT / page).read_text("utf-8"))
        assert int(number) == len(scheme_ids())


def test_the_street_scheme_records_whom_it_assesses_who_was_heard_and_where_it_was_tried() -> None:
    """S15, S19, S20: streets as assessees; thirty consultations; two pilot streets, then a revision."""
    scheme = load_scheme("gulou-street", demo=True).scheme
    assert scheme.assessee_kind is AssesseeKind.STREET_OFFICE
    assert sum(consultation.meetings for consultation in scheme.consultations) >= 30
    assert scheme.pilot is not None
    assert (scheme.pilot.places, scheme.pilot.is_running) == (("湖南路街道", "热河南路街道"), False)


def test_the_street_scheme_asks_residents_of_two_ages_and_organisations() -> None:
    """S22: tenants and members are residents; units and social organisations have a form of their own."""
    forms = [form.id for form in load_scheme("gulou-street", demo=True).scheme.instruments]
    assert forms == ["street-elderly", "street-young", "street-units"]


@pytest.mark.parametrize("name", scheme_ids())
def test_nothing_follows_before_a_preview_and_five_days_to_object(name: str) -> None:
    """D11: nobody loses money unheard."""
    scheme = load_scheme(name, demo=True).scheme
    assert scheme.publication is not None
    assert scheme.publication.days >= 1
    assert scheme.objection is not None
    assert scheme.objection.days >= 5
    assert scheme.objection.effect == "recomputed"


@pytest.mark.parametrize("name", scheme_ids())
def test_the_minutes_a_scheme_costs_stay_within_its_budget(name: str) -> None:
    """G2, D9: facts come from records kept anyway, or their minutes are counted."""
    scheme = load_scheme(name, demo=True).scheme
    entered = [fact for fact in scheme.facts if fact.collected == "entered"]
    assert [fact.id for fact in entered if not fact.minutes] == []
    assert scheme.burden is not None
    assert sum(fact.minutes for fact in scheme.facts) + scheme.burden.survey_minutes <= (
        scheme.burden.minutes_at_most
    )


def _write() -> None:
    """Put the rows of today between head and tail of both tables."""
    for language in PAGES:
        text = written(language)
        spans = [match.span() for match in ROW.finditer(text)]
        start = spans[0][0] if spans else text.index("|---|\n") + len("|---|\n")
        end = spans[-1][1] if spans else start
        rows = "\n".join(made(language)) + ("" if spans else "\n")
        (ROOT / "schemes" / PAGES[language]).write_text(text[:start] + rows + text[end:], "utf-8")


if __name__ == "__main__":
    _write()
