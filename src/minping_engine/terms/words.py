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


PERSON_KINDS = frozenset({AssesseeKind.COMMUNITY_WORKER, AssesseeKind.ADVISER, AssesseeKind.PERSON})
"""Kinds of assessees that are single people: never named on a terminal, never ranked in public (G1)."""


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
    ONE_BUILDING = "one_building"
    UNRELIABLE = "unreliable"
    NOT_LEVELLED = "not_levelled"


class MeasureState(StrEnum):
    """Whether a measure, an indicator or a whole score has a value, and if not, why (rules, not ballots)."""

    VALUED = "valued"
    NO_SAMPLE = "no_sample"
    TOO_FEW = "too_few"
    TOO_FEW_RATERS = "too_few_raters"
    RATER_MIX = "rater_mix"
    ABSENT = "absent"
    NOT_ASSESSED = "not_assessed"
    NOT_APPLICABLE = "not_applicable"


class Standing(StrEnum):
    """What an assessed score may be used for; the reasons stand in docs/how-to/what-a-score-says.md."""

    FULL = "full"
    SCORE_ONLY = "score_only"
    NO_DIFFERENCES = "no_differences"
    NOT_COMPARED = "not_compared"


_LABELS: dict[tuple[type[Enum], Enum], tuple[str, str]] = {
    (Mode, Mode.UNKNOWN): ("未记录或未分列", "not recorded or not shown apart"),
    (Mode, Mode.VISIT): ("入户", "home visit"),
    (Mode, Mode.PHONE): ("电话", "telephone"),
    (Mode, Mode.SMS): ("短信", "SMS link"),
    (Mode, Mode.QR): ("扫码", "QR code"),
    (Mode, Mode.PAPER): ("纸质", "paper"),
    (Mode, Mode.WEB): ("网络", "web"),
    (Mode, Mode.OPEN_ONLINE): ("公开网络", "open online"),
    (Disposition, Disposition.COMPLETE): ("完成", "complete"),
    (Disposition, Disposition.PARTIAL): ("部分", "partial"),
    (Disposition, Disposition.REFUSAL): ("拒访", "refusal"),
    (Disposition, Disposition.NON_CONTACT): ("未接触", "non-contact"),
    (Disposition, Disposition.OTHER_NONRESPONSE): ("其他无回答", "other non-response"),
    (Disposition, Disposition.UNKNOWN_ELIGIBILITY): ("资格不明", "unknown eligibility"),
    (Disposition, Disposition.NOT_ELIGIBLE): ("不合格", "not eligible"),
    (AreaLevel, AreaLevel.DISTRICT): ("区", "district"),
    (AreaLevel, AreaLevel.STREET): ("街道", "street"),
    (AreaLevel, AreaLevel.COMMUNITY): ("社区", "community"),
    (AreaLevel, AreaLevel.GRID): ("网格", "grid"),
    (AreaLevel, AreaLevel.RESPONSIBILITY_AREA): ("责任片", "responsibility area"),
    (AssesseeKind, AssesseeKind.COMMUNITY_WORKER): ("社区工作者", "community worker"),
    (AssesseeKind, AssesseeKind.GRID): ("网格", "grid"),
    (AssesseeKind, AssesseeKind.COMMUNITY): ("社区", "community"),
    (AssesseeKind, AssesseeKind.STREET_OFFICE): ("街道办事处", "street office"),
    (AssesseeKind, AssesseeKind.DEPARTMENT): ("部门", "department"),
    (AssesseeKind, AssesseeKind.ORGANISATION): ("社会组织", "social organisation"),
    (AssesseeKind, AssesseeKind.SERVICE_WINDOW): ("服务窗口", "service window"),
    (AssesseeKind, AssesseeKind.ADVISER): ("社区法律顾问", "adviser"),
    (AssesseeKind, AssesseeKind.VOLUNTEER_GROUP): ("志愿者队伍", "volunteer group"),
    (AssesseeKind, AssesseeKind.AREA): ("片区", "area"),
    (AssesseeKind, AssesseeKind.PERSON): ("被评人", "person"),
    (Known, Known.FRAME): ("抽样框", "frame"),
    (Known, Known.BALLOT): ("答卷", "ballot"),
    (Known, Known.FIELDWORK): ("现场执行", "fieldwork"),
    (PeriodKind, PeriodKind.QUARTER): ("季度", "quarter"),
    (PeriodKind, PeriodKind.MONTH): ("月度", "month"),
    (PeriodKind, PeriodKind.HALF_YEAR): ("半年", "half-year"),
    (PeriodKind, PeriodKind.YEAR): ("年度", "year"),
    (PeriodKind, PeriodKind.ROUND): ("轮次", "round"),
    (Status, Status.ASSESSED): ("已评定", "assessed"),
    (Status, Status.NOT_ASSESSED): ("不予评定", "not assessed"),
    (NotAssessed, NotAssessed.NO_SAMPLE): ("无样本", "no sample"),
    (NotAssessed, NotAssessed.TOO_FEW): ("答卷不足", "too few ballots"),
    (NotAssessed, NotAssessed.ONE_BUILDING): ("答卷集中于一栋楼", "ballots from one building"),
    (NotAssessed, NotAssessed.UNRELIABLE): ("可靠程度不足", "not reliable enough"),
    (NotAssessed, NotAssessed.NOT_LEVELLED): ("得分无法拉平", "the score cannot be levelled"),
    (MeasureState, MeasureState.VALUED): ("有值", "has a value"),
    (MeasureState, MeasureState.NO_SAMPLE): ("无样本", "no sample"),
    (MeasureState, MeasureState.TOO_FEW): ("答卷不足", "too few ballots"),
    (MeasureState, MeasureState.TOO_FEW_RATERS): ("评价人数不足", "too few raters"),
    (MeasureState, MeasureState.RATER_MIX): ("评价人构成不合规定", "raters not composed as required"),
    (MeasureState, MeasureState.ABSENT): ("没有数据", "no data delivered"),
    (MeasureState, MeasureState.NOT_ASSESSED): (
        "所依据的结果未评定",
        "the result it rests on is not assessed",
    ),
    (MeasureState, MeasureState.NOT_APPLICABLE): ("不适用", "does not apply"),
    (Standing, Standing.FULL): ("可比较", "may be compared"),
    (Standing, Standing.SCORE_ONLY): ("只报得分", "score only"),
    (Standing, Standing.NO_DIFFERENCES): ("未见差别", "no differences seen"),
    (Standing, Standing.NOT_COMPARED): ("未作比较", "not compared"),
}
"""By class and member: members of two integer enums are equal when their codes are."""


def label(word: Enum, language: str = "zh") -> str:
    """The word as people read it."""
    return _LABELS[type(word), word][0 if language == "zh" else 1]
