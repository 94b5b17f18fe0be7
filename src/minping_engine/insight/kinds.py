"""What a redaction may find, and what comes out of it.

`Kind` is the closed list of what is hidden, each with the Chinese words that stand in its place; a page
that speaks another language translates by kind. The words stand in 【】, which no rule reads into.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was hidden."""

    URL = "url"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    PHONE = "phone"
    LANDLINE = "landline"
    ACCOUNT = "account"
    PLATE = "plate"
    NUMBER = "number"
    HOME = "home"
    BUILDING = "building"
    PERSON = "person"

    @property
    def replacement(self) -> str:
        """What readers see instead."""
        return f"【{_WORDS[self]}】"


_WORDS = {
    Kind.URL: "网址",
    Kind.EMAIL: "邮箱",
    Kind.ID_NUMBER: "证件号",
    Kind.BANK_CARD: "银行卡号",
    Kind.PHONE: "电话",
    Kind.LANDLINE: "座机",
    Kind.ACCOUNT: "账号",
    Kind.PLATE: "车牌",
    Kind.NUMBER: "号码",
    Kind.HOME: "住址",
    Kind.BUILDING: "楼栋",
    Kind.PERSON: "姓名",
}
REPLACEMENTS = tuple(kind.replacement for kind in Kind)


@dataclass(frozen=True, slots=True)
class Mark:
    """One hidden place: characters `start` to `end` (exclusive) of the text that was given."""

    kind: Kind
    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text that may be shown to those who work with comments, and what was hidden where.

    `cut` says that the text was longer than the limit. Marks lie in order and do not overlap.
    """

    text: str
    marks: tuple[Mark, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A find in the comparable copy; its last `kept` characters (a title) stay readable."""

    kind: Kind
    start: int
    end: int
    kept: int = 0
