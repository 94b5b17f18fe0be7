"""From answers to the content of `scheme.yaml`, its values and a situation for its first example.

Every indicator gets one measure and the plainest criterion: questions by their mean points, marks by
their mean, facts and cases as a share. Whoever wants more edits the file: it is meant for that.
"""

from __future__ import annotations

import re
from typing import Any

from minping_engine.cli.new_scheme.answers import Answers, NewIndicator
from minping_engine.scheme.model.words import as_written

Data = dict[str, Any]
BALLOTS, RATERS_MARK = 40, 80
FACT_DUE, FACT_DONE = 20, 18
STEPS = (("非常满意", "very satisfied"), ("满意", "satisfied"), ("一般", "neither"),
         ("不满意", "dissatisfied"), ("非常不满意", "very dissatisfied"))  # fmt: skip
QUESTION_POINTS = 20
RATED = re.compile("的?(满意度|满意率|满意|评价)$")
"""What a title says of the answer, not of the matter."""
WHO = ("", "居民", "群众", "百姓", "服务对象")
NOUNS = (
    "环境", "卫生", "服务", "工作", "治安", "设施", "绿化", "秩序", "态度", "管理", "质量", "活动", "交通",
    "物业", "停车", "作风", "效率", "安全", "保洁", "养老", "托育", "食堂", "诊所", "公园", "社区", "网格",
    "街道", "网格员", "队伍",
)  # fmt: skip
"""Endings of what residents can be content with."""
USE_TEXTS = {
    "coaching": ("末等或降等：先谈心帮助，再看下期", "Last grade or fallen: talk and help first"),
    "report": ("向被考核对象逐项反馈", "Report back, indicator by indicator"),
    "honour": ("首等：建议列入评优名单", "First grade: proposed for an honour"),
    "performance_pay": ("按等次发放绩效，由两人签字", "Pay by grade; two persons sign"),
}


def text(zh: str, en: str) -> Data:
    """A text in two languages."""
    return {"zh": zh, "en": en}


def ids_of(answers: Answers) -> list[str]:
    """An id for each indicator; people may rename them."""
    return [f"indicator_{number}" for number in range(1, len(answers.indicators) + 1)]


def grade_ids(answers: Answers) -> list[str]:
    """An id for each grade, best first."""
    return [f"grade_{number}" for number in range(1, len(answers.grades) + 1)]


def scheme_data(answers: Answers) -> Data:
    """What stands in `scheme.yaml`."""
    numbered = list(zip(ids_of(answers), answers.indicators, strict=True))
    data: Data = {
        "minping_scheme": 1,
        "id": answers.id,
        "version": "1",
        "title": answers.title.model_dump(),
        "assessee_kind": answers.assessee_kind.value,
        "period": {"kind": answers.period.value},
    }
    data |= _survey(answers, numbered) | _raters(answers) | _facts(numbered)
    data["measures"] = [_measure(name, indicator) for name, indicator in numbered]
    data["indicators"] = [_indicator(name, indicator) for name, indicator in numbered]
    data["total"] = {"points": 100, "round": 2}
    data["indicators_at_most"] = len(numbered)
    data["grading"] = {"bands": {"value": "grade_bands"}}
    return data | _after(answers)


