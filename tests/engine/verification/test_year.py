"""`verify_year`: a sound year passes; whatever was changed is found and named by its file (S104)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from minping_engine.cli.app import app
from minping_engine.errors import InputError, Problem, Severity
from minping_engine.snapshot import read_parquet, write_parquet
from minping_engine.verification import YearReport, verify_year, write_index
from minping_engine.verification.yearly.ballots import check_ballots
from minping_engine.verification.yearly.index import read_index
from minping_engine.verification.yearly.inputs import check_receipts
from minping_engine.verification.yearly.records import Opened, read_records
from tests.engine.proof.logs import KEY
from tests.engine.verification.years import YEAR, YearMaker, make_year

KEY_TEXT = str(KEY.verifier)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> YearMaker:
    """A sound year of one round."""
    return make_year(tmp_path_factory.mktemp("whole") / "year", quarters=1)


@pytest.fixture
def year(made: YearMaker, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(made.folder, tmp_path / "year"))


def errors(report: YearReport) -> list[Problem]:
    return [problem for problem in report.problems if problem.severity is Severity.ERROR]


def told(report: YearReport) -> set[tuple[str, str]]:
    """Errors: code and file."""
    return {(one.code, one.place.file) for one in errors(report)}


def relisted(folder: Path) -> None:
    """The index written anew, as somebody does who wants the change to pass."""
    index, _wrong = read_index(folder)
    (folder / "year.json").unlink()
    write_index(
        folder, index.year, index.key, (index.first, index.end),
        forgotten=index.forgotten, left_out=index.left_out,
    )  # fmt: skip


def only(folder: Path, pattern: str) -> Path:
    """The first file of a pattern."""
    return sorted(folder.glob(pattern))[0]


def test_a_whole_year_is_checked_from_its_files_alone(made: YearMaker) -> None:
    report = verify_year(made.folder, KEY_TEXT)
    assert errors(report) == []
    assert (report.year, report.counts["results made again"], report.counts["draws"]) == (YEAR, 1, 1)
    assert report.counts["entries"] == 2 * report.counts["records"]
    assert [one.name for one in report.log.cosigned] if report.log else []
    assert verify_year(made.folder, KEY_TEXT, processes=2) == report


def test_without_a_key_the_folder_proves_only_itself(made: YearMaker) -> None:
    report = verify_year(made.folder)
    assert report.is_sound
    assert "year.key_from_folder" in {one.code for one in report.problems}


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("log/tile/0/000.p/*", "ledger.tile_differs"),
        ("snapshots/*/areas.parquet", "snapshot.file_changed"),
        ("schemes/*/package/values/*.yaml", "year.not_as_logged"),
        ("schemes/*/package/common/disclosure.yaml", "year.not_as_logged"),
        ("instruments/*.json", "year.not_as_logged"),
        ("receipts/*.txt", "year.receipts_differ"),
        ("results/*/scores.parquet", "year.table_unreadable"),
        ("publications/*/bulletin.html", "year.not_as_logged"),
        ("publications/*/publication.json", "year.not_as_logged"),
        ("policy", "year.not_as_logged"),
    ],
)
def test_a_flipped_byte_is_found_in_its_file_even_where_the_index_was_written_anew(
    year: Path, pattern: str, code: str
) -> None:
    file = only(year, pattern)
    if code == "year.table_unreadable":
        file.write_bytes(file.read_bytes()[:-9])
    elif code == "year.receipts_differ":
        text = file.read_text("utf-8").splitlines()
        file.write_text("\n".join([*text[:-1], "0" * 16]) + "\n", "utf-8")
    else:
        _flip(file)
    relisted(year)
    names = {problem.place.file for problem in errors(verify_year(year, KEY_TEXT))}
    assert file.relative_to(year).as_posix() in names
    if not code.startswith("ledger."):
        assert (code, file.relative_to(year).as_posix()) in told(verify_year(year, KEY_TEXT))


def test_a_score_that_was_raised_is_found_by_running_the_engine_again(year: Path) -> None:
    file = only(year, "results/*/scores.parquet")
    table = read_parquet(file)
    scores = table["score"].to_pylist()
    scores[0] = (scores[0] or 0.0) + 3.0
    place = table.column_names.index("score")
    write_parquet(table.set_column(place, table.schema.field("score"), pa.array(scores)), file)
    relisted(year)
    found = errors(verify_year(year, KEY_TEXT))
    assert [(one.code, one.place.file, one.place.key) for one in found] == [
        ("year.table_differs", file.relative_to(year).as_posix(), "score")
    ]


def edit_records(folder: Path, kind: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the opened record of a kind."""
    lines = [json.loads(one) for one in (folder / "opened.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        if kind in line["record"]:
            change(line["record"])
    (folder / "opened.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines), "utf-8")


def test_a_changed_record_does_not_open_its_entry_and_what_rests_on_it_is_named(year: Path) -> None:
    edit_records(year, "receipts_root", lambda record: record.update(counted=11))
    relisted(year)
    assert {
        ("ledger.not_opened", "opened.jsonl"),
        ("year.record_missing", "opened.jsonl"),
        ("year.link_missing", "opened.jsonl"),
    } <= told(verify_year(year, KEY_TEXT))


def test_roots_over_ballots_are_made_again_area_by_area(made: YearMaker, tmp_path: Path) -> None:
    """Somebody who seals other ballots and lets every hash agree still has to meet the roots."""
    assert verify_year(made.folder, KEY_TEXT).counts["ballot roots"] > 1
    opened = next(one for one in _records(made.folder) if one.kind == "round.counted")
    areas = [dict(one) for one in opened.record["areas"]]
    assert check_ballots(made.folder, opened).problems == []
    areas[1]["ballots_root"] = "ab" * 32
    areas[2]["withheld"] = 1
    changed = replace(opened, record={**opened.record, "areas": areas})
    found = [(one.code, one.place.key) for one in check_ballots(made.folder, changed).problems]
    assert found == [("year.ballots_differ", areas[1]["area"]), ("year.ballots_differ", areas[2]["area"])]
    lone = replace(opened, record={**opened.record, "areas": areas[3:]})
    assert len(check_ballots(made.folder, lone).problems) == 3  # ballots of areas that nobody counted
    told = check_receipts(made.folder, changed).problems
    assert [(one.code, one.place.key) for one in told] == [("year.roots_differ", "record.ballots_root")]


def test_a_receipt_more_than_ballots_is_told(made: YearMaker) -> None:
    opened = next(one for one in _records(made.folder) if one.kind == "round.counted")
    areas = [dict(one) for one in opened.record["areas"]]
    areas[0]["ballots"] -= 1
    fewer = {**opened.record, "areas": areas, "counted": opened.record["counted"] - 1}
    found = check_receipts(made.folder, replace(opened, record=fewer)).problems
    assert [(one.code, one.place.key) for one in found] == [("year.receipts_counted", areas[0]["area"])]


def test_a_snapshot_of_a_count_without_the_key_of_its_leaves_is_told(year: Path) -> None:
    opened = next(one for one in _records(year) if one.kind == "round.counted")
    file = only(year, "snapshots/*/snapshot.json")
    body = json.loads(file.read_text("utf-8"))
    del body["import_rule"]["ballot_salt"]
    file.write_text(json.dumps(body), "utf-8")
    assert [one.code for one in check_ballots(year, opened).problems] == ["year.ballots_unsalted"]


def _records(folder: Path) -> list[Opened]:
    index, _wrong = read_index(folder)
    return read_records(folder, index, index.end).all


def test_a_removed_part_and_a_part_put_in_are_named(year: Path) -> None:
    shutil.rmtree(year / "snapshots")
    (year / "receipts" / "more.txt").write_text("…", "utf-8")
    found = told(verify_year(year, KEY_TEXT))
    assert ("year.file_extra", "receipts/more.txt") in found
    assert any(code == "year.file_missing" and file.startswith("snapshots/") for code, file in found)
    assert any(code == "year.not_rerun" for code, _file in found)


def test_an_index_that_was_changed_is_told_from_changed_files(year: Path) -> None:
    index, _wrong = read_index(year)
    name = next(one for one in index.files if one.startswith("snapshots/"))
    body = replace(index, files={**index.files, name: "0" * 64}).content
    (year / "year.json").write_text(json.dumps(body), "utf-8")
    found = errors(verify_year(year, KEY_TEXT))
    assert {one.place.file for one in found} == {"year.json"}
    assert {one.code for one in found} == {"year.index_changed", "year.listing_wrong"}


def test_what_was_left_out_or_forgotten_is_said_and_no_fault(made: YearMaker, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made.folder, tmp_path / "public"))
    index, _wrong = read_index(folder)
    parts = [one.relative_to(folder).as_posix() for name in ("snapshots", "results")
             for one in (folder / name).iterdir()]  # fmt: skip
    for name in parts:
        shutil.rmtree(folder / name)
    (folder / "year.json").unlink()
    write_index(folder, index.year, index.key, (index.first, index.end), left_out=parts)
    report = verify_year(folder, KEY_TEXT)
    assert report.is_sound
    assert [one.code for one in report.problems].count("year.left_out") == 2
    assert "results" not in report.counts


def test_no_folder_and_a_broken_index_are_refused(tmp_path: Path, year: Path) -> None:
    with pytest.raises(InputError) as error:
        verify_year(tmp_path / "none")
    assert error.value.problems[0].code == "year.no_folder"
    (year / "year.json").write_text("{", "utf-8")
    with pytest.raises(InputError) as error:
        verify_year(year)
    assert error.value.problems[0].code == "year.index_malformed"


def test_the_command_says_what_it_made_again_and_writes_json(year: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    words = ["verify", "year", str(year), "--key", KEY_TEXT, "--processes", "1", "--json", str(out)]
    passed = CliRunner().invoke(app, words)
    assert passed.exit_code == 0
    assert "核对通过" in passed.stdout
    assert "重新计算的结果" in passed.stdout
    told_json = json.loads(out.read_text("utf-8"))
    assert (told_json["sound"], told_json["counts"]["draws"]) == (True, 1)
    _flip(only(year, "publications/*/open.csv"))
    failed = CliRunner().invoke(app, [*words, "--lang", "en"])
    assert failed.exit_code == 1
    faults = json.loads(out.read_text("utf-8"))["problems"]
    assert any(one["file"] == "publications/publication-1/open.csv" and one["zh"] for one in faults)
