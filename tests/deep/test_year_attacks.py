"""200 random tamperings with a whole year's folder: every one is found, and its file is named (S104).

The tamperer may change any file. For half of the tamperings he also writes the index anew, so that only the
log, the draws and the engine speak against him. The auditor has the log's key and the word of two witnesses.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from minping_engine.errors import InputError, Severity
from minping_engine.snapshot import read_parquet, write_parquet
from minping_engine.verification import verify_year, write_index
from minping_engine.verification.yearly.index import read_index
from tests.engine.proof.logs import KEY
from tests.engine.verification.years import make_year

pytestmark = pytest.mark.deep
TAMPERINGS = 200
KEY_TEXT = str(KEY.verifier)
Tamper = Callable[[Path, np.random.Generator], "Path | None"]
"""Changes something in a folder; gives the file that it touched, None if there was nothing to touch."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound year of two rounds."""
    return make_year(tmp_path_factory.mktemp("whole") / "year").folder


def files(folder: Path, *patterns: str) -> list[Path]:
    found = {one for pattern in patterns for one in folder.glob(pattern) if one.is_file()}
    return sorted(found)


def one_of(folder: Path, rng: np.random.Generator, *patterns: str) -> Path:
    found = files(folder, *patterns)
    return found[int(rng.integers(len(found)))]


def flip(folder: Path, rng: np.random.Generator) -> Path:
    """One bit of any file."""
    file = one_of(folder, rng, "**/*")
    content = bytearray(file.read_bytes())
    content[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
    file.write_bytes(bytes(content))
    return file


def cut(folder: Path, rng: np.random.Generator) -> Path:
    """The end of any file."""
    file = one_of(folder, rng, "**/*")
    content = file.read_bytes()
    file.write_bytes(content[: int(rng.integers(len(content)))])
    return file


def remove(folder: Path, rng: np.random.Generator) -> Path:
    """Any file but the index."""
    file = one_of(folder, rng, "*/**/*")
    file.unlink()
    return file


def put_in(folder: Path, rng: np.random.Generator) -> Path:
    """A file that nobody promised."""
    file = one_of(folder, rng, "*/**/*").with_name(f"more-{rng.integers(99)}.txt")
    file.write_bytes(b"x")
    return file


def swap(folder: Path, rng: np.random.Generator) -> Path | None:
    """Two files of two rounds change places."""
    kind = ["draws/*/drawn.csv", "receipts/*.txt", "results/*/scores.parquet", "publications/*/bulletin.html"]
    first, second = files(folder, kind[int(rng.integers(len(kind)))])[:2]
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    return first


CARELESS: tuple[Tamper, ...] = (flip, cut, remove, put_in, swap)


# --- by somebody who writes the index anew ----------------------------------------------------------------
def change_table(folder: Path, rng: np.random.Generator) -> Path:
    """One number of a stored result or of a snapshot."""
    file = one_of(
        folder, rng, "results/*/scores.parquet", "results/*/groups.parquet", "snapshots/*/*.parquet"
    )
    table = read_parquet(file)
    names = [
        one.name for one in table.schema if pa.types.is_floating(one.type) or pa.types.is_integer(one.type)
    ]
    if not names or not table.num_rows:
        return file if _one_row_less(table, file) else change_table(folder, rng)
    name, row = names[int(rng.integers(len(names)))], int(rng.integers(table.num_rows))
    values = table[name].to_pylist()
    values[row] = (values[row] or 0) + 1
    place, kind = table.column_names.index(name), table.schema.field(name)
    write_parquet(table.set_column(place, kind, pa.array(values, kind.type)), file)
    return file


def _one_row_less(table: pa.Table, file: Path) -> bool:
    if table.num_rows:
        write_parquet(table.slice(1), file)
    return table.num_rows > 0


def change_line(folder: Path, rng: np.random.Generator) -> Path:
    """A character of a line that counts: a receipt, a drawn unit, a unit of the frame, an opened record."""
    file = one_of(folder, rng, "receipts/*.txt", "draws/*/*.csv", "opened.jsonl")
    lines = file.read_text("utf-8").splitlines()
    number = int(rng.integers(1, len(lines)))
    if not lines[number].strip() or lines[number].startswith("["):
        return change_line(folder, rng)
    place = int(rng.integers(len(lines[number])))
    digit = "7" if lines[number][place] != "7" else "8"
    lines[number] = lines[number][:place] + digit + lines[number][place + 1 :]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def drop_line(folder: Path, rng: np.random.Generator) -> Path:
    """A receipt, a drawn unit or an opened record less."""
    file = one_of(folder, rng, "receipts/*.txt", "draws/*/*.csv", "opened.jsonl")
    lines = file.read_text("utf-8").splitlines()
    counting = [number for number, line in enumerate(lines) if number and line.strip()]
    del lines[counting[int(rng.integers(len(counting)))]]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def change_rules(folder: Path, rng: np.random.Generator) -> Path:
    """A figure in the frozen rules."""
    file = one_of(folder, rng, "schemes/*/package/**/*.yaml")
    file.write_text(file.read_text("utf-8") + "# changed\n", "utf-8")
    return file


def change_published(folder: Path, rng: np.random.Generator) -> Path:
    """A published page, or its manifest with it."""
    file = one_of(folder, rng, "publications/*/bulletin.html", "publications/*/open.csv")
    file.write_text(file.read_text("utf-8") + " ", "utf-8")
    return file


def change_head(folder: Path, rng: np.random.Generator) -> Path:
    """A count in the head of a result, or the plan or seed of a draw."""
    file = one_of(folder, rng, "results/*/result.json", "draws/*/draw.json")
    body = json.loads(file.read_text("utf-8"))
    if "counts" in body:
        body["counts"]["assessed"] += 1
    else:
        body["outcome"]["sample"] += int(rng.integers(1, 9))
    file.write_text(json.dumps(body), "utf-8")
    return file


def change_log(folder: Path, rng: np.random.Generator) -> Path:
    """A byte of a bundle or of a tile."""
    file = one_of(folder, rng, "log/tile/**/*")
    content = bytearray(file.read_bytes())
    content[int(rng.integers(len(content)))] ^= 4
    file.write_bytes(bytes(content))
    return file


CAREFUL: tuple[Tamper, ...] = (
    change_table, change_line, drop_line, change_rules, change_published, change_head, change_log
)  # fmt: skip


def relist(folder: Path) -> None:
    """The index written anew over what lies there now."""
    index, _wrong = read_index(folder)
    (folder / "year.json").unlink()
    write_index(folder, index.year, index.key, (index.first, index.end))


def found(folder: Path) -> Mapping[str, set[str]]:
    """Errors by file."""
    places: dict[str, set[str]] = {}
    try:
        problems = verify_year(folder, KEY_TEXT).problems
    except InputError as error:
        problems = error.problems
    for one in problems:
        if one.severity is Severity.ERROR:
            places.setdefault(one.place.file, set()).add(one.code)
    return places


@pytest.mark.parametrize("number", range(TAMPERINGS))
def test_a_random_tampering_is_found_and_its_file_named(whole: Path, number: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(number)
    folder = Path(shutil.copytree(whole, tmp_path / "year"))
    careful = number % 2 == 1
    tampers = CAREFUL if careful else CARELESS
    file = tampers[(number // 2) % len(tampers)](folder, rng)
    assert file is not None
    if careful:
        relist(folder)
    places = found(folder)
    assert file.relative_to(folder).as_posix() in places, (file, places)


def test_the_folder_that_was_tampered_with_was_sound(whole: Path) -> None:
    assert found(whole) == {}
