"""`verify_draw`: a sound draw passes; whatever was changed is found, and named by file, row and column."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from minping_engine.errors import InputError, Problem, Severity
from minping_engine.proof import FolderStore, entry_of, read_entries
from minping_engine.sampling import (
    DRAWN,
    FRAME_SEALED,
    SEED_NAMED,
    DrawnValue,
    draw_by_plan,
    read_draw,
    seed_of,
)
from minping_engine.verification import DrawReport, verify_draw
from tests.engine.proof.logs import KEY, grown
from tests.engine.sampling.frames import (
    DESIGN,
    NAMED,
    VALUE,
    Published,
    publish,
    record,
    salt_of,
    steps_of,
    write_log,
)

KEY_TEXT = str(KEY.verifier)
HEAD, FRAME, DRAWN_FILE, OPENINGS = "draw.json", "frame.csv", "drawn.csv", "openings.csv"
Cells = list[list[str]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A sound draw of two areas with its log; two units rest."""
    return publish(tmp_path_factory.mktemp("whole"), resting=["h002", "h016"])


@pytest.fixture
def folder(whole: Published, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(whole.folder, tmp_path / "draw"))


def errors(report: DrawReport) -> list[Problem]:
    return [problem for problem in report.problems if problem.severity is Severity.ERROR]


def told(report: DrawReport) -> set[tuple[str, str, int, str]]:
    """Errors: code, file, row, column or key."""
    return {
        (one.code, one.place.file, one.place.row, one.place.column or one.place.key) for one in errors(report)
    }


def notes(report: DrawReport) -> set[str]:
    return {problem.code for problem in report.problems if problem.severity is Severity.WARNING}


