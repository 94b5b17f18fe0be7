"""Areas of the demonstration: from the district to general and exclusive grids, and figures (S75)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import numpy as np

from minping_engine.demo import District
from minping_web.common.scope import Scope
from minping_web.places.rules.levels import ExclusiveType
from minping_web.places.services.covariates import apply_covariates
from minping_web.places.services.importing import apply_areas
from minping_web.site.demo.tables import SOURCE, import_rows

CITY_CODE, CITY_NAME = "320100", "南京市"
CLASSES = {"甲": "jia", "乙": "yi", "丙": "bing", "A": "a", "B": "b", "C": "c"}
MANAGEMENT = {
    "exclusive_daily": "daily",
    "exclusive_key": "key_assistance",
    "exclusive_linked": "periodic",
}
PERSONS_PER_HOUSEHOLD = 2.6
RED_EVERY, PART_TIME_EVERY = 7, 5
Row = dict[str, object]


def seed_places(scope: Scope, district: District, as_of: date) -> int:
    """Import areas, then figures of communities; gives the number of areas."""
    count = import_rows(scope, "places.import", _areas(district), apply=apply_areas)
    import_rows(scope, "places.covariates", _figures(district, as_of), apply=apply_covariates)
    return count


def _areas(district: District) -> Iterator[Row]:
    yield {"code": CITY_CODE, "parent_code": None, "level": "city", "name": CITY_NAME}
    sizes, types = _sizes(district), list(ExclusiveType)
    for number, area in enumerate(district.places.areas):
        kind = area.area_kind or ""
        row: Row = {
            "code": area.area_id,
            "parent_code": area.parent_id or CITY_CODE,
            "level": area.level.value,
            "name": area.name,
            "area_class": CLASSES.get(area.area_class or "", "")
            if area.level != "responsibility_area"
            else "",
        }
        if area.level == "grid":
            row |= {
                "kind": "exclusive" if kind in MANAGEMENT else "general",
                "is_red": number % RED_EVERY == 0,
            }
            row |= {"staffing": "part_time" if number % PART_TIME_EVERY == 0 else "full_time"}
            if kind in MANAGEMENT:
                row |= {"management": MANAGEMENT[kind], "exclusive_type": types[number % len(types)].value}
            else:
                row["grid_level"] = "L2"
        yield row | sizes.get(area.area_id, {})


def _sizes(district: District) -> dict[str, Row]:
    """Households, residents and buildings of responsibility areas, added up to grids and communities."""
    found: dict[str, Row] = {}
    above = {area.area_id: area.parent_id for area in district.places.areas}
    buildings = district.places.grounds.covariates["buildings"]
    for number, area_id in enumerate(district.places.area_ids):
        households = int(district.places.households[number])
        step: str | None = area_id
        while step is not None:
            row = found.setdefault(step, {"households": 0, "residents": 0, "buildings": 0})
            row["households"] += households  # type: ignore[operator]
            row["residents"] += round(households * PERSONS_PER_HOUSEHOLD)  # type: ignore[operator]
            row["buildings"] += int(buildings[number])  # type: ignore[operator]
            step = above[step]
    return found


def _figures(district: District, as_of: date) -> Iterator[Row]:
    """Counts of communities out of the shares of their responsibility areas."""
    places = district.places
    shares = places.grounds.covariates
    persons = places.households * PERSONS_PER_HOUSEHOLD
    columns = {
        "residents_all": persons,
        "residents_migrant": persons * shares["share_tenant"],
        "aged_60": persons * shares["share_aged_60"],
        "low_income_households": places.households * shares["share_low_income"],
        "disabled": persons * shares["share_disabled"],
    }
    for name, values in columns.items():
        sums = np.bincount(places.community, values, len(places.communities))
        for place, value in zip(places.communities, sums.tolist(), strict=True):
            yield {
                "code": place.code,
                "name": name,
                "value": Decimal(round(value)),
                "as_of": as_of,
                "source": SOURCE,
            }
