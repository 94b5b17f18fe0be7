"""A worked example as an official writes it (style.md 7): a situation, what must come out, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from minping_engine.errors import Place, Problem, SchemeError
from minping_engine.scheme import Bilingual


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Part):
    """`count` equal ballots: answers by item as labels; an item left out was not answered."""

    count: int = Field(ge=1)
    answers: dict[str, str]
    mode: str = "visit"
    instrument: str | None = None


class Marks(_Part):
    """Equal marks of `raters` raters of one kind, points by item."""

    raters: int = Field(ge=1)
    kind: str | None = None
    items: dict[str, float]


class ExampleArea(_Part):
    """An area with its attributes; `within` is the area above it."""

    level: Literal["district", "street", "community", "grid", "responsibility_area"] | None = None
    within: str | None = None
    area_class: str | None = Field(default=None, alias="class")
    kind: str | None = None
    urban_rural: str | None = None


class EarlierResult(_Part):
    """A result of an earlier period, or of another scheme; without a score it was not assessed."""

    period: str | int
    score: float | None = None
    grade: str | None = None
    step: int | None = None
    """Place of another scheme's grade, 1 = best; of this scheme's it is known."""
    scheme: str | None = None
    of: str | None = None


class Assessed(_Part):
    """One assessee of the example and what must come out (only what is written is compared)."""

    ballots: tuple[Group, ...] = ()
    eligible: int | None = None
    area: ExampleArea = ExampleArea()
    facts: dict[str, float | str] = Field(default_factory=dict)
    marks: dict[str, tuple[Marks, ...]] = Field(default_factory=dict)
    cases: tuple[dict[str, Any], ...] = ()
    visited: dict[str, int] = Field(default_factory=dict)
    earlier: tuple[EarlierResult, ...] = ()
    expect: dict[str, Any]


class Example(_Part):
    """A worked example."""

    title: Bilingual
    shows: tuple[str, ...]
    why: Bilingual
    period: str | int | None = None
    areas: dict[str, ExampleArea] = Field(default_factory=dict)
    assessees: dict[str, Assessed]


def read_example(path: Path) -> Example:
    """Raises `SchemeError` with every fault of the file."""
    try:
        return Example.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        raise SchemeError(
            Problem(
                "scheme.invalid",
                Place(file=path.name, key=".".join(map(str, fault["loc"]))),
                {"reason": fault["msg"]},
            )
            for fault in error.errors(include_url=False)
        ) from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise SchemeError.of("scheme.unreadable", Place(file=path.name), reason=reason) from error