def edit_table(file: Path, change: Callable[[Cells], object]) -> None:
    """Change the rows of a table; row 0 is the head."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    change(rows)
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)


def edit_head(folder: Path, path: str, value: object) -> None:
    """Change one value of `draw.json`, by its dotted path."""
    file = folder / HEAD
    head: dict[str, Any] = json.loads(file.read_text("utf-8"))
    *parents, last = path.split(".")
    inner: Any = head
    for name in parents:
        inner = inner[int(name)] if isinstance(inner, list) else inner[name]
    assert inner[last] != value
    inner[last] = value
    file.write_text(json.dumps(head), "utf-8")


def row_of(folder: Path, unit: str, file: str = DRAWN_FILE) -> int:
    """The row of a unit as a spreadsheet counts it."""
    with (folder / file).open(newline="", encoding="utf-8") as lines:
        return next(number for number, row in enumerate(csv.reader(lines), 1) if unit in row)


def put(row: int, column: int, text: str) -> Callable[[Cells], object]:
    """A change of one cell; rows as a spreadsheet counts them."""

    def change(rows: Cells) -> None:
        assert rows[row - 1][column] != text
        rows[row - 1][column] = text

    return change


def test_a_published_draw_is_sound_and_says_what_it_is(whole: Published) -> None:
    report = verify_draw(whole.folder, whole.log, KEY_TEXT, opened=whole.opened)
    assert errors(report) == []
    assert notes(report) == set()
    assert (report.units, report.eligible, report.sample, report.reserve) == (28, 26, 10, 16)
    assert (report.opened, report.left_out) == (28, 0)
    assert dict(report.entries) == {FRAME_SEALED: 1, SEED_NAMED: 3, DRAWN: 5}
    assert report.namings == 1


def test_the_folder_alone_is_enough(whole: Published, folder: Path) -> None:
    (folder / OPENINGS).unlink()
    report = verify_draw(folder)
    assert report.is_sound
    assert (report.opened, report.log) == (None, None)


def test_a_file_that_an_editor_gave_a_mark_and_other_line_ends_is_still_the_draw(folder: Path) -> None:
    file = folder / DRAWN_FILE
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert verify_draw(folder).is_sound


# --- draw.json ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (
            "outcome.drawn_value.value",
            "07 11 15 22 28 31 10",
            {("sampling.outcome_differs", HEAD, 0, "outcome.seed")},
        ),
        ("outcome.seed", "0" * 64, {("sampling.outcome_differs", HEAD, 0, "outcome.seed")}),
        ("outcome.drawn_sha256", "0" * 64, {("sampling.outcome_differs", HEAD, 0, "outcome.drawn_sha256")}),
        ("outcome.sample", 11, {("sampling.outcome_differs", HEAD, 0, "outcome.sample")}),
        ("outcome.reserve", 15, {("sampling.outcome_differs", HEAD, 0, "outcome.reserve")}),
        ("outcome.plan_sha256", "0" * 64, {("sampling.plan_differs", HEAD, 0, "plan")}),
        ("plan.named.source", "another lottery", {("sampling.plan_differs", HEAD, 0, "plan")}),
        (
            "plan.units",
            29,
            {("sampling.plan_differs", HEAD, 0, "plan"), ("sampling.frame_differs", HEAD, 0, "plan.units")},
        ),
        (
            "plan.list_sha256",
            "0" * 64,
            {
                ("sampling.plan_differs", HEAD, 0, "plan"),
                ("sampling.frame_differs", HEAD, 0, "plan.list_sha256"),
            },
        ),
        (
            "plan.frame_root",
            "0" * 64,
            {
                ("sampling.plan_differs", HEAD, 0, "plan"),
                ("sampling.frame_differs", HEAD, 0, "plan.frame_root"),
                ("sampling.outcome_differs", HEAD, 0, "outcome.seed"),
            },
        ),
        (
            "plan.named.form",
            "###### ######",
            {
                ("sampling.plan_differs", HEAD, 0, "plan"),
                ("sampling.value_form", HEAD, 0, "outcome.drawn_value"),
            },
        ),
    ],
)
def test_a_changed_statement_is_found_where_it_stands(
    folder: Path, path: str, value: object, expected: set[tuple[str, str, int, str]]
) -> None:
    edit_head(folder, path, value)
    assert told(verify_draw(folder)) == expected


def test_rows_are_held_against_the_value_where_no_statement_fits(folder: Path) -> None:
    edit_head(folder, "outcome.seed", "0" * 64)
    edit_head(folder, "outcome.drawn_sha256", "0" * 64)
    assert told(verify_draw(folder)) == {
        ("sampling.outcome_differs", HEAD, 0, "outcome.seed"),
        ("sampling.outcome_differs", HEAD, 0, "outcome.drawn_sha256"),
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("plan.design.n", 6),
        ("plan.design.n", None),
        ("plan.design.n_by_area", {"A1": 4}),
        ("plan.design.strata.0.share", 1),
        ("plan.design.modes", ["visit", "sms"]),
        ("plan.design.randomised_percent", 51),
        ("plan.design.strata.0.where", {"special": ["", "disabled"]}),
    ],
)
def test_another_design_is_not_the_one_of_the_draw(folder: Path, path: str, value: object) -> None:
    edit_head(folder, path, value)
    assert ("sampling.plan_differs", HEAD, 0, "plan") in told(verify_draw(folder))


def test_another_n_shows_in_the_roles_of_the_rows_too(folder: Path) -> None:
    edit_head(folder, "plan.design.n", 6)
    found = [one for one in errors(verify_draw(folder)) if one.code == "sampling.row_differs"]
    assert {(one.place.file, one.place.column, one.params["stratum"]) for one in found} == {
        (DRAWN_FILE, "role", "ordinary")
    }
    assert len(found) == 2


def test_a_design_that_contradicts_itself_is_told(folder: Path) -> None:
    edit_head(folder, "plan.design.strata.0.share", 0)
    assert ("sampling.share_or_quota", HEAD, 0, "plan.design") in told(verify_draw(folder))


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("plan.design.modes", [], "sampling.no_modes"),
        ("plan.design.strata", [], "sampling.no_strata"),
        ("plan.design.strata.0.id", "special", "sampling.stratum_repeated"),
        ("plan.design.strata.0.quota", 9, "sampling.share_or_quota"),
        ("plan.design.n", 0, "sampling.nothing_asked"),
        ("plan.design.n", 100_000, "sampling.plan_differs"),
    ],
)
def test_a_damaged_design_is_told_and_stops_nothing(
    folder: Path, path: str, value: object, code: str
) -> None:
    edit_head(folder, path, value)
    report = verify_draw(folder)
    assert code in {one.code for one in errors(report)}
    assert report.units == 28


@pytest.mark.parametrize(("path", "value"), [("plan.design.n", 10**6), ("plan.units", 10**30), ("format", 2)])
def test_numbers_beyond_reason_are_refused_before_anything_is_computed(
    folder: Path, path: str, value: object
) -> None:
    edit_head(folder, path, value)
    with pytest.raises(InputError) as raised:
        verify_draw(folder)
    assert [(one.code, one.place.key) for one in raised.value.problems] == [("sampling.head", path)]


# --- frame.csv ----------------------------------------------------------------------------------------
def test_a_unit_moved_between_strata_is_named_by_its_row(folder: Path) -> None:
    row = row_of(folder, "h003", FRAME)
    edit_table(folder / FRAME, put(row, 3, "ordinary"))
    found = told(verify_draw(folder))
    assert ("sampling.frame_differs", FRAME, 0, "") in found
    assert ("sampling.row_differs", DRAWN_FILE, row_of(folder, "h003"), "stratum") in found
    assert ("sampling.opening_stratum", OPENINGS, row, "") in found  # both tables have all units in order


def test_a_unit_moved_to_another_area_is_named_by_its_row(folder: Path) -> None:
    row = row_of(folder, "h003", FRAME)
    edit_table(folder / FRAME, put(row, 2, "A1"))
    found = told(verify_draw(folder))
    assert ("sampling.row_differs", DRAWN_FILE, row_of(folder, "h003"), "area") in found
    assert ("sampling.opening_area", OPENINGS, row, "") in found


@pytest.mark.parametrize(("unit", "flag"), [("h002", "0"), ("h004", "1")])
def test_a_changed_rest_is_found(folder: Path, unit: str, flag: str) -> None:
    edit_table(folder / FRAME, put(row_of(folder, unit, FRAME), 4, flag))
    found = verify_draw(folder)
    assert ("sampling.frame_differs", FRAME, 0, "") in told(found)
    (places,) = [one for one in errors(found) if one.place.column == "place"]
    assert (places.params["area"], places.params["stratum"]) == ("A0", "ordinary")


def test_a_changed_commitment_is_found_and_its_opening_names_the_row(folder: Path) -> None:
    row = row_of(folder, "h005", FRAME)
    edit_table(folder / FRAME, put(row, 5, "0" * 64))
    report = verify_draw(folder)
    assert told(report) == {
        ("sampling.frame_differs", FRAME, 0, ""),
        ("sampling.opening_wrong", OPENINGS, row, ""),
    }
    assert {one.params["key"] for one in errors(report) if one.place.file == FRAME} == {
        "frame_root",
        "list_sha256",
    }


def test_a_dropped_row_of_the_frame_is_found_where_it_lacks(folder: Path) -> None:
    row = row_of(folder, "h005", FRAME)
    edit_table(folder / FRAME, lambda rows: rows.pop(row - 1))
    found = told(verify_draw(folder))
    assert ("sampling.position", FRAME, row, "position") in found
    assert ("sampling.frame_differs", FRAME, 0, "") in found
    assert ("sampling.not_in_frame", DRAWN_FILE, row_of(folder, "h005"), "unit") in found


def test_a_dropped_last_row_is_found_by_the_number_of_units(folder: Path) -> None:
    edit_table(folder / FRAME, lambda rows: rows.pop())
    keys = {one.params["key"] for one in errors(verify_draw(folder)) if one.place.file == FRAME}
    assert keys == {"units", "frame_root", "list_sha256"}


def test_a_unit_taken_out_of_the_population_is_found(folder: Path) -> None:
    edit_table(folder / FRAME, put(row_of(folder, "h005", FRAME), 3, ""))
    report = verify_draw(folder)
    assert ("sampling.not_in_population", DRAWN_FILE, row_of(folder, "h005"), "unit") in told(report)
    assert "sampling.left_out" in notes(report)
    assert report.left_out == 1


def test_cells_that_cannot_be_read_are_told_all_at_once(folder: Path) -> None:
    def change(rows: Cells) -> None:
        rows[1][0] = "x"
        rows[2][4] = "yes"
        rows[3][5] = rows[3][5].upper()
        rows[4] = rows[4][:-1]
        rows[5][3] = "other"
        rows[6][1] = rows[7][1]

    edit_table(folder / FRAME, change)
    found = told(verify_draw(folder))
    assert {
        ("sampling.cell", FRAME, 2, "position"),
        ("sampling.cell", FRAME, 3, "resting"),
        ("sampling.cell", FRAME, 4, "commitment"),
        ("sampling.cells", FRAME, 5, ""),
    } <= found
    assert {code for code, *_ in found} >= {"sampling.stratum_unknown", "sampling.unit_repeated"}


# --- drawn.csv ----------------------------------------------------------------------------------------
def test_two_swapped_units_are_found_in_their_rows(folder: Path) -> None:
    def change(rows: Cells) -> None:
        rows[1][0], rows[2][0] = rows[2][0], rows[1][0]

    edit_table(folder / DRAWN_FILE, change)
    (problem, *_modes) = [one for one in errors(verify_draw(folder)) if one.place.column == "place"]
    assert (problem.place.file, problem.place.row, problem.count) == (DRAWN_FILE, 2, 2)
    assert (problem.params["found"], problem.params["wanted"]) == (1, 2)


def test_a_unit_of_the_sample_exchanged_for_a_reserve_is_found(folder: Path) -> None:
    with (folder / DRAWN_FILE).open(encoding="utf-8") as lines:
        roles = [line.split(",")[4] for line in lines]
    last, first = roles.index("reserve") - 1, roles.index("reserve")

    def change(rows: Cells) -> None:
        rows[last][4], rows[first][4] = rows[first][4], rows[last][4]

    edit_table(folder / DRAWN_FILE, change)
    (problem,) = errors(verify_draw(folder))
    assert (problem.code, problem.place.row, problem.place.column, problem.count) == (
        "sampling.row_differs",
        last + 1,
        "role",
        2,
    )


def test_a_dropped_row_is_named_by_its_unit_of_the_frame(folder: Path) -> None:
    gone: list[str] = []
    edit_table(folder / DRAWN_FILE, lambda rows: gone.extend(rows.pop(4)))
    (problem,) = errors(verify_draw(folder))
    assert (problem.code, problem.place.file) == ("sampling.unit_missing", DRAWN_FILE)
    assert problem.params == {
        "area": gone[1], "stratum": gone[2], "place": int(gone[3]), "listed": row_of(folder, gone[0], FRAME),
    }  # fmt: skip


def test_a_row_too_many_is_named(folder: Path) -> None:
    edit_table(folder / DRAWN_FILE, lambda rows: rows.extend([["h999", *rows[1][1:]], rows[3]]))
    assert told(verify_draw(folder)) == {
        ("sampling.not_in_frame", DRAWN_FILE, 28, "unit"),
        ("sampling.drawn_repeated", DRAWN_FILE, 29, "unit"),
    }


@pytest.mark.parametrize(
    ("column", "name", "text"),
    [
        (1, "area", "A9"),
        (2, "stratum", "special"),
        (3, "place", "3"),
        (4, "role", "reserve"),
        (5, "mode", "paper"),
    ],
)
def test_each_changed_cell_of_a_row_is_found(folder: Path, column: int, name: str, text: str) -> None:
    edit_table(folder / DRAWN_FILE, put(2, column, text))
    assert told(verify_draw(folder)) == {("sampling.row_differs", DRAWN_FILE, 2, name)}


def test_every_changed_character_of_both_tables_is_found_in_its_file(whole: Published, folder: Path) -> None:
    """One character after the other becomes another one; line ends and the mark of a head count, too."""
    (folder / OPENINGS).unlink()
    for name in (FRAME, DRAWN_FILE):
        content = (whole.folder / name).read_bytes()
        for place in range(0, len(content), 7):  # 7 and the lengths of rows have no common divisor
            other = b"1" if content[place : place + 1] != b"1" else b"2"
            (folder / name).write_bytes(content[:place] + other + content[place + 1 :])
            assert name in {one.place.file for one in errors(verify_draw(folder))}, (name, place)
        (folder / name).write_bytes(content)
    assert verify_draw(folder).is_sound


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "sampling.file_missing"),
        (b"", "sampling.columns"),
        (b"\xff\xfe", "sampling.not_text"),
        (b"unit,area\n", "sampling.columns"),
        (b'unit,area,stratum,place,role,mode,randomised\n"', "sampling.not_text"),
    ],
)
def test_a_table_that_is_none_is_told_once(folder: Path, content: bytes | None, code: str) -> None:
    file = folder / DRAWN_FILE
    file.unlink() if content is None else file.write_bytes(content)
    assert told(verify_draw(folder)) == {(code, DRAWN_FILE, 0, "")}


# --- openings.csv -------------------------------------------------------------------------------------
def openings(folder: Path, change: Callable[[Cells], object]) -> DrawReport:
    edit_table(folder / OPENINGS, change)
    return verify_draw(folder)


def test_a_record_that_was_changed_does_not_open(folder: Path) -> None:
    other = json.dumps(record(3, "A0", special="living_alone"))
    assert told(openings(folder, put(5, 2, other))) == {("sampling.opening_wrong", OPENINGS, 5, "")}


def test_a_record_of_another_unit_does_not_open(folder: Path) -> None:
    report = openings(folder, put(5, 0, "h004"))
    assert told(report) == {("sampling.opening_wrong", OPENINGS, 5, "")}
    assert report.opened == 27


def test_openings_that_cannot_be_read_and_strange_ones_are_told(folder: Path) -> None:
    def change(rows: Cells) -> None:
        rows[1][1] = "x"
        rows[2][2] = "[]"
        rows.append(["h999", salt_of(1).hex(), "{}"])

    assert told(openings(folder, change)) == {
        ("sampling.cell", OPENINGS, 2, "salt"),
        ("sampling.cell", OPENINGS, 3, "record"),
        ("sampling.opening_unknown", OPENINGS, 30, ""),
    }


# --- notes --------------------------------------------------------------------------------------------
def test_what_is_no_fault_but_must_be_said_is_a_note(tmp_path: Path) -> None:
    value = DrawnValue(value="163254415263", is_fallback=True, protocol="Postponed; protocol 12/2026.")
    made = publish(
        tmp_path,
        design=DESIGN.model_copy(update={"n": 13}),
        named=NAMED.model_copy(update={"is_demo": True}),
        value=value,
        resting=["h002"],
    )
    report = verify_draw(made.folder)
    assert report.is_sound
    assert notes(report) == {"sampling.demo_value", "sampling.fallback_used", "sampling.rest_ended_early"}
    asked = publish(tmp_path / "more", design=DESIGN.model_copy(update={"n": 20}))
    (problem,) = verify_draw(asked.folder).problems
    assert (problem.code, problem.params["units"]) == ("sampling.short", 14)


# --- the log ------------------------------------------------------------------------------------------
def logged(made: Published, **options: Any) -> DrawReport:
    return verify_draw(made.folder, made.log, KEY_TEXT, opened=made.opened, **options)


@pytest.mark.parametrize(
    "order",
    [(SEED_NAMED, FRAME_SEALED, DRAWN), (FRAME_SEALED, DRAWN, SEED_NAMED)],
    ids=["naming before the frame", "naming after the draw"],
)
def test_entries_in_another_order_are_told(tmp_path: Path, order: Sequence[str]) -> None:
    assert {code for code, *_ in told(logged(publish(tmp_path, order=order)))} == {"sampling.entry_order"}


@pytest.mark.parametrize(
    ("kind", "key"), [(FRAME_SEALED, "steps.frame"), (SEED_NAMED, "steps.named"), (DRAWN, "steps.drawn")]
)
def test_a_step_that_was_not_entered_is_told(tmp_path: Path, kind: str, key: str) -> None:
    order = [one for one in (FRAME_SEALED, SEED_NAMED, DRAWN) if one != kind]
    assert told(logged(publish(tmp_path, order=order))) == {("sampling.entry_missing", HEAD, 0, key)}


def test_a_draw_changed_with_all_its_digests_is_held_against_the_log(tmp_path: Path) -> None:
    """The forger redoes everything with another n; only what was entered before betrays him."""
    made = publish(tmp_path)
    design = DESIGN.model_copy(update={"n": 6})
    forged = publish(tmp_path / "forged", design=design)
    assert verify_draw(forged.folder).is_sound
    report = verify_draw(forged.folder, made.log, KEY_TEXT, opened=made.opened)
    assert {(one.code, one.place.key) for one in errors(report)} == {
        ("sampling.record_differs", "plan.design.n"),
        ("sampling.record_differs", "outcome.plan_sha256"),
        ("sampling.record_differs", "outcome.sample"),
        ("sampling.record_differs", "outcome.reserve"),
        ("sampling.record_differs", "outcome.drawn_sha256"),
    }


def test_another_frame_than_the_logged_one_is_told(tmp_path: Path) -> None:
    made = publish(tmp_path)
    steps = steps_of(made.plan, made.outcome)
    steps[FRAME_SEALED] = (steps[FRAME_SEALED][0], {"frame": 1, "root": "0" * 64})
    write_log(tmp_path / "other", made.opened, steps, (FRAME_SEALED, SEED_NAMED, DRAWN))
    report = verify_draw(made.folder, tmp_path / "other", KEY_TEXT, opened=made.opened)
    assert told(report) == {("sampling.record_differs", HEAD, 0, "plan.frame_root")}


def test_a_step_entered_twice_is_told(tmp_path: Path) -> None:
    made = publish(tmp_path, order=(FRAME_SEALED, SEED_NAMED, SEED_NAMED, DRAWN))
    assert told(logged(made)) == {("sampling.entry_repeated", HEAD, 0, "steps.named")}


def test_further_seeds_for_the_same_frame_are_noted(tmp_path: Path) -> None:
    made = publish(tmp_path)
    other = ("round-8-seed-named", made.plan.model_copy(update={"units": 1}).record())
    entries_of_two(made, tmp_path / "two", other)
    report = verify_draw(made.folder, tmp_path / "two", KEY_TEXT, opened=made.opened)
    assert report.is_sound
    assert "sampling.other_namings" in notes(report)
    assert report.namings == 2


def entries_of_two(made: Published, log: Path, other: tuple[str, dict[str, Any]]) -> None:
    """The log of a draw with one more naming at its end, disclosed as well."""
    entries = list(read_entries(FolderStore(made.log), size=6))
    nonce = bytes([9]) * 32
    entries.append(entry_of(SEED_NAMED, other[0], other[1], nonce))
    grown(entries, [7], FolderStore(log))
    with made.opened.open("a") as lines:
        lines.write(json.dumps({"index": 6, "nonce": nonce.hex(), "record": other[1]}) + "\n")


def test_without_disclosed_records_entries_are_only_found(whole: Published) -> None:
    report = verify_draw(whole.folder, whole.log, KEY_TEXT)
    assert report.is_sound
    assert notes(report) == {"sampling.entry_not_opened"}
    assert len(report.problems) == 3


def test_a_checkpoint_kept_after_the_naming_shows_that_it_came_first(
    whole: Published, tmp_path: Path
) -> None:
    entries = list(read_entries(FolderStore(whole.log), size=6))
    for size, is_before in ((3, False), (4, True)):  # the naming is entry 3
        grown(entries, [size], FolderStore(tmp_path / str(size)))
        kept = (tmp_path / str(size) / "checkpoint").read_bytes()
        report = logged(whole, older_checkpoint=kept)
        assert report.is_sound
        assert report.is_named_before is is_before
        assert ("sampling.named_later" in notes(report)) is not is_before


def test_faults_of_the_log_stand_beside_those_of_the_draw(
    whole: Published, folder: Path, tmp_path: Path
) -> None:
    log = Path(shutil.copytree(whole.log, tmp_path / "log"))
    bundle = log / "tile/entries/000.p/6"
    bundle.write_bytes(bundle.read_bytes().replace(b"draw.made", b"draw.mode"))
    edit_table(folder / DRAWN_FILE, put(2, 5, "paper"))
    found = {code for code, *_ in told(verify_draw(folder, log, KEY_TEXT, opened=whole.opened))}
    assert found >= {"ledger.entry_changed", "sampling.entry_missing", "sampling.row_differs"}


def test_what_the_caller_gave_wrongly_is_refused(whole: Published, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for call, code in (
        (lambda: verify_draw(tmp_path / "none"), "sampling.no_folder"),
        (lambda: verify_draw(tmp_path / "empty"), "sampling.file_missing"),
        (lambda: verify_draw(whole.folder, tmp_path / "none", KEY_TEXT), "ledger.no_folder"),
        (lambda: verify_draw(whole.folder, whole.log, "no key"), "ledger.key_malformed"),
    ):
        with pytest.raises(InputError) as raised:
            call()
        assert raised.value.problems[0].code == code


def test_a_value_chosen_afterwards_changes_the_sample(whole: Published) -> None:
    """The positive control: another value draws others, so the comparison above compares something."""
    outcome, draw = draw_by_plan(whole.plan, whole.frame, DrawnValue(value="07 11 15 22 28 31 10"))
    assert outcome.seed != seed_of(whole.frame.root, VALUE).hex()
    assert draw.units != read_draw(whole.folder).drawn
