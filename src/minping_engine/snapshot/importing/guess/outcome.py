"""What guessing hands out: a map or reasons, and for every column what it was taken for.

Notes and problems are both coded (`errors/catalogue/guess.yaml`), so that they read in Chinese and
English. A note is a problem of severity `warning`. Samples of a column never stand in either,
except answers of a question, which belong to no one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from minping_engine.errors import Place, Problem, Severity

if TYPE_CHECKING:
    from minping_engine.snapshot.importing.mapping import ImportMap


@dataclass(frozen=True)
class Guess:
    """`map` is None as soon as there is one problem.

    `draft` is YAML of all that is sure, with the lines to choose from as comments.
    """

    map: ImportMap | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    scheme: str = ""
    draft: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether the map may be used without asking."""
        return self.map is not None


ROLE_NAMES = {
    "target": "评价对象",
    "target_name": "评价对象名称",
    "assessee": "被评人",
    "assessee_name": "被评人姓名",
    "household": "住户",
    "answered_at": "答题时间",
    "mode": "调查方式",
    "ballot": "答卷编号",
    "item": "题目",
    "answer": "答案",
    "district": "区",
    "street": "街道",
    "community": "社区",
    "eligible": "应调查户数",
    "gender": "性别",
    "age": "年龄",
    "tenure": "居住类型",
    "registration": "户籍",
    "education": "文化程度",
    "residence": "居住年限",
}
"""Roles as an official calls them; the English texts use the map's own keys."""


@dataclass
class Findings:
    """Collects problems and notes while the steps go over the columns."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, column: str = "", **params: object) -> None:
        """One reason why there is no map."""
        self.problems.append(Problem(code, Place(column=column), _named(params)))

    def note(self, code: str, column: str = "", **params: object) -> None:
        """What a column was taken for, or why it was left out."""
        self.notes.append(Problem(code, Place(column=column), _named(params), Severity.WARNING))


def _named(params: dict[str, object]) -> dict[str, object]:
    role = params.get("role")
    return params | {"role_zh": ROLE_NAMES.get(str(role), role)} if role else params
