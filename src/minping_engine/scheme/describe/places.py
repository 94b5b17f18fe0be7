"""Where expressions stand and what they may name; units; functions. Rows for the reference.

The names come from `names_by_step`, the units from `Unit`, the functions from the reader's closed list;
a test holds the places together with `rules.py`.
"""

from __future__ import annotations

from minping_engine.scheme.describe.wording import Wording
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.expressions.words import FUNCTIONS
from minping_engine.scheme.names import CASES, CONTEXT, EARLIER, OUTCOME

Row = tuple[str, ...]
ABOUT = "about the assessee, values, facts"
PLACES: tuple[tuple[str, str, str], ...] = (
    ("`measures.ID.numerator`, `.denominator` (facts.rate)", ABOUT, "one unit"),
    (
        "`measures.ID.numerator`, `.denominator` (cases.rate)",
        "about one case, values",
        "truth; the numerator also a number",
    ),
    ("`measures.ID.when` (cases.count)", "about one case, values", "truth"),
    ("`measures.ID.when` (results.count)", "about one period, values", "truth"),
    ("`measures.ID.value` (formula)", f"{ABOUT}, measures", "its `unit`"),
    ("`indicators.ID.applies`", ABOUT, "truth"),
    ("`indicators.ID.criterion.value` (formula)", f"{ABOUT}, measures, `measure`, `full`", "points"),
    ("`adjustments.ID.points`, `.when`", f"{ABOUT}, measures, indicators", "points; truth"),
    ("`over_periods.ID.when`", "about one period, values", "truth"),
    ("`vetoes.ID.when`", f"{ABOUT}, measures, indicators, about the outcome, counts over periods", "truth"),
    ("`cards.ID.when`", "as vetoes, and vetoes, `vetoed`", "truth"),
    ("`use.ID.when`, `.money.amount`, `.money.weights`", "as cards, and cards", "truth; fen; any number"),
)
GIVES = {
    "ROUND": "rounded, halves away from zero; second argument: decimals (0-12)",
    "FLOOR": "next whole number below",
    "CEIL": "next whole number above",
    "ABS": "without sign",
    "LEAST": "the smallest; unknown if any is",
    "GREATEST": "the greatest; unknown if any is",
    "COALESCE": "the first that is known",
    "NULLIF": "unknown if both are equal, else the first",
    "PERCENT": "a share as per cent (times 100)",
    "SHARE": "per cent as a share (divided by 100)",
    "YUAN": "yuan as fen (times 100)",
    "SHARE_OF": "the first divided by the second, as a share",
}


def names_rows() -> list[Row]:
    """Families of names with what they hold."""
    families = {
        "about the assessee": CONTEXT,
        "about one case": CASES,
        "about one period": EARLIER,
        "about the outcome": OUTCOME,
    }
    rows: list[Row] = [
        (family, ", ".join(f"`{name}` ({unit.value})" for name, unit in names.items()))
        for family, names in families.items()
    ]
    others = (
        "values, facts, measures, indicators, counts, vetoes, cards",
        "by the ids that the scheme gives them",
    )
    return [*rows, others]


def unit_rows() -> list[Row]:
    """All units with their words."""
    zh, en = Wording("zh"), Wording("en")
    return [(f"`{unit.value}`", zh.say(f"u_{unit.value}"), en.say(f"u_{unit.value}")) for unit in Unit]


def function_rows() -> list[Row]:
    """All functions of expressions."""
    return [(f"`{name}`", _arguments(least, most), GIVES[name]) for name, (least, most) in FUNCTIONS.items()]


def _arguments(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"
