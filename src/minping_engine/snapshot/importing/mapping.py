"""The map: which column of a spreadsheet means what, written by an official in YAML.

In: a YAML file. Out: `ImportMap`, strict (an unknown key is a fault with its place). Fields are
explained in `docs/reference/import-map.md`. Files named in a map (registers) are taken
relative to the map's own folder. Column names are those of `RawTable`: header texts, two header
rows joined by " / ".
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from minping_engine.errors import ImportRefusedError, Place, Problem
from minping_engine.snapshot.importing.raw import ReadingOptions
from minping_engine.terms import AreaLevel, AssesseeKind, Known, PeriodKind


def _text(value: object) -> object:
    """Numbers that YAML reads where a text is meant (2, 350102, true) become texts again."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _texts(value: object) -> object:
    """One text stands for a list of one."""
    if isinstance(value, list | tuple):
        return tuple(_text(part) for part in value)
    return value if value is None else (_text(value),)


def _keys(value: object) -> object:
    return {_text(key): part for key, part in value.items()} if isinstance(value, dict) else value


Text = Annotated[str, BeforeValidator(_text)]
FOLDER_NAME = r"^\w[\w.-]*$"
"""Instruments and districts name folders of the snapshot."""

Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Code = Annotated[int, Field(ge=0, le=32000, strict=True)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
ModeName = Literal["unknown", "visit", "phone", "sms", "qr", "paper", "web", "open_online"]


class MapPart(BaseModel):
    """Base of all parts: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class InstrumentMap(MapPart):
    """Which questionnaire was asked: a scheme reads ballots of its own instrument only."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
    version: Annotated[Text, Field(pattern=FOLDER_NAME)]

    @property
    def key(self) -> str:
        """ID@VERSION."""
        return f"{self.id}@{self.version}"


class ReadingMap(MapPart):
    """How to read the files; what is left out is found out (see `ReadingOptions`)."""

    sheet: str | None = None
    skip_rows: Annotated[int, Field(ge=0)] | None = None
    header_rows: Literal[1, 2] | None = None
    encoding: Literal["utf-8", "gb18030", "utf-16"] | None = None

    def options(self) -> ReadingOptions:
        """The same as reading options."""
        return ReadingOptions(self.sheet, self.skip_rows, self.header_rows, self.encoding)


class ColumnsMap(MapPart):
    """Columns by role. `target` may be several columns that name a target only together.

    `ballot`, `item` and `answer` are of the long form: rows of one ballot share `ballot`
    (default: the same target and household), each has one item and one answer.
    """

    target: Texts = ()
    household: Texts = ()
    answered_at: str | None = None
    ballot: str | None = None
    item: str | None = None
    answer: str | None = None
    stratum: str | None = None


class ConstantsMap(MapPart):
    """What holds for all rows and stands in no column."""

    target: Text | None = None


class ModeMap(MapPart):
    """The column that says how a ballot was given; `values` translates its texts."""

    column: str
    values: Annotated[dict[str, ModeName], BeforeValidator(_keys)] = {}


class ItemMap(MapPart):
    """One question: where its answers stand and which are allowed.

    `column` is the column of the wide form, `value` the item's text in the long form's item
    column (default: the item's id). `labels` translates answer texts into codes; `range` allows
    whole numbers from-to as codes. With a scheme both may be left out.
    """

    column: str | None = None
    value: Text | None = None
    labels: Annotated[dict[str, Code], BeforeValidator(_keys)] = {}
    range: tuple[Code, Code] | None = None
    wording: str = ""
    missing: Texts = ()

    @model_validator(mode="after")
    def _range_rises(self) -> Self:
        if self.range and self.range[0] > self.range[1]:
            raise ValueError("range: the first number is the smaller one")
        return self


class LevelMap(MapPart):
    """A level of a cell variable with its names."""

    code: Code
    zh: Text
    en: Text


class CellMap(MapPart):
    """A variable that divides ballots into cells. Without `levels`, codes follow the sorted texts."""

    column: str
    known: Known = Known.BALLOT
    levels: Annotated[dict[str, Code | LevelMap], BeforeValidator(_keys)] = {}


class Where(MapPart):
    """A row filter: rows whose column holds one of these texts stay (`is`) or go (`not`, e.g. 合计)."""

    column: str
    is_: Annotated[Texts, Field(alias="is")] = ()
    not_: Annotated[Texts, Field(alias="not")] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.is_) == bool(self.not_):
            raise ValueError("where: give either is or not")
        return self


