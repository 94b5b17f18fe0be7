"""Source of the table `area_covariates`: what makes an area's work hard, as far as it is known here (S75).

Official figures of the register as they stand, and shares that schemes level for: of residents aged 60 and
over and of low-income households from these figures, of tenants from the frame of the round. A share is left
out where one of its parts is not known or they do not fit. Nothing in the product knows the age of housing.
"""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from django.db.models import Q

from minping_engine.terms import AreaLevel
from minping_web.places.models import Area, AreaCovariate
from minping_web.rounds.models import RoundStratum
from minping_web.snapshots.rules.cells import parse_cell
from minping_web.snapshots.selectors.facts import RoundFacts
from minping_web.snapshots.selectors.spread import Spread

LEVELS = frozenset(level.value for level in AreaLevel)
HOUSEHOLDS = "households"
SHARES = {"share_aged_60": ("aged_60", "residents_all"),
          "share_low_income": ("low_income_households", HOUSEHOLDS)}  # fmt: skip
"""Share -> figure of the part, figure of the whole; households are a fact of the area itself."""
OWNER, TENANT = 0, 1
Known = dict[tuple[str, str], float]
"""(area, covariate) -> value."""


def areas_of(facts: RoundFacts) -> list[Area]:
    """Areas of the last day, and those that are rated or lie around rated ones."""
    needed = {area.pk for area in facts.areas} | {pk for area in facts.areas for pk in area.ancestor_ids}
    around = Area.objects.filter(pk__in=needed, level="district")
    inside = Q(pk__in=needed)
    for path in around.values_list("path", flat=True):
        inside |= Q(path__startswith=path)
    rows = Area.objects.filter(inside, level__in=LEVELS).order_by("code")
    last = facts.days[1]
    return [area for area in rows if area.pk in needed or area.exists_on(last)]


def area_covariates(facts: RoundFacts, spread: Spread) -> pa.Table:
    """Each area's newest official figures by the end of the period, and shares of them and of the frame."""
    listed = areas_of(facts)
    known = _figures(facts, listed)
    known |= _shares(listed, known) | _tenants(facts)
    return pa.table(
        {
            "area_id": pa.array([code for code, _name in known], pa.string()),
            "covariate": pa.array([name for _code, name in known], pa.string()),
            "value": pa.array(known.values(), pa.float64()),
        }
    )


def _figures(facts: RoundFacts, listed: list[Area]) -> Known:
    rows = AreaCovariate.objects.filter(area__in=[area.pk for area in listed], as_of__lte=facts.days[1])
    found = rows.order_by("as_of").values_list("area__code", "name", "value")
    return {(code, name): float(value) for code, name, value in found}


def _shares(listed: list[Area], known: Known) -> Known:
    made: Known = {}
    for area in listed:
        for share, (part, whole) in SHARES.items():
            some = known.get((area.code, part))
            every = area.households if whole == HOUSEHOLDS else known.get((area.code, whole))
            if some is not None and every and some <= every:
                made[area.code, share] = some / every
    return made


def _tenants(facts: RoundFacts) -> Known:
    """Of the eligible units of rated areas whose tenure the frame knows."""
    counted: Counter[tuple[int, int]] = Counter()
    rows = RoundStratum.objects.filter(round=facts.round).values_list("area_id", "frame_cell", "eligible")
    for pk, cell, eligible in rows:
        counted[pk, dict(parse_cell(cell)).get("tenure", -1)] += eligible
    made: Known = {}
    for area in facts.areas:
        owners, tenants = (counted[area.pk, level] for level in (OWNER, TENANT))
        if owners + tenants:
            made[area.code, "share_tenant"] = tenants / (owners + tenants)
    return made
