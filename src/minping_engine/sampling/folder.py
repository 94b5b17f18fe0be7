"""The published draw: `draw.json`, `frame.csv`, `drawn.csv`, for auditors also `openings.csv`.

In: a plan, its outcome, list and draw; or a folder from somebody. Out: the folder; or what it says with every
row that cannot be read. The only module of the draw that touches files. Whether it is true is `verification`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from minping_engine.errors import InputError, Place, Problem
from minping_engine.sampling.draw import DRAWN_COLUMNS, DRAWN_FILE, Draw, DrawnUnit, Role
from minping_engine.sampling.listing import FIRST_ROW, FRAME_COLUMNS, FRAME_FILE, FrameList, FrameUnit
from minping_engine.sampling.plan import FORMAT, HEAD_FILE, DrawHead, DrawOutcome, DrawPlan, DrawSteps
from minping_engine.sampling.seeds import DOMAIN
from minping_engine.terms import Mode

OPENINGS_FILE = "openings.csv"
OPENING_COLUMNS = ("unit", "salt", "record")
HASH_SIZE = 32
FLAGS = {"0": False, "1": True}
MODES = {mode.name.lower(): mode for mode in Mode}
ROLES = {role.value: role for role in Role}
ABOUT = (
    f"种子 = SHA-256（三行文字：{DOMAIN}；抽样框根 64 位十六进制；公开数值。末行不换行）。",
    "frame.csv 中同一 area、同一 stratum 的单元，按 HMAC-SHA-256(种子, unit 文字) 由小到大排列；"
    "resting 为 1 的排在其余之后；前 n 户为样本，其后依次为替补。",
    "各层人数的分配和首选方式的随机指定见方法说明 docs/method/draw.md。",
    f"seed = SHA-256 of three lines: {DOMAIN} / the frame's root in hex / the public value; no final line "
    "end.",
    "Units of frame.csv of one area and one stratum are sorted by HMAC-SHA-256(seed, text of unit), those "
    "with resting = 1 after all others; the first n are the sample, the next the replacements in order.",
    "How n is split over strata, and how chance decides modes: docs/method/draw.md.",
)
Row = TypeVar("Row")


class Opening(NamedTuple):
    """What opens a unit's commitment: for auditors, never for the public."""

    unit: str
    salt: bytes
    record: Mapping[str, object]


class OpeningRow(NamedTuple):
    """An opening with its row in the file."""

    row: int
    opening: Opening


