"""What the API says about schemes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from minping_web.common.rest import Listing, Moment, Paged, Search, Sent, example
from minping_web.schemes.models import SchemeVersion

SchemeId = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$")]


class SchemeVersionOut(Sent):
    """A scheme as this district froze it."""

    model_config = example(
        id=3, scheme="gulou-worker", version="2019.1", revision=1, title_zh="社工绩效考核",
        title_en="Assessment of community workers", assessee_kind="community_worker", pilot=False,
        sha256="0" * 64, rules_sha256="1" * 64, unfilled=[], frozen_at="2026-01-05T08:00:00Z",
    )  # fmt: skip

    id: int
    scheme: str
    version: str
    revision: int = Field(description="Grows when the same version is frozen with other values.")
    title_zh: str
    title_en: str
    assessee_kind: str
    pilot: bool
    sha256: str = Field(description="Hash of the package: files and values of the district.")
    rules_sha256: str = Field(description="Hash of what decides a result, as results name it.")
    unfilled: list[str] = Field(description="Values that nobody filled in: no assessment runs with them.")
    frozen_at: datetime

    @classmethod
    def of(cls, row: SchemeVersion) -> SchemeVersionOut:
        """One frozen version."""
        return cls(
            id=row.pk, scheme=row.scheme_id, version=row.version, revision=row.revision,
            title_zh=row.title_zh, title_en=row.title_en, assessee_kind=row.assessee_kind, pilot=row.pilot,
            sha256=row.sha256, rules_sha256=row.content_sha256, unfilled=row.unfilled,
            frozen_at=row.frozen_at,
        )  # fmt: skip


class SchemeVersionDetail(SchemeVersionOut):
    """With the hash of every file."""

    model_config = example(
        id=3, scheme="gulou-worker", version="2019.1", revision=1, title_zh="社工绩效考核",
        title_en="Assessment of community workers", assessee_kind="community_worker", pilot=False,
        sha256="0" * 64, rules_sha256="1" * 64, unfilled=[], frozen_at="2026-01-05T08:00:00Z",
        files={"scheme.yaml": "2" * 64},
    )  # fmt: skip

    files: dict[str, str] = Field(description="SHA-256 by path.")


class SchemeVersionList(Listing[SchemeVersionOut]):
    """One page of frozen versions."""

    model_config = example(items=[], next=None)


class SchemeVersionFilters(Paged):
    """Which frozen versions are wanted."""

    scheme: SchemeId | None = None
    search: Search = Field("", description="Part of the number or of a title.")
    pilot: bool | None = None
    frozen_since: Moment | None = None