class PlaceMap(MapPart):
    """A place by columns, or by constants that hold for the whole import."""

    column: str | None = None
    name_column: str | None = None
    code: Text | None = None
    name: Text | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) == (self.code is None):
            raise ValueError("give either column (with name_column) or code (with name)")
        return self


class AssesseeMap(MapPart):
    """Who is assessed, if it is not the target itself: columns with id and name."""

    column: str
    name_column: str | None = None


class RegisterMap(MapPart):
    """How to make areas, assessees and postings out of the ballots' own columns.

    `level` is the target's own place (default: as the kind says); `name_column` names the
    target; `eligible_column` holds the target's eligible households, the same in all its rows.
    `spread: most` lets a target whose rows name several places lie in the most frequent one.
    """

    assessee_kind: AssesseeKind = AssesseeKind.COMMUNITY_WORKER
    level: AreaLevel | None = None
    name_column: str | None = None
    assessee: AssesseeMap | None = None
    district: PlaceMap | None = None
    street: PlaceMap | None = None
    community: PlaceMap | None = None
    eligible_column: str | None = None
    spread: Literal["refuse", "most"] = "refuse"


class RegisterFiles(MapPart):
    """Registers kept in files of their own (CSV, XLSX, Parquet). Columns: `docs/reference/import-map.md`."""

    areas: str
    targets: str
    assessees: str | None = None
    postings: str | None = None


class ImportMap(MapPart):
    """The whole map."""

    minping_map: Literal[1] = 1
    period: Text | None = None
    period_kind: PeriodKind | None = None
    source: str = ""
    instrument: InstrumentMap | None = None
    reading: ReadingMap = ReadingMap()
    layout: Literal["wide", "long"] = "wide"
    columns: ColumnsMap = ColumnsMap()
    constants: ConstantsMap = ConstantsMap()
    mode: ModeMap | ModeName = "unknown"
    items: dict[Name, ItemMap] = {}
    cells: dict[Name, CellMap] = {}
    clusters: dict[Name, str] = {}
    where: tuple[Where, ...] = ()
    register_: Annotated[RegisterMap | None, Field(alias="register")] = None
    registers: RegisterFiles | None = None
    rule: Literal["latest", "first", "reject"] = "latest"
    missing: Texts = ()
    folder: Annotated[Path, Field(exclude=True)] = Path()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.columns.target and self.constants.target is None:
            raise ValueError("columns.target (or constants.target) says which column names the rated target")
        if self.register_ and self.registers:
            raise ValueError(
                "register (made from the ballots' columns) and registers (files) exclude each other"
            )
        if self.layout == "long" and not (self.columns.item and self.columns.answer):
            raise ValueError("the long layout needs columns.item and columns.answer")
        return self


def parse_map(text: str, *, file: str = "map", folder: Path | None = None) -> ImportMap:
    """A map from YAML text. Raises `ImportRefusedError` with all faults and their key paths."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ImportRefusedError.of("importing.map_unreadable", Place(file=file), reason=reason) from error
    if not isinstance(data, dict):
        raise ImportRefusedError.of("importing.map_unreadable", Place(file=file), reason="no keys")
    return _validated({**data, "folder": folder or Path()}, file)


def _validated(data: dict[str, Any], file: str) -> ImportMap:
    try:
        return ImportMap.model_validate(data)
    except ValidationError as error:
        raise ImportRefusedError(
            Problem(
                "importing.map_invalid",
                Place(file=file, key=".".join(str(part) for part in fault["loc"])),
                {"reason": fault["msg"]},
            )
            for fault in error.errors(include_url=False)
        ) from error


def load_map(path: Path) -> ImportMap:
    """A map from its file."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefusedError.of(
            "importing.map_unreadable", Place(file=path.name), reason=str(error)
        ) from error
    return parse_map(text, file=path.name, folder=path.parent)


def dump_map(map_: ImportMap) -> str:
    """The map as YAML text; what is left at its default is left out."""
    data = map_.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump({"minping_map": 1, **data}, allow_unicode=True, sort_keys=False, width=100)
