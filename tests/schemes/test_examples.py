"""Every scheme of the library: it loads, its sources and texts are complete, its examples hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.assessment import run_examples
from minping_engine.scheme import lint_scheme, load_scheme, scheme_ids
from minping_engine.terms import MeasureState

TOLD = {
    "livelihood-indicators": {"lint.volume_indicator"},
    "jinshan-award": {"lint.forbidden_basis", "scheme.disabled", "lint.no_legal_basis"},
}
"""Findings that a preset keeps, and its README says why: S98 asks for numbers; S111 ships disabled."""


RUNNING = [name for name in scheme_ids() if load_scheme(name).scheme.disabled is None]


@pytest.mark.parametrize("scheme_id", RUNNING)
def test_worked_examples_hold(scheme_id: str) -> None:
    lines = list(run_examples(load_scheme(scheme_id, demo=True)))
    assert lines, "a scheme without worked examples cannot be checked by hand"
    assert [line for line in lines if not line.holds] == []


@pytest.mark.parametrize("scheme_id", scheme_ids())
def test_the_linter_finds_nothing_but_values_to_fill_in(scheme_id: str) -> None:
    """Every preset is clean, or disabled with the rule that forbids it (S111)."""
    loaded = load_scheme(scheme_id)
    known = {"scheme.not_published", *(TOLD.get(scheme_id, ()))}
    assert [problem for problem in lint_scheme(loaded) if problem.code not in known] == []
    assert loaded.scheme.disabled is None or loaded.scheme.disabled.rule == "G1"


@pytest.mark.parametrize("scheme_id", RUNNING)
def test_five_examples_with_a_missing_value_among_them(scheme_id: str) -> None:
    lines = list(run_examples(load_scheme(scheme_id, demo=True)))
    assert len({line.example for line in lines}) >= 5
    missing = {state.value for state in MeasureState} - {"valued"}
    assert any(line.made in missing for line in lines)


@pytest.mark.parametrize("scheme_id", scheme_ids())
def test_a_scheme_has_a_readme_in_two_languages(scheme_id: str) -> None:
    folder = load_scheme(scheme_id).folder
    for name in ("README.md", "README.zh-CN.md"):
        assert len((folder / name).read_text("utf-8")) > 400, name


def test_an_example_that_does_not_hold_is_found(tmp_path: Path) -> None:
    import shutil

    source = load_scheme("gulou-worker").folder
    shutil.copytree(source, tmp_path / "s")
    example = tmp_path / "s/examples/labels-to-points.yaml"
    example.write_text(example.read_text("utf-8").replace("direct: 60.0", "direct: 61.0"), "utf-8")
    wrong = [line for line in run_examples(load_scheme(tmp_path / "s", demo=True)) if not line.holds]
    assert [(line.name, line.made) for line in wrong] == [("direct", 60.0)]
