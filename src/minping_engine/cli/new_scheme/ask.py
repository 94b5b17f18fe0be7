"""The questions on a terminal: each answer is checked at once and asked again until it fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import typer

from minping_engine.cli.language import pick
from minping_engine.cli.new_scheme.answers import FULL_MARKS, Answers, answers_from
from minping_engine.scheme import scheme_ids
from minping_engine.terms import AssesseeKind, PeriodKind, label

Made = TypeVar("Made")
Choice = tuple[str, str, str]
"""Word, Chinese, English."""
MADE_OF: tuple[Choice, ...] = (
    ("survey", "居民问卷", "residents' questionnaire"),
    ("marks", "评价人打分", "marks by raters"),
    ("facts", "台账事实（完成率）", "facts from registers (share done)"),
    ("cases", "工单（按期结案率）", "cases (share closed on time)"),
)
SOURCES: tuple[Choice, ...] = (
    ("resident_representatives", "居民代表", "residents' representatives"),
    ("residents", "居民", "residents"),
    ("service_users", "服务对象", "service users"),
    ("units", "驻区单位", "units of the area"),
    ("peers", "同事", "peers"),
    ("supervisors", "上级", "supervisors"),
    ("experts", "专家", "experts"),
)
FOLLOWS: tuple[Choice, ...] = (
    ("coaching", "只帮扶，不与待遇挂钩", "help only"),
    ("honour", "帮扶，并建议评优", "help, and proposals for honours"),
    ("performance_pay", "帮扶，并按等次发放绩效", "help, and pay by grade"),
)
GRADES: tuple[tuple[str, str, int], ...] = (
    ("优秀", "excellent", 90), ("良好", "good", 80), ("合格", "pass", 60), ("待提升", "needs support", 0),
)  # fmt: skip
IDENTIFIER = re.compile(r"^[a-z][a-z0-9_-]{1,59}$")


@dataclass(frozen=True)
class Terminal:
    """Asks in one language."""

    language: str

    def say(self, zh: str, en: str) -> None:
        """A line."""
        typer.echo(pick(self.language, zh, en))

    def ask(self, zh: str, en: str, read: Callable[[str], Made], default: str | None = None) -> Made:
        """An answer that `read` takes; a `ValueError` is said and the question is asked again."""
        while True:
            given = str(typer.prompt(pick(self.language, zh, en), default=default)).strip()
            try:
                return read(given)
            except ValueError as error:
                typer.echo(f"  ! {error}")

    def choose(self, zh: str, en: str, choices: Sequence[Choice]) -> str:
        """One of a numbered list."""
        self.say(zh, en)
        for number, (_, chinese, english) in enumerate(choices, start=1):
            typer.echo(f"  {number} {pick(self.language, chinese, english)}")

        def read(given: str) -> str:
            found = chosen(given, choices)
            if found is None:
                raise ValueError(
                    pick(
                        self.language,
                        f"请填 1 至 {len(choices)} 的编号，或照写其中一项",
                        f"a number from 1 to {len(choices)}, or one of the words",
                    )
                )
            return found

        return self.ask(
            f"编号或名称（1–{len(choices)}）", f"number or word (1-{len(choices)})", read, default="1"
        )

    def whole(self, zh: str, en: str, least: int, most: int, default: str | None = None) -> int:
        """A whole number within limits."""

        def read(given: str) -> int:
            if not given.isdigit() or not least <= int(given) <= most:
                raise ValueError(
                    pick(
                        self.language,
                        f"请填 {least} 至 {most} 的整数",
                        f"a whole number from {least} to {most}",
                    )
                )
            return int(given)

        return self.ask(f"{zh}（{least}–{most}）", f"{en} ({least}-{most})", read, default)

    def title(self, zh: str, en: str) -> dict[str, str]:
        """A text in both languages."""
        return {
            "zh": self.ask(f"{zh}（中文）", f"{en} (Chinese)", self._text),
            "en": self.ask(f"{zh}（英文）", f"{en} (English)", self._text),
        }

    def _text(self, given: str) -> str:
        if not given:
            raise ValueError(pick(self.language, "不能为空", "must not be empty"))
        return given

    def name(self, given: str) -> str:
        """An id that no scheme of the library has."""
        if not IDENTIFIER.match(given):
            raise ValueError(
                pick(
                    self.language,
                    "用小写英文字母开头，只含小写字母、数字、- 和 _",
                    "small letters, digits, - and _, a letter first",
                )
            )
        if given in scheme_ids():
            raise ValueError(pick(self.language, "方案库中已有此编号", "the library has this id already"))
        return given


def chosen(given: str, choices: Sequence[Choice]) -> str | None:
    """The word that is meant: by number, by one of its names, or by how only one of them begins."""
    if given.isdigit():
        return choices[int(given) - 1][0] if 1 <= int(given) <= len(choices) else None
    said = given.strip().lower()
    exact = [names[0] for names in choices if said in {name.lower() for name in names}]
    begun = [names[0] for names in choices if said and any(name.lower().startswith(said) for name in names)]
    found = exact or begun
    return found[0] if len(found) == 1 else None


def ask_answers(terminal: Terminal) -> Answers:
    """The whole conversation."""
    terminal.say(
        "新建考核方案。Ctrl-C 随时退出，不留下任何文件。",
        "A new scheme. Ctrl-C leaves at any time and writes nothing.",
    )
    terminal.say(
        "方案编号是文件夹和结果中的代号，定后不改：小写字母开头，可含数字和 -，如 gulou-grid-quarter。",
        "The id names folder and results and stays: small letters, digits and -, e.g. gulou-grid-quarter.",
    )
    data: dict[str, Any] = {"id": terminal.ask("方案编号", "id of the scheme", terminal.name)}
    data["title"] = terminal.title("方案名称", "title")
    data["assessee_kind"] = terminal.choose("考核谁", "who or what is assessed", _labels(AssesseeKind))
    data["period"] = terminal.choose("考核期", "period", _labels(PeriodKind))
    data["indicators"] = ask_indicators(terminal)
    if any(one["made_of"] == "marks" for one in data["indicators"]):
        data["raters"] = _ask_raters(terminal)
    data["grades"] = _ask_grades(terminal)
    follows = terminal.choose("结果如何运用", "use of results", FOLLOWS)
    data["use"] = list(dict.fromkeys(["coaching", follows]))
    data["objection_days"] = terminal.whole("异议期天数", "days for objections", 5, 60, "5")
    data["review_days"] = terminal.whole("复核期天数", "days for the review", 1, 60, "5")
    data["minutes_at_most"] = terminal.whole(
        "每期工作负担上限（分钟）", "most minutes of work per period", 0, 600, "30"
    )
    return answers_from(data)


def _labels(words: type[Enum]) -> list[Choice]:
    return [(word.value, label(word), label(word, "en")) for word in words]


def ask_indicators(terminal: Terminal) -> list[dict[str, Any]]:
    """Indicators with points; the points are asked again until they add up."""
    count = terminal.whole("有几个指标", "how many indicators", 1, 20, "2")
    found: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        title = terminal.title(f"第 {number} 个指标的名称", f"title of indicator {number}")
        made_of = terminal.choose("依据什么", "what is it made of", MADE_OF)
        found.append({"title": title, "made_of": made_of})
    while True:
        left = FULL_MARKS
        for number, one in enumerate(found):
            # What is left, shared evenly among those still to come: the last one is offered all of it.
            offered = max(left // (len(found) - number), 1)
            one["points"] = terminal.whole(
                f"“{one['title']['zh']}”的分值",
                f"points of {one['title']['en']}",
                1,
                FULL_MARKS,
                str(offered),
            )
            left -= one["points"]
        total = sum(one["points"] for one in found)
        if total == FULL_MARKS:
            return found
        terminal.say(
            f"  ! 分值合计 {total}，应为 {FULL_MARKS}，请重新分配",
            f"  ! the points add up to {total}, not {FULL_MARKS}: once more",
        )


def _ask_raters(terminal: Terminal) -> dict[str, Any]:
    source = terminal.choose("谁来打分", "who gives marks", SOURCES)
    zh, en = next((zh, en) for word, zh, en in SOURCES if word == source)
    least = terminal.whole(
        "最少几人（五人以下容易认出是谁）", "fewest raters (below five they can be recognised)", 1, 500, "5"
    )
    return {"title": {"zh": zh, "en": en}, "source": source, "minimum": least}


def _ask_grades(terminal: Terminal) -> list[dict[str, Any]]:
    """Cut points of four grades, best first; the last one takes everybody else."""
    found: list[dict[str, Any]] = []
    above = FULL_MARKS
    for number, (zh, en, start) in enumerate(GRADES):
        least = len(GRADES) - 1 - number
        if least:
            above = terminal.whole(
                f"“{zh}”从多少分起", f'"{en}" from how many points', least, above - bool(found), str(start)
            )
        found.append({"label": {"zh": zh, "en": en}, "from_points": above if least else 0})
    return found
