"""Tables of organisations and contracts: their columns, and how read rows become writes.

Codes identify. A column that the file does not have leaves its field as it is; an empty cell empties it.
Rows may stand in any order: superiors and main contracts are written first, circles are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Problem
from minping_web.common.changes import Recorder
from minping_web.common.import_flow import Importer
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.tabular import (
    Column,
    ReadRow,
    ReadTable,
    TableSpec,
    choice,
    day,
    decimal_number,
    text,
)
from minping_web.organisations.models import Contract, Organisation
from minping_web.organisations.rules import KIND_WORDS
from minping_web.organisations.selectors import EDIT, organisations_by_code, places_of
from minping_web.organisations.services import (
    ContractDraft,
    OrganisationDraft,
    write_contract,
    write_organisation,
)
from minping_web.places.models import Area
from minping_web.places.selectors.areas import areas_by_code

ORGANISATIONS = TableSpec(
    "organisations",
    "单位",
    "Organisations",
    (
        Column("code", "单位编号", "Code", text(40), required=True, example="JD-01",
               help_zh="在全区唯一。", help_en="Unique in the district."),
        Column("kind", "类别", "Kind", choice(KIND_WORDS), required=True, example="街道办事处",
               help_zh="可填：" + "、".join(list(KIND_WORDS)[:9]) + "。",
               help_en=", ".join(Organisation.Kind.values)),
        Column("name", "名称", "Name", text(120), required=True, example="试验街道办事处"),
        Column("area", "所在区域编号", "Area code", text(40), example="320106001",
               help_zh="留空表示属于全区。", help_en="Empty: belongs to the district as a whole."),
        Column("parent", "上级单位编号", "Superior's code", text(40), help_zh="没有上级时留空。",
               help_en="Empty without one."),
        Column("public_phone", "公开电话", "Public phone", text(40), example="025-00000001",
               help_zh="可对外公布的电话。", help_en="A number that may be published."),
        Column("valid_from", "启用日期", "Active since", day(), example="2024-01-01"),
        Column("valid_to", "停用日期", "Active until", day(), help_zh="仍在用时留空。",
               help_en="Empty while active."),
    ),
)  # fmt: skip

CONTRACTS = TableSpec(
    "contracts",
    "合同",
    "Contracts",
    (
        Column("code", "合同编号", "Contract number", text(40), required=True, example="HT-2026-001"),
        Column("subject", "标的", "Subject", text(200), required=True, example="社区养老服务"),
        Column("principal", "委托方编号", "Principal's code", text(40), required=True, example="JD-01"),
        Column("contractor", "承接方编号", "Contractor's code", text(40), required=True, example="SH-01"),
        Column("main", "主合同编号", "Main contract", text(40), help_zh="分包合同填写其主合同；主合同留空。",
               help_en="For a sub-contract: the contract it hangs on."),
        Column("starts_on", "起始日期", "From", day(), required=True, example="2026-01-01"),
        Column("ends_on", "终止日期", "Until", day(), required=True, example="2026-12-31"),
        Column("amount", "金额（元）", "Amount in yuan", decimal_number("0", "100000000000"), required=True,
               example="500000.00", help_zh="以元为单位，最多两位小数。",
               help_en="In yuan, at most two decimals."),
        Column("places", "服务区域编号", "Places", text(2000), example="320106001001 320106001002",
               help_zh="多个编号以空格或顿号分开；留空表示全区。",
               help_en="Codes of areas, by spaces; empty: the whole district."),
    ),
)  # fmt: skip


def parents_first(rows: Iterable[ReadRow], key: str, above: str) -> tuple[list[ReadRow], list[Problem]]:
    """Rows so that what a row refers to in the same file comes before it; circles as problems."""
    waiting = {str(row.values[key]): row for row in rows if row.values.get(key)}
    ordered: list[ReadRow] = []
    while waiting:
        ready = [code for code, row in waiting.items() if row.values.get(above) not in waiting]
        if not ready:
            found = [Problem("table.circle", row.place, {"code": code}) for code, row in waiting.items()]
            return ordered, found
        ordered += [waiting.pop(code) for code in ready]
    return ordered, []


class Lookup:
    """Codes of one file resolved at once; unknown ones become problems with their row."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def find(self, known: dict[str, Any], row: ReadRow, key: str, names: tuple[str, str]) -> Any:
        """The object for a cell's code; None for an empty cell or an unknown code."""
        code = row.values.get(key)
        if code is None or code in known:
            return known.get(str(code)) if code else None
        params = {"code": code, "what": names[0], "what_en": names[1]}
        self.problems.append(Problem("table.reference_unknown", row.place, params))
        return None


ORGANISATION, AREA, CONTRACT = ("单位", "organisation"), ("区域", "area"), ("合同", "contract")


