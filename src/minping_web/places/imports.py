"""The tables of places: areas and their figures, with their import pages.

One `TableSpec` serves template, import and export; labels are read in Chinese, English or as keys.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from minping_web.common.import_flow import Importer
from minping_web.common.tabular import (
    Column,
    TableSpec,
    choice,
    day,
    decimal_number,
    flag,
    text,
    whole,
)
from minping_web.common.tabular.columns import CellError, Read
from minping_web.places.rules import covariates, levels
from minping_web.places.services.areas import EDIT
from minping_web.places.services.covariates import apply_covariates
from minping_web.places.services.importing import apply_areas

PIECE_WORDS = ("责任田", "包干区")
"""What offices also call a responsibility area (责任片)."""
ZH_CLASSES = {"甲": "jia", "乙": "yi", "丙": "bing", "甲类": "jia", "乙类": "yi", "丙类": "bing"}


def label_reader(choices: type[TextChoices], more: dict[str, str] | None = None) -> Read:
    """Reads a label of either language, or the key; the labels are asked for at the first cell."""

    @cache
    def reader() -> Read:
        known: dict[str, object] = {}
        for language in ("zh-hans", "en"):
            with override(language):
                known |= {str(member.label): member.value for member in choices}
        return choice(known | dict(more or {}) | {str(value): value for value in choices.values})

    return lambda cell: reader()(cell)


def _code(cell: str) -> str:
    found = cast(str, text(40)(cell))
    if " " in found:
        raise CellError("places.code_space", found=found)
    return found


AREAS = TableSpec(
    "areas",
    "区域",
    "Areas",
    (
        Column(
            "code",
            "编号",
            "Code",
            _code,
            required=True,
            help_zh="在全区唯一，导入时按编号识别；不得含空格",
            help_en="Unique in the district; rows are recognised by it; no spaces",
            example="320106012003",
        ),
        Column(
            "name",
            "名称",
            "Name",
            text(100),
            help_zh="新增时必填",
            help_en="Needed for new areas",
            example="和平社区",
        ),
        Column(
            "level",
            "层级",
            "Level",
            label_reader(levels.Level, dict.fromkeys(PIECE_WORDS, levels.Level.RESPONSIBILITY_AREA.value)),
            help_zh="新增时必填：市、区、街道、社区、网格、责任片",
            help_en="Needed for new areas: City, District, Street, Community, Grid, Responsibility area",
            example="社区",
            options=("市", "区", "街道", "社区", "网格", "责任片"),
        ),
        Column(
            "parent_code",
            "上级编号",
            "Parent code",
            _code,
            help_zh="所在上级区域的编号；上级可以在同一文件中，先后不限",
            help_en="Code of the area around it; it may stand in the same file, in any order",
            example="320106012",
        ),
        Column(
            "grid_level",
            "网格级别",
            "Grid level",
            label_reader(levels.GridLevel),
            help_zh="仅网格：L1（社区）、L2（小区）、L3（楼栋或商铺）",
            help_en="Grids only: L1 (community), L2 (compound), L3 (buildings or shopfronts)",
            example="L2",
            options=("L1", "L2", "L3"),
        ),
        Column(
            "kind",
            "网格类型",
            "Kind of grid",
            label_reader(levels.Kind),
            help_zh="仅网格：综合网格、专属网格、警格",
            help_en="Grids only: General grid, Exclusive grid, Police grid",
            example="综合网格",
            options=("综合网格", "专属网格", "警格"),
        ),
        Column(
            "exclusive_type",
            "专属类别",
            "Exclusive type",
            label_reader(levels.ExclusiveType),
            help_zh="专属网格必填：行政中心、园区、商务楼宇、商圈市场、学校医院",
            help_en="Needed for exclusive grids: Administrative centre, Business park, "
            "Office building, Mall or market, School or hospital",
            options=("行政中心", "园区", "商务楼宇", "商圈市场", "学校医院"),
        ),
        Column(
            "management",
            "管理方式",
            "Management",
            label_reader(levels.Management),
            help_zh="仅专属网格：日常管理、重点协管、定期联动",
            help_en="Exclusive grids only: Daily management, Key assistance, Periodic contact",
            options=("日常管理", "重点协管", "定期联动"),
        ),
        Column(
            "staffing",
            "专兼职",
            "Staffing",
            label_reader(levels.Staffing),
            help_zh="专职或兼职",
            help_en="Full-time or Part-time",
            options=("专职", "兼职"),
        ),
        Column(
            "is_red",
            "红色网格",
            "Red grid",
            flag(),
            help_zh="是或否；空白为否",
            help_en="yes or no; empty means no",
            example="否",
            options=("是", "否"),
        ),
        Column(
            "area_class",
            "类别",
            "Class",
            label_reader(levels.AreaClass, ZH_CLASSES),
            help_zh="社区和一级网格填甲、乙、丙；二级网格填 A、B、C",
            help_en="jia, yi, bing for communities and L1 grids; A, B, C for L2 grids",
            example="甲",
        ),
        Column("households", "户数", "Households", whole(0, 10_000_000), example="420"),
        Column("residents", "人口数", "Residents", whole(0, 100_000_000), example="1260"),
        Column("buildings", "楼栋数", "Buildings", whole(0, 1_000_000), example="12"),
        Column(
            "valid_from",
            "设立日期",
            "Exists since",
            day(),
            help_zh="不详可留空",
            help_en="May be empty when not known",
            example="2024-01-01",
        ),
        Column(
            "valid_to",
            "撤销日期",
            "Existed until",
            day(),
            help_zh="存续中的留空",
            help_en="Empty while it exists",
        ),
    ),
)

FIGURES = TableSpec(
    "covariates",
    "区域指标",
    "Figures of areas",
    (
        Column(
            "code",
            "编号",
            "Code",
            _code,
            required=True,
            help_zh="区域编号",
            help_en="Code of the area",
            example="320106012003",
        ),
        Column(
            "name",
            "指标",
            "Figure",
            choice(dict(covariates.LABELS)),
            required=True,
            help_zh="只能取：" + "、".join(c.zh for c in covariates.COVARIATES),
            help_en="One of: " + ", ".join(c.en for c in covariates.COVARIATES),
            example="低保户",
        ),
        Column(
            "value", "数值", "Value", decimal_number("0", "1000000000", places=4), required=True, example="86"
        ),
        Column("as_of", "截至日期", "As of", day(), required=True, example="2025-12-31"),
        Column(
            "source",
            "来源",
            "Source",
            text(200),
            required=True,
            help_zh="文件名称或统计口径",
            help_en="Title of the document, or how it was counted",
            example="街道2025年统计台账",
        ),
    ),
    key=("code", "name", "as_of"),
)

AREA_IMPORTER = Importer("places.areas", AREAS, EDIT, apply_areas, "places:list", _("Import areas"))
FIGURE_IMPORTER = Importer(
    "places.figures", FIGURES, EDIT, apply_covariates, "places:figures", _("Import figures")
)
