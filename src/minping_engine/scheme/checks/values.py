"""Values that cannot be meant: a share is 0 to 1, a percentage 0 to 100."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from minping_engine.errors import Place, Problem, Severity
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.names import RESERVED
from minping_engine.scheme.values import UsedValue, exact_number

MOST = {Unit.SHARE: 1, Unit.PERCENT: 100}
CODES = {Unit.SHARE: "scheme.share_out_of_range", Unit.PERCENT: "scheme.percent_out_of_range"}


def value_faults(values: Mapping[str, UsedValue]) -> Iterator[Problem]:
    """Faults of numeric values in use; a percentage below 1 is only warned of: it may be a share."""
    for used in values.values():
        number = exact_number(used.value, used.unit)
        if number is not None and used.id in RESERVED:
            yield Problem("scheme.id_reserved", Place(file=f"values/{used.id}.yaml"), {"name": used.id})
        if number is None or used.unit not in MOST:
            continue
        place = Place(file=f"values/{used.id}.yaml")
        most = MOST[Unit(used.unit)]
        params: dict[str, object] = {"name": used.id, "value": str(used.value), "most": most}
        if not 0 <= number <= most:
            yield Problem(CODES[Unit(used.unit)], place, params)
        elif used.unit == Unit.PERCENT and Fraction(0) < number < 1:
            yield Problem("scheme.percent_like_a_share", place, params, Severity.WARNING)
