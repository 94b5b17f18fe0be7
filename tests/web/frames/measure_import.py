"""Measures, by hand: check, load and list 400,000 households on the database of the tests.

`MINPING_UNITS=400000 .venv/bin/pytest -q -s -p no:randomly tests/web/frames/measure_import.py`
(and with MINPING_TEST_DATABASE=sqlite). Not collected by `make test`: its name does not begin with test_.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from minping_web.accounts.models import User
from minping_web.common.scope import Scope
from minping_web.frames.models import Frame
from minping_web.frames.services.importing import confirm, start_import
from minping_web.frames.services.sealing import carry_seal, seal_frame
from minping_web.frames.services.uploads import SealedWriter
from minping_web.frames.tasks import check, load_file
from minping_web.places.models import Area
from tests.web.factories import area, scope_with
from tests.web.frames import factory
from tests.web.frames.test_loading import Reports
from tests.web.frames.test_pages import visit  # noqa: F401  (a fixture)

UNITS = int(os.environ.get("MINPING_UNITS", "400000"))


def full_district() -> tuple[Area, list[Area]]:
    """13 streets, 120 communities, 1,080 responsibility areas."""
    city = area("city", "试验市")
    district = area("district", "试验区", city)
    streets = [area("street", f"{n}街道", district) for n in range(13)]
    communities = [area("community", f"{n}社区", streets[n % 13]) for n in range(120)]
    grids = [area("grid", f"{n}网格", home) for home in communities for n in range(9)]
    return district, [area("responsibility_area", "责任田", grid) for grid in grids]


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_of_a_large_file(tmp_path: Path, visit: Callable[[Scope], Client]) -> None:  # noqa: F811
    district, areas = full_district()
    scope = scope_with("district_bureau", area=district, fresh=True)
    factory.large_file(tmp_path / "units.csv", areas, UNITS)
    writer = SealedWriter()
    writer.write((tmp_path / "units.csv").read_bytes())
    found = start_import(
        scope, "大", writer.finish(), file_name="units.csv", size=writer.size,
        dates=(factory.AS_OF, factory.AS_OF.replace(year=2027)),
    )  # fmt: skip
    _timed("dry run", lambda: check(Reports(scope), import_id=found.pk))
    confirm(scope, found.pk)
    _timed("check again and load", lambda: load_file(Reports(scope), import_id=found.pk))
    frame = Frame.objects.get()
    assert frame.units == UNITS
    client = visit(scope)
    pages = ["frames:list", "frames:frame", "frames:units"]
    for name in pages:
        _page(client, reverse(name, args=[frame.pk] if name != "frames:list" else []), name)
    units = reverse("frames:units", args=[frame.pk])
    community = Area.objects.filter(level="community")[5].pk
    for query in (
        f"?area={community}&instrument=young_and_middle_aged",
        "?page=200",
        "?reach=no",
        "?kind=member",
    ):
        _page(client, units + query, "frames:units" + query)
    street = visit(scope_with("street_staff", area=Area.objects.filter(level="street")[3]))
    _page(street, units, "frames:units as street staff")
    carry_seal(scope, {"frame": frame.pk})
    _timed("seal", lambda: seal_frame(scope, frame.pk, Reports(scope)))  # type: ignore[arg-type]
    assert User.objects.count() == 2


def _timed(what: str, act: Callable[[], object]) -> None:
    began = time.perf_counter()
    act()
    sys.stdout.write(f"{what}: {time.perf_counter() - began:.1f} s\n")


def _page(client: Client, url: str, name: str) -> None:
    times = []
    for _try in range(4):
        began = time.perf_counter()
        assert client.get(url).status_code == 200
        times.append(1000 * (time.perf_counter() - began))
    sys.stdout.write(f"{name}: {min(times):.0f} ms best, {max(times):.0f} ms worst of {len(times)}\n")
