"""Sealed rounds and changed schemes for tests of the lab; people are invented.

A grid is told by its satisfaction and the tasks done of 20; all else is full marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from minping_engine.assessment.examples import Example
from minping_engine.assessment.examples.tables import example_ballots, example_period, example_tables
from minping_engine.scheme import LoadedScheme, load_scheme, scheme_from_data
from minping_engine.snapshot import Snapshot, SnapshotHead, open_snapshot, seal_snapshot

BASE = load_scheme("baotaqiao-grid", demo=True)
DUTIES = {"requests_due": 40, "requests_answered": 40, "meetings_due": 4, "meetings_held": 4}


def grid(satisfaction: float, tasks_done: int = 20, **more: Any) -> dict[str, Any]:
    """One grid of class A as an example writes it."""
    facts = {**DUTIES, "tasks_due": 20, "tasks_done": tasks_done, **more.pop("facts", {})}
    marks = {"representatives": [{"raters": 10, "items": {"satisfaction": satisfaction}}]}
    return {"area": {"class": "A"}, "facts": facts, "marks": marks, "expect": {}, **more}


def example(assessees: Mapping[str, Any], period: str | None = "2020-12") -> Example:
    """A situation without expectations."""
    words = {"zh": "例", "en": "example"}
    data = {"title": words, "shows": [], "why": words, "period": period, "assessees": dict(assessees)}
    return Example.model_validate(data)


def seal(what: Example, folder: Path, scheme: LoadedScheme = BASE) -> Snapshot:
    """The situation as a sealed snapshot."""
    head = SnapshotHead(example_period(what, scheme), scheme.scheme.period.kind.value, "test", synthetic=True)
    parts = example_ballots(what, scheme, "test")
    seal_snapshot(folder, head, example_tables(what, scheme), parts)
    return open_snapshot(folder)


def raw(scheme: LoadedScheme = BASE) -> dict[str, Any]:
    """A scheme as plain data, its values in place."""
    data: dict[str, Any] = scheme.scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return data


def fifty_points(**parts: Any) -> LoadedScheme:
    """Baotaqiao with 50 points for satisfaction instead of 40; duties have 20, 20 and 10."""
    data = raw()
    satisfaction, duties = data["indicators"]
    satisfaction["points"] = duties["points"] = 50
    duties["parts"][0]["points"] = duties["parts"][1]["points"] = 20
    return scheme_from_data(data | {"version": "2013.2"} | parts, BASE)


def with_values(scheme: LoadedScheme, **values: Any) -> LoadedScheme:
    """The same scheme with other values that only expressions read; a dated one as (value, first day)."""
    made = dict(scheme.values)
    for name, (value, since) in values.items():
        made[name] = replace(made[name], value=value, since=since)
    return replace(scheme, values=made)
