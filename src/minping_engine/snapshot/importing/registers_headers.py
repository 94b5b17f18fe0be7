"""What the columns of register files may be called: the contract's names or their Chinese ones.

Printed in `docs/reference/import-map.md`; `NEEDED` columns must be there, the others may be absent.
"""

from __future__ import annotations

HEADERS: dict[str, dict[str, tuple[str, ...]]] = {
    "areas": {
        "area_id": ("区划代码", "编码", "代码"),
        "parent_id": ("上级代码", "上级编码", "上级"),
        "level": ("级别", "层级"),
        "name": ("名称",),
        "area_kind": ("类别", "网格类别"),
        "area_class": ("分类", "等级"),
        "urban_rural": ("城乡",),
    },
    "targets": {
        "target": ("评价对象", "责任片", "网格"),
        "area_id": ("区划代码", "编码", "代码"),
        "subject": ("对象类别",),
        "name": ("名称",),
        "eligible": ("合格户数", "户数", "总户数"),
        "drawn": ("抽中户数", "样本户数"),
    },
    "assessees": {
        "assessee_id": ("工号", "编号"),
        "kind": ("对象类别",),
        "name": ("姓名", "名称"),
        "area_id": ("所属社区代码", "区划代码"),
    },
    "postings": {
        "target": ("评价对象", "责任片", "网格"),
        "assessee_id": ("工号", "编号"),
        "from_day": ("起始日期", "到岗日期"),
        "to_day": ("结束日期", "离岗日期"),
        "share": ("占比千分", "份额"),
    },
}
NEEDED = {
    "areas": ("area_id", "level", "name"),
    "targets": ("target",),
    "assessees": ("assessee_id", "name", "area_id"),
    "postings": ("target", "assessee_id"),
}