def apply_organisations(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Create and update organisations; raises `RefusedError` with the faults of all rows."""
    rows, problems = parents_first(table.rows, "code", "parent")
    bodies = organisations_by_code(_codes(table, "code", "parent"))
    areas = areas_by_code(scope, EDIT, _codes(table, "area"))
    lookup = Lookup()
    for row in rows:
        existing = bodies.get(str(row.values["code"]))
        draft = _organisation_draft(row, existing, lookup, bodies, areas)
        try:
            bodies[draft.code] = write_organisation(recorder, draft, existing=existing, place=row.place)
        except RefusedError as refused:
            problems += refused.problems
    if problems + lookup.problems:
        raise RefusedError(problems + lookup.problems)


def _organisation_draft(
    row: ReadRow,
    existing: Organisation | None,
    lookup: Lookup,
    bodies: dict[str, Organisation],
    areas: dict[str, Area],
) -> OrganisationDraft:
    old = _fields(existing, OrganisationDraft)
    new = dict(row.values)
    if "area" in new:
        new["area"] = lookup.find(areas, row, "area", AREA)
    if "parent" in new:
        new["parent"] = lookup.find(bodies, row, "parent", ORGANISATION)
    if "public_phone" in new:
        new["public_phone"] = new["public_phone"] or ""
    return OrganisationDraft(**{**old, **new})


def apply_contracts(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Create and update contracts; raises `RefusedError` with the faults of all rows."""
    rows, problems = parents_first(table.rows, "code", "main")
    bodies = organisations_by_code(_codes(table, "principal", "contractor"))
    codes = _codes(table, "code", "main")
    known = {contract.code: contract for contract in Contract.objects.filter(code__in=codes)}
    areas = areas_by_code(scope, EDIT, (c for cell in _codes(table, "places") for c in _parts(cell)))
    lookup = Lookup()
    for row in rows:
        existing = known.get(str(row.values["code"]))
        draft = _contract_draft(row, existing, lookup, (bodies, known, areas))
        if draft is None:
            continue
        try:
            known[draft.code] = write_contract(recorder, draft, existing=existing, place=row.place)
        except RefusedError as refused:
            problems += refused.problems
    if problems + lookup.problems:
        raise RefusedError(problems + lookup.problems)


def fen_of(row: ReadRow) -> int:
    """Yuan as fen; more than two decimals were refused before."""
    amount = row.values["amount"]
    assert isinstance(amount, Decimal)
    return int(amount * 100)


Known = tuple[dict[str, Organisation], dict[str, Contract], dict[str, Area]]


def _contract_draft(
    row: ReadRow, existing: Contract | None, lookup: Lookup, known: Known
) -> ContractDraft | None:
    """None where a side or a main contract is unknown; the lookup has the problem."""
    bodies, contracts, areas = known
    faults = len(lookup.problems)
    new = dict(row.values)
    principal = lookup.find(bodies, row, "principal", ORGANISATION)
    contractor = lookup.find(bodies, row, "contractor", ORGANISATION)
    main = existing.main if existing else None
    if "main" in new:
        main = lookup.find(contracts, row, "main", CONTRACT)
    places = places_of(existing) if existing else []
    if "places" in new:
        places = _areas(row, lookup, areas)
    if new["amount"] * 100 % 1:  # type: ignore[operator]
        lookup.problems.append(Problem("contract.part_of_fen", row.place, {"code": new["code"]}))
    if len(lookup.problems) > faults:
        return None
    return ContractDraft(
        code=str(new["code"]), subject=str(new["subject"]), principal=principal, contractor=contractor,
        main=main, starts_on=new["starts_on"], ends_on=new["ends_on"],  # type: ignore[arg-type]
        amount_fen=fen_of(row), places=tuple(places),
    )  # fmt: skip


def _areas(row: ReadRow, lookup: Lookup, areas: dict[str, Area]) -> list[Area]:
    codes = _parts(str(row.values.get("places") or ""))
    found = [
        lookup.find(areas, ReadRow(row.place, {"places": code}), "places", AREA)
        for code in dict.fromkeys(codes)
    ]
    return [area for area in found if area is not None]


def _parts(cell: str) -> list[str]:
    return [part for part in re.split(r"[\s、，,;；]+", cell) if part]


def _codes(table: ReadTable, *keys: str) -> set[str]:
    return {str(row.values[key]) for row in table.rows for key in keys if row.values.get(key)}


def _fields(existing: Organisation | None, draft: type[OrganisationDraft]) -> dict[str, Any]:
    if existing is None:
        return {}
    return {name: getattr(existing, name) for name in draft.__dataclass_fields__}


ORGANISATION_IMPORT = Importer(
    kind="organisations.organisations",
    spec=ORGANISATIONS,
    permission=EDIT,
    apply=apply_organisations,
    back="organisations:list",
    title=_("Import organisations"),
)
CONTRACT_IMPORT = Importer(
    kind="organisations.contracts",
    spec=CONTRACTS,
    permission=EDIT,
    apply=apply_contracts,
    back="organisations:contracts",
    title=_("Import contracts"),
)
