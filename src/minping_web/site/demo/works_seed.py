"""Organisations of the demonstration: bureau, departments, offices, firms, contracts (S45)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from minping_engine.demo import District
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.organisations.imports import apply_contracts, apply_organisations
from minping_web.site.demo.accounts import STREET_CODE
from minping_web.site.demo.tables import import_rows

BUREAU, FIRM, CONTRACTOR, SUB, DEPARTMENT = "JG-01", "DC-01", "CB-01", "CB-02", "BM-01"
SINCE = date(2019, 1, 1)
FIXED = (
    (BUREAU, "bureau", "鼓楼区社会工作部（演示）"),
    (DEPARTMENT, "department", "城市管理局（演示）"),
    ("BM-02", "department", "民政局（演示）"),
    ("BM-03", "department", "住房保障和房产局（演示）"),
    ("BM-04", "department", "公安分局（演示）"),
    ("BM-05", "department", "卫生健康委员会（演示）"),
    ("BM-06", "department", "市场监督管理局（演示）"),
    (FIRM, "survey_firm", "公允民意调查有限公司（虚构）"),
    (CONTRACTOR, "social_organisation", "邻里社会工作服务中心（虚构）"),
    (SUB, "social_organisation", "银杏为老服务社（虚构）"),
    ("CB-03", "contractor", "净街保洁有限公司（虚构）"),
    ("WY-01", "property_company", "安居物业管理有限公司（虚构）"),
    ("DW-01", "unit", "第一中心小学（虚构）"),
    ("DW-02", "unit", "和平商场（虚构）"),
)
Row = dict[str, object]


def seed_organisations(scope: Scope, district: District) -> int:
    """Import organisations and contracts; gives the number of both."""
    bodies = import_rows(scope, "organisations.import", _organisations(district), apply=apply_organisations)
    return bodies + import_rows(scope, "organisations.contracts", _contracts(), apply=apply_contracts)


def office_code(street: str) -> str:
    """Of the street's office."""
    return f"JD-{street}"


def committee_code(community: str) -> str:
    """Of the community's residents' committee."""
    return f"SQ-{community}"


def _organisations(district: District) -> Iterator[Row]:
    for code, kind, name in FIXED:
        yield {"code": code, "kind": kind, "name": name, "valid_from": SINCE}
    streets = {place.street: place.street_name for place in district.places.communities}
    for number, (code, name) in enumerate(streets.items(), 1):
        yield {
            "code": office_code(code), "kind": "street_office", "name": f"{name}办事处（演示）", "area": code,
            "parent": BUREAU, "public_phone": f"025-0000{number:04d}", "valid_from": SINCE,
        }  # fmt: skip
    for place in district.places.communities:
        yield {
            "code": committee_code(place.code), "kind": "community_committee", "area": place.code,
            "name": f"{place.name}居民委员会（演示）", "parent": office_code(place.street),
            "valid_from": SINCE,
        }  # fmt: skip


def _contracts() -> Iterator[Row]:
    """Of the year of seeding, so that they run."""
    this = today().year
    year = {"starts_on": date(this, 1, 1), "ends_on": date(this, 12, 31)}
    yield {"code": f"HT-{this}-001", "subject": "居民满意度入户调查", "principal": BUREAU, "contractor": FIRM,
           "amount": Decimal("1280000"), **year}  # fmt: skip
    yield {"code": f"HT-{this}-002", "subject": "社区为老服务", "principal": office_code(STREET_CODE),
           "contractor": CONTRACTOR, "amount": Decimal("600000"), "places": STREET_CODE, **year}  # fmt: skip
    yield {"code": f"HT-{this}-002-1", "subject": "助餐送餐", "principal": CONTRACTOR, "contractor": SUB,
           "main": f"HT-{this}-002", "amount": Decimal("180000"), "places": STREET_CODE, **year}  # fmt: skip
    yield {"code": f"HT-{this}-003", "subject": "道路保洁", "principal": DEPARTMENT, "contractor": "CB-03",
           "amount": Decimal("2350000"), **year}  # fmt: skip