def _survey(answers: Answers, numbered: list[tuple[str, NewIndicator]]) -> Data:
    items = [_item(name, indicator) for name, indicator in numbered if indicator.made_of == "survey"]
    if not items:
        return {}
    form = {"id": answers.id, "version": "1", "title": answers.title.model_dump(), "items": items}
    return {
        "instruments": [form],
        "scoring": {
            "total": {"points": QUESTION_POINTS * len(items), "minimum_answered": (len(items) + 1) // 2},
            "benchmark": {"of": "district"},
        },
        "sampling": {"unit": "household"},
        "means": {
            "collected_by": text("中立第三方", "a neutral third party"),
            "modes": ["visit", "phone", "sms"],
        },
    }


def question(zh: str, en: str) -> Data:
    """How residents are asked: "满意吗" fits what one can be content with, anything else is rated."""
    zh = RATED.sub("", zh)
    if zh in WHO:
        return text("您对我们的工作总体满意吗？", "How satisfied are you with our work as a whole?")
    if zh.endswith(NOUNS):
        return text(f"您对{zh}满意吗？", f"How satisfied are you with: {en}?")
    return text(f"您对{zh}评价如何？", f"How do you rate: {en}?")


def _item(name: str, indicator: NewIndicator) -> Data:
    title = indicator.title
    wording = question(title.zh, title.en)
    step = QUESTION_POINTS // (len(STEPS) - 1)
    answers = [
        {"code": len(STEPS) - number, "label": text(*label), "points": QUESTION_POINTS - step * number}
        for number, label in enumerate(STEPS)
    ]
    return {
        "id": f"q_{name}",
        "kind": "scale",
        "text": wording,
        "short": title.model_dump(),
        "answers": answers,
    }


def _raters(answers: Answers) -> Data:
    if answers.raters is None or not answers.uses("marks"):
        return {}
    group = answers.raters
    return {
        "raters": [
            {
                "id": "raters",
                "title": group.title.model_dump(),
                "source": group.source,
                "minimum": {"value": "raters_minimum"},
            }
        ]
    }


def _facts(numbered: list[tuple[str, NewIndicator]]) -> Data:
    facts = []
    for name, indicator in numbered:
        if indicator.made_of == "facts":
            zh, en = indicator.title.zh, indicator.title.en
            facts.append({"id": f"{name}_due", "title": text(f"{zh}：应完成", f"{en}: due"), "unit": "count"})
            facts.append(
                {"id": f"{name}_done", "title": text(f"{zh}：已完成", f"{en}: done"), "unit": "count"}
            )
    return {"facts": facts} if facts else {}


def _measure(name: str, indicator: NewIndicator) -> Data:
    made: dict[str, Data] = {
        "survey": {"of": "ballots.mean", "item": f"q_{name}"},
        "marks": {"of": "appraisals.mean", "raters": "raters", "items": [name]},
        "facts": {"of": "facts.rate", "numerator": f"{name}_done", "denominator": f"{name}_due"},
        "cases": {"of": "cases.rate", "numerator": "closed_on_time", "denominator": "due"},
    }
    return {"id": f"m_{name}", "title": indicator.title.model_dump(), **made[indicator.made_of]}


def _indicator(name: str, indicator: NewIndicator) -> Data:
    highest = {"survey": QUESTION_POINTS, "marks": 100, "facts": 1, "cases": 1}[indicator.made_of]
    return {
        "id": name,
        "title": indicator.title.model_dump(),
        "points": {"value": f"points_{name}"},
        "measure": f"m_{name}",
        "criterion": {"kind": "linear", "from": 0, "to": highest},
    }


def _bands(answers: Answers) -> list[Data]:
    return [
        {"grade": name, "label": grade.label.model_dump(), "from_points": as_written(grade.from_points)}
        for name, grade in zip(grade_ids(answers), answers.grades, strict=True)
    ]


def _after(answers: Answers) -> Data:
    """Use, publication, objection, exclusions, burden: help stands first, whatever else follows."""
    kinds = dict.fromkeys(("coaching", *answers.use))
    data: Data = {
        "use": [_use(kind, answers) for kind in kinds],
        "publication": {"to": ["assessee", "office"], "what": ["scores", "grades"], "days": 3},
        "objection": {
            "days": answers.objection_days,
            "nodes": [{"title": text("主管部门复核", "Review by the office"), "days": answers.review_days}],
        },
        "burden": {"minutes_at_most": answers.minutes_at_most},
    }
    if answers.uses("cases"):
        title = text("不属于职权范围的工单", "Cases outside its powers")
        data["exclusions"] = [{"id": "out_of_scope", "title": title, "decided_by": 2}]
    return data


def _use(kind: str, answers: Answers) -> Data:
    conditions = {
        "coaching": f"grade_step = {len(answers.grades)} OR grade_change < 0",
        "honour": "grade_step = 1",
    }
    use: Data = {"id": kind, "kind": kind, "text": text(*USE_TEXTS[kind])}
    if kind in conditions:
        use["when"] = conditions[kind]
    if kind == "performance_pay":
        use |= {"signatures": 2, "money": {"by_grade": {"value": "pay_by_grade"}}}
    return use


def value_files(answers: Answers) -> dict[str, Data]:
    """All numbers of the scheme by id: those that were answered, and those that the district fills in."""
    files = {
        f"points_{name}": _answered(
            f"points_{name}",
            text(f"{one.title.zh}：分值", f"{one.title.en}: points"),
            "points",
            as_written(one.points),
        )
        for name, one in zip(ids_of(answers), answers.indicators, strict=True)
    }
    bands = text("等次分数线", "Grade bands")
    files["grade_bands"] = _answered("grade_bands", bands, "points", _bands(answers))
    if answers.raters is not None and answers.uses("marks"):
        least = text("评价人最少人数", "Fewest raters")
        files["raters_minimum"] = _answered("raters_minimum", least, "persons", answers.raters.minimum)
    if "performance_pay" in answers.use:
        files["pay_by_grade"] = _pay(answers)
    return {name: {**file, "source": _source(answers)} for name, file in files.items()}


def _answered(name: str, title: Data, unit: str, value: Any) -> Data:
    """A number that was answered: a draft's own, until it has a source."""
    note = text("草案取值，待写明出处", "A number of the draft; its source is still to be named")
    values = [{"from": "unknown", "value": value}]
    return {"minping_values": 1, "id": name, "title": title, "unit": unit, "note": note, "values": values}


def _pay(answers: Answers) -> Data:
    names = grade_ids(answers)
    return {
        "minping_values": 1,
        "id": "pay_by_grade",
        "title": text("各等次绩效", "Pay by grade"),
        "unit": "fen",
        "note": text("由区里填写；演示金额为虚构", "The district fills this in; demo amounts are invented"),
        "values": [{"from": "unknown", "value": None, "state": "not_published"}],
        "demo": {name: 10000 * (len(names) - number) for number, name in enumerate(names)},
    }


def _source(answers: Answers) -> Data:
    return {"title": answers.title.zh, "clause": "-", "date": "unknown", "grade": "recommendation"}


def situation(answers: Answers) -> Data:
    """Evidence of the first example: good, not perfect, so that every indicator shows in the sum."""
    numbered = list(zip(ids_of(answers), answers.indicators, strict=True))
    names = {
        kind: [name for name, one in numbered if one.made_of == kind] for kind in ("survey", "marks", "facts")
    }
    data: Data = {}
    if names["survey"]:
        data["ballots"] = [
            {"count": BALLOTS, "answers": {f"q_{name}": STEPS[1][0] for name in names["survey"]}}
        ]
    if names["marks"] and answers.raters:
        marks = dict.fromkeys(names["marks"], RATERS_MARK)
        data["marks"] = {"raters": [{"raters": answers.raters.minimum, "items": marks}]}
    if names["facts"]:
        data["facts"] = {f"{name}_due": FACT_DUE for name in names["facts"]}
        data["facts"] |= {f"{name}_done": FACT_DONE for name in names["facts"]}
    if answers.uses("cases"):
        data["cases"] = [
            {"count": 4, "due": True, "closed": True, "closed_on_time": True},
            {"count": 1, "due": True, "closed": True, "closed_on_time": False},
        ]
    return data
