"""The guess as its users see it: clear or refused, with reasons, lines to write, and no personal data."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from minping_engine.errors import render
from minping_engine.snapshot.importing import dump_map, guess_map, parse_map
from tests.engine.snapshot.guess.kept_layouts import files_of, guessed, layouts, scheme

GROUPS = ("known", "traps", "unseen")


@pytest.mark.parametrize("group", GROUPS)
def test_a_guess_is_either_a_map_or_reasons(group: str) -> None:
    guesses = [guessed(group, name) for name in layouts(group)]

    assert all((guess.map is None) == bool(guess.problems) for guess in guesses)


@pytest.mark.parametrize("group", GROUPS)
def test_every_column_taken_is_spoken_of(group: str) -> None:
    for name in layouts(group):
        guess = guessed(group, name)
        if guess.map:
            spoken_of = {note.place.column for note in guess.notes}
            assert {*guess.map.columns.target, *guess.map.columns.household} <= spoken_of


def test_a_refusal_shows_the_candidates_and_the_line_to_write() -> None:
    problem = guessed("known", "two-targets").problems[0]

    assert problem.params["candidates"] == "网格编号 | 社工编号"
    assert "columns: {target:" in render(problem, "zh").mend


def test_the_draft_of_a_refused_guess_is_yaml_that_holds_what_is_sure() -> None:
    draft = yaml.safe_load(guessed("known", "two-targets").draft)

    assert draft["columns"] == {"household": ["户号"], "answered_at": "答题时间"}
    assert set(draft["items"]) == {"q1", "q2", "q3", "q4", "q5"}


def test_a_guessed_map_survives_being_written_and_read() -> None:
    map_ = guessed("known", "total-row").map

    assert map_
    assert parse_map(dump_map(map_)) == map_


def test_personal_data_appear_in_no_message() -> None:
    guess = guessed("known", "many-extras")
    texts = " ".join(render(problem, "zh").line for problem in (*guess.problems, *guess.notes))

    assert "138000" not in texts + guess.draft
    assert "试验路" not in texts + guess.draft


def test_columns_with_personal_data_are_left_out_of_the_map() -> None:
    guess = guessed("known", "many-extras")
    left_out = {note.place.column for note in guess.notes if note.code == "guess.left_out_personal"}

    assert guess.map
    assert {"姓名", "联系电话", "身份证号", "家庭住址"} <= left_out
    assert not any(column in dump_map(guess.map) for column in left_out)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("商品,价格\n苹果,3\n梨,4\n", "utf-8")

    guess = guess_map([path], scheme())

    assert [problem.code for problem in guess.problems] == ["guess.no_items"]


def test_an_empty_file_is_refused_with_the_readers_reason(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("", "utf-8")

    assert [problem.code for problem in guess_map([path], scheme()).problems] == ["importing.empty_file"]


def test_two_schemes_that_both_fit_leave_open_which_one() -> None:
    guess = guess_map(files_of("known", "english"), [scheme(), scheme()])

    assert [problem.code for problem in guess.problems] == ["guess.two_schemes"]
