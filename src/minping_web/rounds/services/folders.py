"""The folders of draws in the data folder: the list named with the seed, then the whole disclosed draw.

In: a list or a draw of the engine. Out: files below `DATA_FOLDER/draws`. The list is kept from the naming on,
since households may be forgotten between naming and draw, and the list that was named must be drawn from.
"""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from minping_engine.sampling import (
    Draw,
    DrawOutcome,
    DrawPlan,
    DrawSteps,
    FrameList,
    FrameUnit,
    write_draw,
)

LIST_FILE = "frame.csv"


def draw_folder(round_id: int) -> Path:
    """Where the disclosed draw of a round lies."""
    return Path(settings.DATA_FOLDER) / "draws" / f"round-{round_id}"


def _named_file(round_id: int) -> Path:
    return draw_folder(round_id).with_name(f"round-{round_id}.named.csv")


def write_list(round_id: int, listed: FrameList) -> None:
    """Keep the list whose digest is named; whole or not at all."""
    target = _named_file(round_id)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as out:
        out.writelines(listed.lines())
    partial.rename(target)


def read_list(round_id: int) -> FrameList:
    """The list that was named. FileNotFoundError where the data folder was not restored with the database."""
    return FrameList.of(_rows(_named_file(round_id)))


def _rows(file: Path) -> Iterator[FrameUnit]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        for _position, unit, area, stratum, resting, commitment in rows:
            yield FrameUnit(unit, area, stratum, resting == "1", bytes.fromhex(commitment))


def write_folder(
    round_id: int, head: tuple[DrawPlan, DrawOutcome, DrawSteps], listed: FrameList, draw: Draw
) -> Path:
    """The disclosed draw, in place of one that a killed job left; the named list is in it."""
    target = draw_folder(round_id)
    for torso in (target, target.with_name(f".{target.name}.partial")):
        shutil.rmtree(torso, ignore_errors=True)
    return write_draw(target, head, listed, draw)


def forget_list(round_id: int) -> None:
    """The named list stands in the disclosed draw now."""
    _named_file(round_id).unlink(missing_ok=True)


def zipped(round_id: int) -> bytes:
    """The disclosed draw in one file."""
    folder, out = draw_folder(round_id), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{folder.name}/{file.name}")
    return out.getvalue()
