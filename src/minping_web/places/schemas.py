"""What the API says and takes about areas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from minping_web.common.rest import (
    Code,
    Count,
    Day,
    Given,
    Line,
    Listing,
    Moment,
    NewCode,
    Paged,
    Reference,
    Search,
    Sent,
    Text,
    example,
    listed,
)
from minping_web.places.models import AreaLineage
from minping_web.places.rules.covariates import COVARIATES
from minping_web.places.rules.levels import (
    AreaClass,
    ExclusiveType,
    GridLevel,
    Kind,
    Level,
    Management,
    Staffing,
)

COMMUNITY = {"id": 12, "code": "320106001001", "name": "和平社区"}
NEW = {"id": 90, "code": "320106001001-03", "name": "第三网格"}
FACTS = {
    "grid_level": "L2", "kind": "general", "exclusive_type": None, "management": None,
    "staffing": "full_time", "is_red": False, "area_class": "b",
}  # fmt: skip
NUMBERS = {"households": 412, "residents": 1230, "buildings": 9}
FIGURES = ", ".join(covariate.key for covariate in COVARIATES)


def _none_if_blank(value: Any) -> Any:
    return None if value == "" else value


Blank = BeforeValidator(_none_if_blank)
"""The register keeps "not said" as an empty text; the contract says null."""
LevelWord = Annotated[Level, listed(Level)]
GridLevelWord = Annotated[GridLevel, listed(GridLevel)]
KindWord = Annotated[Kind, listed(Kind)]
ExclusiveTypeWord = Annotated[ExclusiveType, listed(ExclusiveType)]
ManagementWord = Annotated[Management, listed(Management)]
StaffingWord = Annotated[Staffing, listed(Staffing)]
AreaClassWord = Annotated[AreaClass, listed(AreaClass)]
ActWord = Annotated[AreaLineage.Act, listed(AreaLineage.Act)]


class AreaOut(Sent):
    """A place somebody is responsible for."""

    model_config = example(
        id=71, code="320106001001-01", name="第一网格", level="grid", parent=COMMUNITY, **FACTS,
        valid_from="2024-01-01", valid_to=None, **NUMBERS,
    )  # fmt: skip

    id: int
    code: str
    name: str
    level: LevelWord
    parent: Reference | None = Field(description="The area that it lies in.")
    grid_level: Annotated[GridLevelWord | None, Blank]
    kind: Annotated[KindWord | None, Blank]
    exclusive_type: Annotated[ExclusiveTypeWord | None, Blank]
    management: Annotated[ManagementWord | None, Blank]
    staffing: Annotated[StaffingWord | None, Blank]
    is_red: bool
    area_class: Annotated[AreaClassWord | None, Blank]
    valid_from: date | None
    valid_to: date | None = Field(description="Last day; null while it exists.")
    households: int | None
    residents: int | None
    buildings: int | None


class AreaList(Listing[AreaOut]):
    """One page of areas."""

    model_config = example(items=[], next=None)


class AreaFilters(Paged):
    """Which areas are wanted."""

    code: Code | None = None
    search: Search = Field("", description="Part of the code or of the name.")
    level: LevelWord | None = None
    kind: KindWord | None = None
    area_class: AreaClassWord | None = None
    parent: Code | None = Field(None, description="Lies directly in the area with this code.")
    below: Code | None = Field(None, description="Lies anywhere in the area with this code.")
    valid_on: Day | None = Field(None, description="Exists on this day.")
    changed_since: Moment | None = None


class AreaFacts(Given):
    """Facts that a correction may set; what is left out stays."""

    model_config = example(households=420, area_class="a")

    code: NewCode = Field("", validate_default=False)
    name: Line = Field("", validate_default=False)
    grid_level: GridLevelWord | None = None
    kind: KindWord | None = None
    exclusive_type: ExclusiveTypeWord | None = None
    management: ManagementWord | None = None
    staffing: StaffingWord | None = None
    is_red: bool = False
    area_class: AreaClassWord | None = None
    households: Count | None = None
    residents: Count | None = None
    buildings: Count | None = None

    def told(self) -> dict[str, Any]:
        """What was sent, as the register keeps it."""
        numbers = {"households", "residents", "buildings", "valid_from"}
        sent = {name: getattr(self, name) for name in self.model_fields_set - {"parent"}}
        return {name: "" if value is None and name not in numbers else value for name, value in sent.items()}


class AreaGiven(AreaFacts):
    """A new area."""

    model_config = example(
        code="320106001001-03", name="第三网格", level="grid", parent="320106001001", **FACTS,
        valid_from="2026-11-01", **NUMBERS,
    )  # fmt: skip

    code: NewCode
    name: Line
    level: LevelWord
    parent: Code | None = Field(None, description="Code of the area that it lies in.")
    valid_from: Day | None = None


class AreaEnd(Given):
    """The last day of an area."""

    model_config = example(last_day="2026-10-31", below=False)

    last_day: Day = Field(description="Today or earlier.")
    below: bool = Field(
        False, description="Ends everything inside as well; else living areas inside refuse it."
    )


class AreaName(Given):
    """A new official name from a day on."""

    model_config = example(name="新和平社区", day="2026-11-01", reason="区政府批复")

    name: Line
    day: Day
    reason: Line


class AreaMove(Given):
    """Another place in the tree from a day on; everything inside moves along."""

    model_config = example(parent="320106001002", day="2026-11-01", reason="网格调整")

    parent: Code = Field(description="Code of the area that it will lie in.")
    day: Day
    reason: Line


class FigureOut(Sent):
    """One official figure of an area on a day, with its source."""

    model_config = example(name="aged_60", value="812.0000", as_of="2026-06-30", source="区统计局年报")

    name: str = Field(description=f"One of: {FIGURES}.")
    value: Decimal
    as_of: date
    source: str


class FigureList(Listing[FigureOut]):
    """One page of figures."""

    model_config = example(items=[], next=None)


class FigureGiven(Given):
    """A figure to enter, or to correct where there is one of the same day."""

    model_config = example(name="aged_60", value="812", as_of="2026-06-30", source="区统计局年报")

    name: Code = Field(description=f"One of: {FIGURES}.")
    value: Decimal = Field(ge=0, max_digits=16, decimal_places=4)
    as_of: Day
    source: Annotated[Text, Field(min_length=1)]


class LineageOut(Sent):
    """Which share of an old area's households became part of a new one."""

    model_config = example(old=COMMUNITY, new=NEW, share="0.62500000", day="2026-07-01", act="split")

    old: Reference
    new: Reference
    share: Decimal
    day: date
    act: ActWord


class FormerOut(Sent):
    """What an area was called and where it lay until a day."""

    model_config = example(name="旧和平社区", parent=None, until="2025-12-31", reason="区政府批复")

    name: str
    parent: Reference | None
    until: date
    reason: str


class History(Sent):
    """How an area came about, what it was before, and what became of it."""

    model_config = example(came_from=[], became=[], former=[])

    came_from: list[LineageOut]
    became: list[LineageOut]
    former: list[FormerOut]


class OutlineOut(Sent):
    """An outline that may be shown: its map has an approval number."""

    model_config = example(
        geometry={
            "type": "MultiPolygon",
            "coordinates": [[[[118.7, 32.0], [118.8, 32.0], [118.8, 32.1], [118.7, 32.0]]]],
        },
        datum="wgs84", source="区民政局", approval_number="GS(2024)0001",
    )  # fmt: skip

    geometry: dict[str, Any] = Field(description="A GeoJSON geometry.")
    datum: str = Field(description="wgs84 or gcj02.")
    source: str
    approval_number: str
