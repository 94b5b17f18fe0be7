"""The import of a frame: sealed upload, check without writing, load, beside the floor of the same rows.

The floor is what any program would pay on this database: the units alone, unsealed, put into a table with
the same columns and indexes by COPY (PostgreSQL) or executemany in one transaction (SQLite).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from bench.product.meter import Figure, Spent, spent_on

AS_OF, UNTIL = date(2026, 9, 1), date(2027, 9, 1)
HEADINGS = ("责任片编号", "门牌编号", "楼栋", "类别", "问卷", "评价主体", "特殊家庭", "联系电话", "详细地址")
PER_BUILDING = 66


@dataclass
class Told:
    """A progress that only counts."""

    scope: Any
    heard: list[int] = field(default_factory=list)

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """How far a job is."""
        self.heard.append(done)


def write_file(path: Path, areas: list[str], units: int) -> None:
    """A CSV of that many invented households, every one with a telephone and an address."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(_rows(areas, units))


def _rows(areas: list[str], units: int) -> Iterator[tuple[str, ...]]:
    for number in range(units):
        inside, area = divmod(number, len(areas))
        yield (
            areas[area], f"{areas[area]}-{inside:04d}", f"{inside // PER_BUILDING + 1}幢", "家庭户",
            "老年居民" if number % 5 == 0 else "中青年居民", "租户" if number % 7 == 0 else "业主",
            "低保" if number % 31 == 0 else "", f"100{number:08d}", f"虚构路{area}号{inside}室",
        )  # fmt: skip


def measure_import(folder: Path, units: int, runs: int) -> tuple[list[Figure], int]:
    """Figures of floor, upload, check, load; and the id of the last frame that was loaded."""
    from minping_web.common.scope import system_scope
    from minping_web.places.models import Area

    codes = Area.objects.filter(level="responsibility_area").order_by("code").values_list("code", flat=True)
    path = folder / "units.csv"
    write_file(path, list(codes), units)
    scope = system_scope()
    floors: list[Spent] = []
    checks: list[Spent] = []
    loads: list[Spent] = []
    frame = 0
    for _ in range(runs):
        floors.append(spent_on(lambda: _floor(path)))
        found = _uploaded(path, scope)
        checks.append(spent_on(partial(_check, found, scope)))
        loads.append(spent_on(partial(_load, found, scope)))
        frame = _frame_of(found)
    whole = [_both(one, other) for one, other in zip(checks, loads, strict=True)]
    made = [
        Figure("floor: the same units, unsealed, by COPY or executemany", tuple(floors)),
        Figure("check of the file, nothing written (dry run)", tuple(checks)),
        Figure("check again and load, contacts sealed", tuple(loads)),
        Figure("**import with dry run, all in all**", tuple(whole), note="aim: under 120 s"),
    ]
    return made, frame


def _both(one: Spent, other: Spent) -> Spent:
    return Spent(*(getattr(one, name) + getattr(other, name) for name in ("wall", "own", "server")))


def _uploaded(path: Path, scope: Any) -> int:
    from minping_web.frames.services.importing import start_import
    from minping_web.frames.services.uploads import SealedWriter

    writer = SealedWriter()
    writer.write(path.read_bytes())
    stored_as = writer.finish()
    made = start_import(scope, "测量", stored_as, file_name=path.name, size=writer.size, dates=(AS_OF, UNTIL))
    return int(made.pk)


def _check(import_id: int, scope: Any) -> None:
    from minping_web.frames.tasks import check

    check(Told(scope), import_id=import_id)


def _load(import_id: int, scope: Any) -> None:
    from minping_web.frames.services.importing import confirm
    from minping_web.frames.tasks import load_file

    confirm(scope, import_id)
    load_file(Told(scope), import_id=import_id)


def _frame_of(import_id: int) -> int:
    from minping_web.frames.models import FrameImport

    frame = FrameImport.objects.get(pk=import_id).frame
    if frame is None:
        raise RuntimeError("the import was refused; see its report")
    return int(frame.pk)


FLOOR_TABLE = """
CREATE TABLE bench_floor (id char(32) PRIMARY KEY, frame_id bigint, area_id bigint, community_id int,
  house_code varchar(60), building varchar(40), kind varchar(12), instrument varchar(24), rater varchar(24),
  special varchar(20), phone varchar(20), address varchar(200))
"""
FLOOR_INDEXES = (
    "CREATE INDEX bench_floor_frame ON bench_floor (frame_id)",
    "CREATE INDEX bench_floor_place ON bench_floor (frame_id, area_id, house_code)",
    "CREATE UNIQUE INDEX bench_floor_house ON bench_floor (frame_id, house_code)",
    "CREATE INDEX bench_floor_phone ON bench_floor (phone)",
)


def _floor(path: Path) -> None:
    from django.db import connection, transaction

    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))[1:]
    rows: list[tuple[Any, ...]] = [(f"{at:032x}", 1, 1, 1, *line[1:]) for at, line in enumerate(lines)]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (FLOOR_TABLE, *FLOOR_INDEXES):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            with cursor.copy("COPY bench_floor FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(f"INSERT INTO bench_floor VALUES ({', '.join(['%s'] * 12)})", rows)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_floor")
