"""What the API says about frames and their units. No phone, no address, no mark of a special family."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from minping_web.common.rest import Code, Listing, Moment, Paged, Reference, Sent, example, listed
from minping_web.frames.rules import Instrument, Kind

KindWord = Annotated[Kind, listed(Kind)]
InstrumentWord = Annotated[Instrument, listed(Instrument)]
AREA = {"id": 71, "code": "320106001001-01-1", "name": "第一网格责任片"}
COUNTS = {
    "units": 420, "household": 410, "organisation": 6, "member": 4, "elderly": 120, "with_contact": 401,
    "excluded": 5, "asked": 412, "asked_households": 403, "reachable": 396,
}  # fmt: skip
UNIT = "6f1c7a52-8d0e-4b6a-9c57-0a6d3f1b2e44"
HASH = "9f2c" * 16


class Counts(Sent):
    """How many units; only those within the key's areas are counted."""

    model_config = example(**COUNTS)

    units: int = 0
    household: int = 0
    organisation: int = 0
    member: int = 0
    elderly: int = 0
    with_contact: int = 0
    excluded: int = 0
    asked: int = Field(0, description="Neither excluded nor marked as not to be contacted.")
    asked_households: int = 0
    reachable: int = Field(0, description="Asked, and with a contact.")


class FrameOut(Sent):
    """A list of units at one day. Sealed frames never change."""

    model_config = example(
        id=4, name="2026年第四季度", as_of="2026-10-01", state="sealed",
        sealed_at="2026-10-05T09:00:00+08:00", superseded_at=None, counts=COUNTS,
    )  # fmt: skip

    id: int
    name: str
    as_of: date
    state: str = Field(description="draft, sealed or superseded.")
    sealed_at: datetime | None
    superseded_at: datetime | None
    counts: Counts


class FrameList(Listing[FrameOut]):
    """One page of frames."""

    model_config = example(items=[], next=None)


class CoverageOut(Sent):
    """One area's units against the households that the register of places counts."""

    model_config = example(area=AREA, households=415, counts=COUNTS)

    area: Reference
    households: int | None = Field(description="Of the register of places; null where nobody counted.")
    counts: Counts


class CoverageList(Listing[CoverageOut]):
    """One page of areas."""

    model_config = example(items=[], next=None)


class UnitOut(Sent):
    """A unit that may be asked; its id is random, new in every frame, and not that of the disclosed list."""

    model_config = example(
        id=UNIT, area=AREA, house_code="1-2-301", building="1", kind="household", instrument="elderly",
        rater="owner", has_contact=True, do_not_contact=False, excluded="",
    )  # fmt: skip

    id: UUID
    area: Reference
    house_code: str
    building: str
    kind: str = Field(description="household, organisation or member.")
    instrument: str = Field(description="The questionnaire.")
    rater: str = Field(description="Who rates.")
    has_contact: bool
    do_not_contact: bool
    excluded: str = Field(description="The reason; empty when it is not excluded.")


class UnitList(Listing[UnitOut]):
    """One page of units."""

    model_config = example(items=[], next=None)


class UnitFilters(Paged):
    """Which units are wanted."""

    area: Code | None = Field(None, description="In this area or below it; its code.")
    kind: KindWord | None = None
    instrument: InstrumentWord | None = None


class FrameFilters(Paged):
    """Which frames are wanted."""

    sealed_since: Moment | None = None


class SealOut(Sent):
    """The commitment to a sealed frame: the root of a Merkle tree over salted commitments of its units."""

    model_config = example(frame=4, units=412, root=HASH, sealed_at="2026-10-05T09:00:00+08:00")

    frame: int
    units: int = Field(description="Leaves of the tree.")
    root: str = Field(description="Hexadecimal.")
    sealed_at: datetime


class LeafOut(Sent):
    """One leaf of the tree, in its place."""

    model_config = example(position=0, unit=UNIT, commitment=HASH)

    position: int
    unit: UUID
    commitment: str = Field(description="Hexadecimal; says nothing without the salt that the office keeps.")


class LeafList(Listing[LeafOut]):
    """One page of the disclosed list, in the order of the tree."""

    model_config = example(items=[], next=None)
