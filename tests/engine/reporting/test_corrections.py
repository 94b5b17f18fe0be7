"""A correction must not tell, beside the first release, what one person scored (G1)."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from minping_engine.assessment import Result
from minping_engine.reporting import build_bulletin, telling_places
from minping_engine.reporting.places import read_places
from tests.engine.reporting.quarters import Quarters, small_quarters


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Quarters:
    """One quarter of the small district."""
    return small_quarters(tmp_path_factory.mktemp("corrections"), count=1)


def changed(result: Result, who: set[str]) -> Result:
    """The same result with another plain mean for some people."""
    rows = result["scores"].to_pylist()
    for row in rows:
        if row["assessee_id"] in who:
            row["direct"] = 50.0
    tables = {**result.tables, "scores": pa.Table.from_pylist(rows, result["scores"].schema)}
    return replace(result, tables=tables)


def of_community(found: Quarters, area: str) -> list[str]:
    """Ids of people of a community who have a plain mean."""
    rows = found.results[0]["scores"].to_pylist()
    return [row["assessee_id"] for row in rows if row["area_id"] == area and row["direct"] is not None]


def test_places_of_one_changed_person_are_left_out_up_to_where_rounding_hides_it(quarter: Quarters) -> None:
    """Community, street and the small district; nothing where nobody changed."""
    result, scheme, snapshot = quarter.results[0], quarter.scheme, quarter.snapshots[0]
    area = result["scores"]["area_id"][0].as_py()
    assert telling_places(result, result, scheme, snapshot) == frozenset()
    one = changed(result, set(of_community(quarter, area)[:1]))
    chain = {place.area_id for place in read_places(snapshot).chain(area)}
    left_out = telling_places(result, one, scheme, snapshot)
    assert {area} <= left_out <= chain
    page = build_bulletin(one, scheme, snapshot, "en", left_out)
    names = {place.name for place in read_places(snapshot).chain(area)}
    shown = {strip.name for strip in page.streets.strips if strip.at is not None} if page.streets else set()
    assert not shown & names


def test_three_changed_people_of_a_place_may_be_shown(quarter: Quarters) -> None:
    """As many as may stand behind a mean."""
    result = quarter.results[0]
    area = result["scores"]["area_id"][0].as_py()
    people = of_community(quarter, area)
    assert len(people) >= 3
    three = changed(result, set(people[:3]))
    assert telling_places(result, three, quarter.scheme, quarter.snapshots[0]) == frozenset()
