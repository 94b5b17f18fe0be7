"""Tables and districts for tests of places."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minping_web.common.changes import Recorder, recording
from minping_web.common.scope import Scope
from minping_web.common.tabular import ReadTable, read_table
from minping_web.places.imports import AREAS
from minping_web.places.models import HEX, Area
from minping_web.places.services.importing import apply_areas
from tests.web.entering import sign_in
from tests.web.factories import grant, user

HEADINGS = ("编号", "名称", "层级", "上级编号")


def csv_bytes(rows: Iterable[Sequence[object]], headings: Sequence[str] = HEADINGS) -> bytes:
    """A CSV file in UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue().encode()


def upload(content: bytes, name: str = "areas.csv") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def read(content: bytes, folder: Path, name: str = "areas.csv") -> ReadTable:
    """The table of a file."""
    path = folder / name
    path.write_bytes(content)
    return read_table(path, AREAS)


def import_rows(
    scope: Scope, rows: Iterable[Sequence[object]], folder: Path, headings: Sequence[str] = HEADINGS
) -> Recorder:
    """Import areas through the service."""
    table = read(csv_bytes(rows, headings), folder)
    assert not table.refused, table.problems
    with recording(scope, "places.areas", "import") as recorder:
        apply_areas(scope, table, recorder)
    return recorder


def paths_are_true() -> bool:
    """Whether every path is the path of the parent plus the own id."""
    areas = {area.pk: area for area in Area.objects.all()}
    return all(
        area.path == (areas[area.parent_id].path if area.parent_id else "") + f"{area.pk:0{HEX}x}"
        for area in areas.values()
    )


def full_district_rows() -> list[tuple[str, str, str, str, str, str, str, object]]:
    """S73, S54: 13 streets, 120 communities, 991 + 605 grids, 1,076 responsibility areas."""
    rows: list[tuple[str, str, str, str, str, str, str, object]] = [
        ("C", "试验市", "市", "", "", "", "", ""),
        ("D", "试验区", "区", "C", "", "", "", ""),
    ]
    rows += [(f"S{n:02}", f"第{n}街道", "街道", "D", "", "", "", "") for n in range(13)]
    rows += [(f"M{n:03}", f"第{n}社区", "社区", f"S{n % 13:02}", "", "", "", "") for n in range(120)]
    rows += [
        (f"G{n:04}", f"第{n}网格", "网格", f"M{n % 120:03}", "L2", "综合网格", "", 150 + n % 500)
        for n in range(991)
    ]
    rows += [
        (f"X{n:04}", f"第{n}专属网格", "网格", f"M{n % 120:03}", "", "专属网格", "商务楼宇", "")
        for n in range(605)
    ]
    rows += [(f"R{n:04}", f"第{n}责任田", "责任田", f"G{n % 991:04}", "", "", "", "") for n in range(1076)]
    return rows


FULL_HEADINGS = (*HEADINGS, "网格级别", "网格类型", "专属类别", "户数")
LONG_AGO = date(2020, 1, 1)


def signed_in(client: Client, role: str, area: Area | None = None) -> Client:
    """The client of a new user with one role, who gave a second factor just now."""
    who = user()
    grant(who, role, area=area)
    return sign_in(client, who)
