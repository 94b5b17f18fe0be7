"""Kinds of fields: limits that the database has, told in the contract and not found out by it.

`Given` is what callers send (unknown fields are refused, so that a misspelt one cannot be overlooked);
`Sent` is what they get.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.db.models import TextChoices as Choices
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints, WithJsonSchema

STORABLE = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: PostgreSQL cannot store the first of them, and no page can show the others."""
TRIMMED = r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$"
"""At least one character, none of them control, no blank at either end."""

Id = Annotated[int, Field(ge=1, le=2**63 - 1, examples=[17])]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=TRIMMED)]
NewCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00-\x20\x7f]+$")]
"""Without any blank: what tables recognise rows by."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=TRIMMED)]
Text = Annotated[str, StringConstraints(max_length=200, pattern=STORABLE)]
Search = Annotated[str, StringConstraints(max_length=60, pattern=STORABLE)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(2199, 12, 31, tzinfo=UTC)),
    AfterValidator(lambda moment: moment.astimezone(UTC)),
]
"""Bounds leave room for "the day before". Kept in UTC: RFC 3339 allows +23:59, PostgreSQL stops at +15:59."""
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


def listed(choices: type[Choices]) -> WithJsonSchema:
    """Writes a closed list out where it stands: several apps have a `Kind`, a contract may have one."""
    return WithJsonSchema({"type": "string", "enum": list(choices.values)})


def example(**values: Any) -> ConfigDict:
    """One example of a whole schema, for the contract."""
    return ConfigDict(json_schema_extra={"examples": [values]})


class Given(Schema):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid")


class Sent(Schema):
    """What a caller gets."""

    model_config = ConfigDict(from_attributes=True)


class Reference(Sent):
    """Another row, by its id and by its code."""

    id: int = Field(examples=[3])
    code: str = Field(examples=["320106001"])
    name: str = Field(examples=["东街道"])
