"""Invented households for tests: files, rows and frames. Phones begin with 100, which no mobile has."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from minping_web.common.scope import Scope
from minping_web.frames.models import Frame
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.places.models import Area

AS_OF = date(2026, 9, 1)
HEADINGS = ("责任片编号", "门牌编号", "楼栋", "类别", "问卷", "评价主体", "特殊家庭", "联系电话", "详细地址")


def phone(number: int) -> str:
    """An invented number."""
    return f"100{number:08d}"


def new_units(areas: Sequence[Area], each: int = 4) -> Iterator[NewUnit]:
    """`each` households per area; every fifth elderly, every tenth a special family, all with phones."""
    for place, area in enumerate(areas):
        for number in range(each):
            serial = place * each + number
            yield NewUnit(
                area_code=area.code,
                house_code=f"{area.code}-{number:04d}",
                building=f"{number // 20 + 1}号楼",
                instrument="elderly" if number % 5 == 0 else "young_and_middle_aged",
                special="minimum_allowance" if number % 10 == 0 else "",
                phone=phone(serial),
                address=f"试验路{number + 1}号",
            )


def frame(scope: Scope, areas: Sequence[Area], each: int = 4, name: str = "2026年秋季抽样框") -> Frame:
    """A draft frame."""
    return load_frame(scope, name, new_units(areas, each), as_of=AS_OF)


def csv_bytes(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig") -> bytes:
    """A file of units."""
    out = io.StringIO()
    csv.writer(out).writerows([HEADINGS, *rows])
    return out.getvalue().encode(encoding)


def row(home: Area, number: int, **values: str) -> list[str]:
    """One line of a file."""
    usual = {
        "house": f"{home.code}-{number:04d}", "building": "1号楼", "kind": "家庭户",
        "instrument": "中青年居民", "rater": "业主", "special": "", "phone": phone(number),
        "address": f"试验路{number}号",
    } | values  # fmt: skip
    return [values.get("area", home.code), *(usual[key] for key in list(usual) if key != "area")]


def large_file(path: Path, areas: Sequence[Area], units: int) -> None:
    """A CSV of `units` households spread over the areas."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(units):
            writer.writerow(row(areas[number % len(areas)], number))
