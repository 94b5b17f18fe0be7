"""The columns of a file of units, with the words that each closed list is understood by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.utils import translation
from django.utils.functional import Promise

from minping_web.common.tabular import Column, TableSpec
from minping_web.frames.rules import Instrument, Kind, Rater, Special

KINDS = {
    "家庭户": "household",
    "住户": "household",
    "驻区单位": "organisation",
    "单位": "organisation",
    "成员": "member",
}
INSTRUMENTS = {
    "老年居民": "elderly",
    "老年": "elderly",
    "中青年居民": "young_and_middle_aged",
    "中青年": "young_and_middle_aged",
    "驻区单位": "organisation",
    "单位": "organisation",
}
RATERS = {
    "业主": "owner",
    "常住居民": "owner",
    "租户": "tenant",
    "承租户": "tenant",
    "社区党员": "party_member",
    "党员": "party_member",
    "驻区单位": "resident_organisation",
    "社会组织": "social_organisation",
}
SPECIALS = {
    "否": "",
    "普通": "",
    "低保": "minimum_allowance",
    "低保边缘": "allowance_margin",
    "残疾": "disabled",
    "失独": "bereaved_parents",
    "独居老人": "living_alone",
    "优抚": "entitled_group",
    "其他": "other",
}


def words(chinese: Mapping[str, str], choices: Iterable[tuple[str, str | Promise]]) -> dict[str, str]:
    """Every accepted word, folded, -> stored value: Chinese words, keys and English labels."""
    found = {_folded(word): value for word, value in chinese.items()}
    with translation.override("en"):
        for value, label in choices:
            found[_folded(str(label))] = value
            found[_folded(value)] = value
    return found


def _folded(word: str) -> str:
    return re.sub(r"[\s_]", "", word).casefold()


CHOICES: dict[str, dict[str, str]] = {
    "kind": words(KINDS, Kind.choices),
    "instrument": words(INSTRUMENTS, Instrument.choices),
    "rater": words(RATERS, Rater.choices),
    "special": words(SPECIALS, Special.choices),
}
SHOWN = {"kind": KINDS, "instrument": INSTRUMENTS, "rater": RATERS, "special": SPECIALS}
LONGEST = {"house_code": 60, "building": 40, "address": 200}

UNIT_TABLE = TableSpec(
    "units",
    "家庭户与单位",
    "Households and units",
    (
        Column(
            "area",
            "责任片编号",
            "Area code",
            required=True,
            example="320106001001",
            help_zh="单元所在责任片或网格的编号，须已在“区域”中登记。",
            help_en="Code of the responsibility area or grid; it must exist under Places.",
            aliases=("责任田编号", "包干区编号", "区域编号"),
        ),
        Column(
            "house_code",
            "门牌编号",
            "House code",
            required=True,
            example="和平里12号3-201",
            help_zh="本抽样框内不重复的门牌或单位编号，不要填姓名。",
            help_en="Unique within the frame. Never a name.",
        ),
        Column(
            "building",
            "楼栋",
            "Building",
            example="12号",
            help_zh="同一楼栋的住户填同样的内容，抽样时用于避免过于集中。",
            help_en="The same text for all households of a building; keeps a sample from clustering.",
        ),
        Column(
            "kind",
            "类别",
            "Kind",
            example="家庭户",
            help_zh="家庭户、驻区单位、成员。空白按家庭户。",
            help_en="Household, resident unit, member. Empty means household.",
        ),
        Column(
            "instrument",
            "问卷",
            "Questionnaire",
            example="中青年居民",
            help_zh="老年居民、中青年居民、驻区单位。不收集出生日期。",
            help_en="Elderly residents, young and middle-aged residents, resident units. No birth dates.",
        ),
        Column(
            "rater",
            "评价主体",
            "Who rates",
            example="业主",
            help_zh="业主、租户、社区党员、驻区单位、社会组织。",
            help_en="Resident owner, tenant, Party member, resident organisation, social organisation.",
        ),
        Column(
            "special",
            "特殊家庭",
            "Special family",
            example="",
            help_zh="低保、低保边缘、残疾、失独、独居老人、优抚、其他；普通家庭留空。只有经授权的人员可见。",
            help_en="One of the closed list, empty for ordinary families. Seen by authorised staff only.",
        ),
        Column(
            "phone",
            "联系电话",
            "Phone",
            example="",
            help_zh="手机或带区号的固定电话，加密保存。",
            help_en="Mobile or landline with area code; stored encrypted.",
        ),
        Column(
            "second_phone",
            "备用电话",
            "Second phone",
            example="",
            help_zh="可留空。",
            help_en="May be empty.",
        ),
        Column(
            "address",
            "详细地址",
            "Address",
            example="",
            help_zh="入户或寄信时使用，加密保存。",
            help_en="For visits and letters; stored encrypted.",
        ),
    ),
    key=("house_code",),
)

FORBIDDEN_HEADING = re.compile(r"身份证|证件号|公民身份|出生|生日|birth|id.?card|identity.?n", re.IGNORECASE)
"""Columns that nobody may bring: minimum of data (PIPL 6)."""
