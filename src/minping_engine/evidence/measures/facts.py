"""What is known of an assessee beside marks and cases, as exact values by name.

In: the snapshot's `facts`. Out: numbers as fractions of the fact's unit, texts as they stand.
Units and meanings are the scheme's.
"""

from __future__ import annotations

from fractions import Fraction

from minping_engine.evidence.measures.grouping import contract_table
from minping_engine.snapshot import Snapshot


def fact_values(snapshot: Snapshot) -> dict[str, dict[str, Fraction | str]]:
    """Assessee -> fact -> value. A fact that is not known is not there: no zero stands for it."""
    facts = contract_table(snapshot, "facts").sort_by([("assessee_id", "ascending"), ("fact", "ascending")])
    columns = (facts[name].to_pylist() for name in ("assessee_id", "fact", "value_milli", "text"))
    made: dict[str, dict[str, Fraction | str]] = {}
    for assessee, fact, milli, text in zip(*columns, strict=True):
        made.setdefault(assessee, {})[fact] = text if milli is None else Fraction(milli, 1000)
    return made
