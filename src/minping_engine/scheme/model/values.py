"""Files of `values/` and `common/`: dated values with their source, and the shapes some of them have."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from minping_engine.scheme.model.words import Bilingual, Identifier, MilliPoints, Part


class Source(Part):
    """Where a value comes from. `grade`: law, government, press, document_copy, inference, recommendation."""

    title: str
    clause: str
    date: Any
    grade: Literal["law", "government", "press", "document_copy", "inference", "recommendation"]


class DatedValue(Part):
    """A value and the day from which it holds (`unknown` where the source does not say)."""

    from_: Annotated[date | Literal["unknown"], Field(alias="from")]
    value: Any
    state: Literal["in_force", "not_published"] = "in_force"


class ValueFile(Part):
    """One file of `values/`. `demo` fills an unpublished value in demonstrations only."""

    minping_values: Literal[1]
    id: Identifier
    title: Bilingual
    unit: str
    note: Bilingual | None = None
    values: Annotated[tuple[DatedValue, ...], Field(min_length=1)]
    demo: Any = None
    source: Source


class Band(Part):
    """One grade: everything from `from_points` up, until the next band."""

    grade: str
    label: Bilingual
    from_points: MilliPoints


class VisitQuota(Part):
    """走访户数: how many different households in which window (S3)."""

    count: Annotated[int, Field(ge=1)]
    window: Literal["quarter", "year"]


class Threshold(Part):
    """One threshold of `common/disclosure.yaml`."""

    value: Annotated[int, Field(ge=0)]
    unit: str
    title: Bilingual


class DisclosureFile(Part):
    """`common/disclosure.yaml`: the one place for thresholds of disclosure and trust."""

    minping_values: Literal[1]
    id: Literal["disclosure"]
    title: Bilingual
    source: Source
    values: dict[str, Threshold]
