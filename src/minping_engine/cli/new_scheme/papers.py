"""READMEs of a new scheme: what is in the folder, and what is left to do, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from minping_engine.cli.new_scheme.answers import Answers
from minping_engine.scheme.model.words import as_written

TO_DO_ZH: tuple[str, ...] = (
    "逐项核对指标、分值和评分标准；`minping scheme docs` 列出可用的写法。",
    "把每个数值的出处写进 `values/`（标题、条款、日期、证据等级），不详的写 `unknown`。",
    "来源未公布的数值由区里填写，不要用演示值代替。",
    "手工复算 `examples/first.yaml`：其中应得结果由程序算出，尚未经人核对。",
    "再写至少四个算例：正好达线与差一点、没有数据、并列、否决或金额。",
    "听取被考核对象和居民意见，写入 `consultations`；写明依据 `legal_basis`。",
    "`minping scheme check` 和 `minping scheme test` 均通过后，再送审、试点。",
)
TO_DO_EN: tuple[str, ...] = (
    "Go through indicators, points and criteria; `minping scheme docs` lists what can be written.",
    "Put the source of each number into `values/`: title, clause, date (or `unknown`), grade.",
    "Numbers that nobody has published are filled in by the district, never by demo values.",
    "Work `examples/first.yaml` by hand: the program computed what it expects, nobody has checked it yet.",
    "Write four more examples at least: just reached and just missed, no data, a tie, a veto or money.",
    "Hear residents and those who are assessed (`consultations`); name the `legal_basis`.",
    "When `minping scheme check` and `minping scheme test` pass, have it reviewed and tried out.",
)


FIRST = "examples/first.yaml"
OF_A_COPY = {
    "zh": "改动规则后逐个核对 `examples/` 中的算例：应得结果是原方案的。",
    "en": "After each change of a rule go through `examples/`: what they expect is the original scheme's.",
}
"""Instead of the line on the example that the program made."""


def readme_zh(answers: Answers) -> str:
    """The Chinese README."""
    lines = [f"# {answers.id} {answers.title.zh}", "", "English: [README.md](README.md)", ""]
    lines += [
        "**草案，由 `minping scheme new` 生成，尚未审定，不得用于正式考核。**",
        "",
        "## 一百分怎么来",
        "",
    ]
    lines += ["| 指标 | 分值 |", "|---|---|"]
    lines += [f"| {one.title.zh} | {as_written(one.points)} |" for one in answers.indicators]
    return "\n".join([*lines, "", *to_do("zh")])


def readme_en(answers: Answers) -> str:
    """The English README."""
    lines = [f"# {answers.id}: {answers.title.en}", "", "中文：[README.zh-CN.md](README.zh-CN.md)", ""]
    lines += ["**A draft made by `minping scheme new`: not reviewed, not for a real assessment.**", ""]
    lines += ["## How 100 points arise", "", "| indicator | points |", "|---|---|"]
    lines += [f"| {one.title.en} | {as_written(one.points)} |" for one in answers.indicators]
    return "\n".join([*lines, "", *to_do("en")])


def to_do(language: str, *, first: bool = True) -> list[str]:
    """What is left to do, as a list to tick off; `first` is whether `examples/first.yaml` was made."""
    title, tasks = ("## 还要做什么", TO_DO_ZH) if language == "zh" else ("## Left to do", TO_DO_EN)
    if not first:
        tasks = tuple(OF_A_COPY[language] if FIRST in task else task for task in tasks)
    return [title, "", *_ticks(tasks), ""]


def _ticks(tasks: Sequence[str]) -> list[str]:
    return [f"- [ ] {task}" for task in tasks]