@dataclass(frozen=True)
class DrawFolder:
    """What a folder says. `rows` has the row of each drawn unit; a table with rows left out is not whole."""

    head: DrawHead
    frame: FrameList
    drawn: tuple[DrawnUnit, ...]
    rows: tuple[int, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def frame_is_whole(self) -> bool:
        """Whether every row of `frame.csv` could be read."""
        return not any(
            one.place.file == FRAME_FILE and one.code != "sampling.position" for one in self.problems
        )


def write_draw(
    folder: Path,
    head: tuple[DrawPlan, DrawOutcome, DrawSteps],
    frame: FrameList,
    draw: Draw,
    *,
    openings: Iterable[Opening] | None = None,
) -> Path:
    """Write the folder, whole or not at all. `openings` only for an auditor: records are personal."""
    if folder.exists():
        raise InputError.of("sampling.folder_exists", Place(file=str(folder)))
    partial = folder.with_name(f".{folder.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    plan, outcome, steps = head
    written = DrawHead(format=FORMAT, about=ABOUT, plan=plan, outcome=outcome, steps=steps)
    text = json.dumps(written.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    (partial / HEAD_FILE).write_text(text, "utf-8")
    _write_lines(partial / FRAME_FILE, frame.lines())
    _write_lines(partial / DRAWN_FILE, draw.lines())
    if openings is not None:
        _write_openings(partial / OPENINGS_FILE, openings)
    return partial.rename(folder)


def _write_lines(file: Path, lines: Iterable[str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        out.writelines(lines)


def _write_openings(file: Path, openings: Iterable[Opening]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(OPENING_COLUMNS)
        for unit, salt, record in openings:
            table.writerow((unit, salt.hex(), json.dumps(dict(record), ensure_ascii=False, sort_keys=True)))


def read_draw(folder: Path) -> DrawFolder:
    """Read a folder. Raises `InputError` where there is no draw; unreadable rows are problems in it."""
    if not folder.is_dir():
        raise InputError.of("sampling.no_folder", Place(file=str(folder)))
    head, problems = _head(folder / HEAD_FILE), list[Problem]()
    frame = list(_rows(folder / FRAME_FILE, FRAME_COLUMNS, _frame_unit, problems))
    problems += _gaps((row, position) for row, (position, _unit) in frame)
    drawn = list(_rows(folder / DRAWN_FILE, DRAWN_COLUMNS, _drawn_unit, problems))
    return DrawFolder(
        head=head,
        frame=FrameList.of(unit for _row, (_position, unit) in frame),
        drawn=tuple(unit for _row, unit in drawn),
        rows=tuple(row for row, _unit in drawn),
        problems=tuple(problems),
    )


def read_openings(folder: Path, problems: list[Problem]) -> list[OpeningRow] | None:
    """The openings of a folder; `None` where it has none. What cannot be read is added to the problems."""
    file = folder / OPENINGS_FILE
    if not file.is_file():
        return None
    return [OpeningRow(row, made) for row, made in _rows(file, OPENING_COLUMNS, _opening, problems)]


def _head(file: Path) -> DrawHead:
    place = Place(file=file.name)
    try:
        return DrawHead.model_validate_json(file.read_bytes())
    except ValidationError as error:
        faults = [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors(include_url=False)]
        raise InputError(
            Problem("sampling.head", Place(file=file.name, key=key), {"why": why}) for key, why in faults
        ) from error
    except OSError as error:
        raise InputError.of("sampling.file_missing", place) from error


def _rows(
    file: Path, columns: tuple[str, ...], read: Callable[[list[str]], Row], problems: list[Problem]
) -> Iterator[tuple[int, Row]]:
    """Rows with their numbers; a cell that cannot be read names itself by raising `_CellError`."""
    place = Place(file=file.name)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.reader(lines, strict=True)
            if tuple(next(table, [])) != columns:
                problems.append(Problem("sampling.columns", place, {"columns": ",".join(columns)}))
                return
            for number, cells in enumerate(table):
                try:
                    yield number + FIRST_ROW, _cells(read, cells, len(columns))
                except _CellError as error:
                    where = Place(file=file.name, row=number + FIRST_ROW, column=error.column)
                    problems.append(Problem(error.code, where))
    except FileNotFoundError:
        problems.append(Problem("sampling.file_missing", place))
    except (OSError, UnicodeDecodeError, csv.Error):
        problems.append(Problem("sampling.not_text", place))


class _CellError(Exception):
    """A cell that cannot be read; becomes a problem at once."""

    def __init__(self, column: str = "", code: str = "sampling.cell") -> None:
        self.code, self.column = code, column
        super().__init__(column)


def _cells(read: Callable[[list[str]], Row], cells: list[str], wanted: int) -> Row:
    if len(cells) != wanted:
        raise _CellError(code="sampling.cells")
    return read(cells)


def _frame_unit(cells: list[str]) -> tuple[int, FrameUnit]:
    position, unit, area, stratum, resting, commitment = cells
    if not _is_number(position):
        raise _CellError("position")
    if resting not in FLAGS:
        raise _CellError("resting")
    return int(position), FrameUnit(unit, area, stratum, FLAGS[resting], _hash("commitment", commitment))


def _gaps(rows: Iterable[tuple[int, int]]) -> Iterator[Problem]:
    """Rows whose position is not the one after that of the row before: a row went, came or moved."""
    wanted = 0
    for row, position in rows:
        if position != wanted:
            place = Place(file=FRAME_FILE, row=row, column="position")
            yield Problem("sampling.position", place, {"wanted": wanted, "found": position})
        wanted = position + 1


def _drawn_unit(cells: list[str]) -> DrawnUnit:
    unit, area, stratum, place, role, mode, randomised = cells
    readable = {
        "place": _is_number(place),
        "role": role in ROLES,
        "mode": mode in MODES,
        "randomised": randomised in FLAGS,
    }
    for column, is_readable in readable.items():
        if not is_readable:
            raise _CellError(column)
    return DrawnUnit(unit, area, stratum, int(place), ROLES[role], MODES[mode], FLAGS[randomised])


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 10 and (text[0] != "0" or text == "0")


def _opening(cells: list[str]) -> Opening:
    unit, salt, written = cells
    try:
        record = json.loads(written)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise _CellError("record")
    return Opening(unit, _hash("salt", salt), record)


def _hash(column: str, text: str) -> bytes:
    """32 bytes of 64 lower-case hex digits: one spelling, so that one changed character is noticed."""
    try:
        content = bytes.fromhex(text)
    except ValueError:
        raise _CellError(column) from None
    if len(content) != HASH_SIZE or content.hex() != text:
        raise _CellError(column)
    return content
