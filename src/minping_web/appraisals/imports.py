"""The table of values: one spec for the template, the import and the export of facts, costs and visits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Place
from minping_web.appraisals.models import EvidenceValue
from minping_web.appraisals.rules.numbers import written
from minping_web.appraisals.rules.sources import source_problem
from minping_web.appraisals.selectors.evidence import EDIT
from minping_web.appraisals.services.values import apply_values
from minping_web.common.import_flow import Importer
from minping_web.common.tabular import Column, TableSpec, text, whole
from minping_web.common.tabular.columns import CellError


def _link(cell: str) -> str:
    """An address of the web: pages offer it to be opened."""
    return _checked(str(text(300)(cell)), is_link=True)


def _document(cell: str) -> str:
    """A name of a document; where it is an address, one of the web."""
    return _checked(str(text(200)(cell)), is_link=False)


def _checked(found: str, *, is_link: bool) -> str:
    wrong = source_problem(found, Place(), is_link=is_link)
    if wrong is not None:
        raise CellError(wrong.code, **wrong.params)
    return found


VALUES = TableSpec(
    "evidence-values",
    "评议材料数据",
    "Evidence values",
    (
        Column("round", "轮次编号", "Round number", whole(1), required=True, example="12",
               help_zh="本轮页面地址中的编号", help_en="The number in the address of the round's page"),
        Column("assessee_id", "考核对象编号", "Assessee id", text(60), required=True, example="P000012"),
        Column("name", "姓名/名称", "Name", text(100), help_zh="仅供对照，不读入",
               help_en="For reading only, not taken over"),
        Column("what", "事项", "What", text(80), required=True, example="facts:contract_fen",
               help_zh="facts:事项编号，costs:yuan，visits:period 或 visits:year",
               help_en="facts:<id of the fact>, costs:yuan, visits:period or visits:year"),
        Column("value", "数值或取值", "Value", text(100), required=True, example="120000"),
        Column("spread", "标准误", "Standard error", text(30), help_zh="仅估算的成本填写",
               help_en="Only for costs that are an estimate"),
        Column("document", "来源文件", "Source document", _document, required=True, example="三季度合同台账"),
        Column("link", "链接", "Link", _link),
    ),
    key=("round", "assessee_id", "what"),
)  # fmt: skip

VALUE_IMPORT = Importer(
    kind="appraisals.values",
    spec=VALUES,
    permission=EDIT,
    apply=apply_values,
    back="appraisals:list",
    title=_("Import facts and costs"),
    lead=_("Facts that cost somebody points, grade or post are refused here: they take two persons."),
)


def rows(found: Iterable[EvidenceValue], names: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """One row per value, as the import reads it back."""
    for one in found:
        yield {
            "round": one.round_id,
            "assessee_id": one.assessee_id,
            "name": names.get(one.assessee_id, ""),
            "what": f"{one.table}:{one.name}",
            "value": one.text or ("" if one.value_milli is None else written(one.value_milli)),
            "spread": "" if one.spread_milli is None else written(one.spread_milli),
            "document": one.document,
            "link": one.link,
        }
