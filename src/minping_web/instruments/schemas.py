"""What the API says about questionnaires."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from minping_web.common.rest import Listing, Moment, Paged, Search, Sent, example
from minping_web.instruments.models import InstrumentVersion

InstrumentCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_-]*$")]


class InstrumentVersionOut(Sent):
    """One version of a questionnaire, without its questions."""

    model_config = example(
        id=4, code="gulou-worker", title_zh="社工满意度问卷", title_en="Satisfaction with workers",
        version="1", state="frozen", items=5, sha256="0" * 64, scheme="gulou-worker@2019.1",
        frozen_at="2026-01-05T08:00:00Z",
    )  # fmt: skip

    id: int
    code: str
    title_zh: str
    title_en: str
    version: str
    state: Literal["draft", "frozen"]
    items: int = Field(description="Number of scored questions.")
    sha256: str = Field(description="Hash of the content; empty while it is a draft.")
    scheme: str = Field(description="ID@VERSION of the frozen scheme that it came from; may be empty.")
    frozen_at: datetime | None

    @classmethod
    def of(cls, row: InstrumentVersion) -> InstrumentVersionOut:
        """One version."""
        return cls(
            id=row.pk, code=row.instrument.code, title_zh=row.instrument.title,
            title_en=row.instrument.title_en, version=row.version,
            state="draft" if row.is_draft else "frozen", items=len(row.content["items"]),
            sha256=row.sha256, scheme=row.scheme_version.key if row.scheme_version else "",
            frozen_at=row.frozen_at,
        )  # fmt: skip


class InstrumentVersionDetail(InstrumentVersionOut):
    """With its content: items, answers, points, texts in both languages."""

    model_config = example(
        id=4, code="gulou-worker", title_zh="社工满意度问卷", title_en="Satisfaction with workers",
        version="1", state="frozen", items=1, sha256="0" * 64, scheme="gulou-worker@2019.1",
        frozen_at="2026-01-05T08:00:00Z", content={"id": "gulou-worker", "version": "1"},
    )  # fmt: skip

    content: dict[str, Any] = Field(description="As it is hashed: canonical JSON (RFC 8785) of this object.")


class InstrumentVersionList(Listing[InstrumentVersionOut]):
    """One page of versions."""

    model_config = example(items=[], next=None)


class InstrumentVersionFilters(Paged):
    """Which versions are wanted."""

    code: InstrumentCode | None = None
    search: Search = Field("", description="Part of the code or of a title.")
    state: Literal["draft", "frozen", "all"] = "frozen"
    frozen_since: Moment | None = None
