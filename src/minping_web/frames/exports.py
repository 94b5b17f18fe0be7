"""What leaves as a table: units (masked), coverage, contacts of a permit, the log, a sealed frame's list."""

from __future__ import annotations

from minping_web.common.tabular import Column, TableSpec


def _table(name: str, zh: str, en: str, *columns: tuple[str, str, str]) -> TableSpec:
    return TableSpec(name, zh, en, tuple(Column(*column) for column in columns), key=(columns[0][0],))


UNITS = _table(
    "units",
    "单元",
    "Units",
    ("area", "责任片编号", "Area code"),
    ("area_name", "责任片", "Area"),
    ("house_code", "门牌编号", "House code"),
    ("building", "楼栋", "Building"),
    ("kind", "类别", "Kind"),
    ("instrument", "问卷", "Questionnaire"),
    ("rater", "评价主体", "Who rates"),
    ("has_contact", "可联系", "Can be reached"),
    ("excluded", "剔除原因", "Excluded because"),
)
COVERAGE = _table(
    "coverage",
    "覆盖情况",
    "Coverage",
    ("code", "编号", "Code"),
    ("level", "层级", "Level"),
    ("name", "名称", "Name"),
    ("households", "登记户数", "Households registered"),
    ("household", "家庭户", "Households"),
    ("organisation", "驻区单位", "Resident units"),
    ("member", "成员", "Members"),
    ("asked", "总体", "Population"),
    ("reachable", "可联系", "Can be reached"),
    ("excluded", "已剔除", "Excluded"),
    ("covered_percent", "覆盖率%", "Covered %"),
    ("drawable", "可抽数", "Can be drawn"),
)
CONTACTS = _table(
    "contacts",
    "联系方式",
    "Contacts",
    ("area", "责任片编号", "Area code"),
    ("house_code", "门牌编号", "House code"),
    ("building", "楼栋", "Building"),
    ("kind", "类别", "Kind"),
    ("instrument", "问卷", "Questionnaire"),
    ("phone", "联系电话", "Phone"),
    ("second_phone", "备用电话", "Second phone"),
    ("address", "详细地址", "Address"),
)
LOG = _table(
    "access-log",
    "联系方式访问记录",
    "Access to contacts",
    ("at", "时间", "When"),
    ("actor", "人员", "Who"),
    ("act", "操作", "What was done"),
    ("frame", "抽样框", "Frame"),
    ("area", "区域", "Area"),
    ("unit", "单元编号", "Unit"),
    ("fields", "字段", "Fields"),
    ("rows", "条数", "Rows"),
    ("reason", "理由", "Reason"),
)
DISCLOSED = _table(
    "sealed-frame",
    "封存抽样框",
    "Sealed frame",
    ("position", "序号", "Position"),
    ("unit", "单元编号", "Unit"),
    ("area", "责任片编号", "Area code"),
    ("commitment", "承诺值", "Commitment"),
)
FRAMES = _table(
    "frames",
    "抽样框",
    "Frames",
    ("name", "名称", "Name"),
    ("as_of", "截至", "As of"),
    ("state", "状态", "State"),
    ("units", "单元数", "Units"),
    ("needed_until", "联系方式使用期限", "Contacts needed until"),
    ("root", "根值", "Root"),
)
REQUESTS = _table(
    "requests",
    "居民申请",
    "Requests of residents",
    ("number", "编号", "Number"),
    ("kind", "申请事项", "Asks to"),
    ("channel", "来源", "Came"),
    ("received_on", "收到日期", "Received on"),
    ("due_on", "办理期限", "Due on"),
    ("state", "状态", "State"),
)
