"""Closed lists of the field's words, with labels in Chinese and English."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum


class Mode(IntEnum):
    """调查方式: how a ballot was given (S6, S23). Codes stand in snapshots and never change."""

    UNKNOWN = 0
    VISIT = 1
    PHONE = 2
    SMS = 3
    QR = 4
    PAPER = 5
    WEB = 6
    OPEN_ONLINE = 7


class Disposition(IntEnum):
    """处置码: what became of a drawn unit (AAPOR standard definitions, condensed)."""

    COMPLETE = 1
    PARTIAL = 2
    REFUSAL = 3
    NON_CONTACT = 4
    OTHER_NONRESPONSE = 5
    UNKNOWN_ELIGIBILITY = 6
    NOT_ELIGIBLE = 7


class AreaLevel(StrEnum):
    """Levels of places, widest first. A responsibility area is one worker's 责任田 (S10)."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    RESPONSIBILITY_AREA = "responsibility_area"


class AssesseeKind(StrEnum):
    """考核对象: who or what is assessed."""

    COMMUNITY_WORKER = "community_worker"
    GRID = "grid"
    COMMUNITY = "community"
    STREET_OFFICE = "street_office"
    DEPARTMENT = "department"
    ORGANISATION = "organisation"
    SERVICE_WINDOW = "service_window"
    ADVISER = "adviser"
    VOLUNTEER_GROUP = "volunteer_group"
    AREA = "area"
    PERSON = "person"


class Known(StrEnum):
    """From where a cell variable is known (evidence.md 3)."""

    FRAME = "frame"
    BALLOT = "ballot"
    FIELDWORK = "fieldwork"


class PeriodKind(StrEnum):
    """考核期 kinds."""

    QUARTER = "quarter"
    MONTH = "month"
    HALF_YEAR = "half_year"
    YEAR = "year"
    ROUND = "round"


class Status(StrEnum):
    """Whether an assessee has a score that counts."""

    ASSESSED = "assessed"
    NOT_ASSESSED = "not_assessed"


class NotAssessed(StrEnum):
    """Why not. A state, never a NaN and never a zero (design.md 4)."""

    NO_SAMPLE = "no_sample"
    TOO_FEW = "too_few"


_LABELS: dict[Enum, tuple[str, str]] = {
    Mode.UNKNOWN: ("未记录", "not recorded"),
    Mode.VISIT: ("入户", "home visit"),
    Mode.PHONE: ("电话", "telephone"),
    Mode.SMS: ("短信", "SMS link"),
    Mode.QR: ("扫码", "QR code"),
    Mode.PAPER: ("纸质", "paper"),
    Mode.WEB: ("网络", "web"),
    Mode.OPEN_ONLINE: ("公开网络", "open online"),
    Disposition.COMPLETE: ("完成", "complete"),
    Disposition.PARTIAL: ("部分", "partial"),
    Disposition.REFUSAL: ("拒访", "refusal"),
    Disposition.NON_CONTACT: ("未接触", "non-contact"),
    Disposition.OTHER_NONRESPONSE: ("其他无回答", "other non-response"),
    Disposition.UNKNOWN_ELIGIBILITY: ("资格不明", "unknown eligibility"),
    Disposition.NOT_ELIGIBLE: ("不合格", "not eligible"),
    AreaLevel.DISTRICT: ("区", "district"),
    AreaLevel.STREET: ("街道", "street"),
    AreaLevel.COMMUNITY: ("社区", "community"),
    AreaLevel.GRID: ("网格", "grid"),
    AreaLevel.RESPONSIBILITY_AREA: ("责任片", "responsibility area"),
    AssesseeKind.COMMUNITY_WORKER: ("社区工作者", "community worker"),
    AssesseeKind.GRID: ("网格", "grid"),
    AssesseeKind.COMMUNITY: ("社区", "community"),
    AssesseeKind.STREET_OFFICE: ("街道办事处", "street office"),
    AssesseeKind.DEPARTMENT: ("部门", "department"),
    AssesseeKind.ORGANISATION: ("社会组织", "social organisation"),
    AssesseeKind.SERVICE_WINDOW: ("服务窗口", "service window"),
    AssesseeKind.ADVISER: ("社区法律顾问", "adviser"),
    AssesseeKind.VOLUNTEER_GROUP: ("志愿者队伍", "volunteer group"),
    AssesseeKind.AREA: ("片区", "area"),
    AssesseeKind.PERSON: ("被评人", "person"),
    Known.FRAME: ("抽样框", "frame"),
    Known.BALLOT: ("答卷", "ballot"),
    Known.FIELDWORK: ("现场执行", "fieldwork"),
    PeriodKind.QUARTER: ("季度", "quarter"),
    PeriodKind.MONTH: ("月度", "month"),
    PeriodKind.HALF_YEAR: ("半年", "half-year"),
    PeriodKind.YEAR: ("年度", "year"),
    PeriodKind.ROUND: ("轮次", "round"),
    Status.ASSESSED: ("已评定", "assessed"),
    Status.NOT_ASSESSED: ("不予评定", "not assessed"),
    NotAssessed.NO_SAMPLE: ("无样本", "no sample"),
    NotAssessed.TOO_FEW: ("答卷不足", "too few ballots"),
}


def label(word: Enum, language: str = "zh") -> str:
    """The word as people read it."""
    return _LABELS[word][0 if language == "zh" else 1]
