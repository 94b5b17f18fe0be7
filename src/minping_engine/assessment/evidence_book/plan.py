"""From a scheme to the sheets of its workbook: only what the scheme asks, in words of the office.

In: a loaded scheme. Out: `BookPlan`. Words for case columns stand here; units and sources of facts
come from the manual's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from minping_engine.assessment.evidence_book.asked import (
    any_items,
    case_columns,
    items_asked,
    schemes_looked_up,
    visit_windows,
    words_compared,
)
from minping_engine.assessment.evidence_book.layout import MARKS, BookPlan, Column, Kind, SheetPlan, two
from minping_engine.evidence.measures import CASE_COLUMNS
from minping_engine.scheme import Bilingual, Fact, LoadedScheme, RaterGroup, Unit, band_lists
from minping_engine.scheme.describe.wording import Wording
from minping_engine.terms import AreaLevel, label

OTHER = "other"
YES_NO: Mapping[str, tuple[str, ...]] = {
    "1": ("是", "yes", "true", "y", "√"),
    "0": ("否", "no", "false", "n", "×"),
}
ITEM_PLACES = 3
SCORE_DECIMALS = 6
"""Scores of earlier results are sealed in millionths of a point."""
_CASES = {
    "urgent": two("紧急", "urgent"),
    "accepted": two("已受理", "taken in"),
    "filed": two("已立案", "filed"),
    "dispatched": two("已派遣", "dispatched"),
    "dispatched_right": two("派遣准确", "first office was the right one"),
    "due": two("本期到期", "due in the period"),
    "closed": two("已办结", "closed"),
    "closed_on_time": two("按期办结", "closed in time"),
    "deferred": two("延期", "deferred"),
    "sent_back": two("退单", "sent back by the office"),
    "self_handled": two("自行处置", "found and settled without being sent on"),
    "missed": two("漏报", "missed here, reported by somebody else"),
    "verified": two("已核查", "settlement checked on the spot"),
    "signed_on_time": two("按时签收", "taken over in time"),
    "contacted": two("已联系", "resident contacted"),
    "picture_proof": two("有照片", "pictures show the settlement"),
    "callback_valid": two("回访有效", "follow-up reached the resident"),
    "resolved": two("已解决（居民认可）", "resolved, says the resident"),
    "category": two("类别", "category"),
    "source": two("来源", "source"),
    "attributed_to": two("责任归属", "who had to settle it"),
    "satisfaction": two("满意情况", "satisfaction"),
    "reworked": two("重办次数", "times reopened"),
}
_OFFICES = {
    "worker": ("社区工作者", "worker"),
    "community": ("社区", "community"),
    "street": ("街道", "street"),
    "department": ("部门", "department"),
}
_TIMES = {
    "created": two("受理时间", "taken in at"),
    "closed": two("办结时间", "closed at"),
    "called_back": two("回访时间", "called back at"),
}
_WHO = Column("assessee_id", two("对象编号", "Assessee id"), Kind.ID, required=True)


def book_plan(loaded: LoadedScheme, *, has_register: bool = False) -> BookPlan:
    """All sheets that the scheme asks. `has_register`: areas and assessees came with the ballots."""
    register = [replace(sheet, optional=has_register) for sheet in (_areas(loaded), _assessees())]
    parts = (
        register,
        _facts(loaded),
        _marks(loaded),
        _cases(loaded),
        _visits(loaded),
        _earlier(loaded),
    )
    return BookPlan(tuple(_apart(sheet for part in parts for sheet in part)))


def _apart(sheets: Iterator[SheetPlan]) -> Iterator[SheetPlan]:
    """No two sheets of one name, also where names are cut."""
    seen: set[str] = set()
    for sheet in sheets:
        title = sheet.title
        if {sheet.name("zh"), sheet.name("en")} & seen:
            title = two(f"评分-{sheet.group}", f"Marks-{sheet.group}")
        made = replace(sheet, title=title)
        seen |= {made.name("zh"), made.name("en")}
        yield made


def _areas(loaded: LoadedScheme) -> SheetPlan:
    within = loaded.scheme.grading.within
    keys = [key.rpartition(".")[2] for key in band_lists(loaded.scheme)] if within else []
    named = {name: _labelled(words_compared(loaded, name)) for name in ("area_class", "area_kind")}
    if within and within.attribute in named:
        own = [key for key in keys if key not in {OTHER, "bands"}]
        named[within.attribute] = _labelled((*own, *named[within.attribute]))
    levels = {level.value: (label(level, "zh"), label(level, "en")) for level in AreaLevel}
    sides = {"urban": ("城市", "urban"), "rural": ("农村", "rural")}
    return SheetPlan(
        "areas",
        two("地区", "Areas"),
        two("考核涉及的地区，从区到网格；每个对象所在的地区都要有。", "Places, from the district down."),
        (
            Column("area_id", two("地区编码", "Code"), Kind.ID, required=True),
            Column("parent_id", two("上级地区编码", "Code of the area above"), Kind.ID),
            Column("level", two("层级", "Level"), Kind.WORD, required=True, words=levels),
            Column("name", two("名称", "Name"), Kind.TEXT, required=True),
            Column(
                "area_class", two("类别等级", "Class"), Kind.WORD, words=named["area_class"], open_words=True
            ),
            Column("area_kind", two("类型", "Kind"), Kind.WORD, words=named["area_kind"], open_words=True),
            Column("urban_rural", two("城乡", "Urban or rural"), Kind.WORD, words=sides),
        ),
        ("area_id",),
    )


def _labelled(words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {word: (word, word) for word in words}


def _assessees() -> SheetPlan:
    return SheetPlan(
        "assessees",
        two("对象", "Assessees"),
        two("考核谁：每个对象一行。", "Who is assessed, one a row."),
        (
            _WHO,
            Column("name", two("名称", "Name"), Kind.TEXT, required=True),
            Column("area_id", two("所在地区编码", "Code of its area"), Kind.ID, required=True),
        ),
        ("assessee_id",),
    )


def _facts(loaded: LoadedScheme) -> Iterator[SheetPlan]:
    if loaded.scheme.facts:
        yield SheetPlan(
            "facts",
            two("事实", "Facts"),
            two(
                "每个对象一行，每项事实一列；没有数据就留空，不要写 0。",
                "One row per assessee, one column per fact; what is not known stays empty, not 0.",
            ),
            (_WHO, *(_fact(fact, loaded) for fact in loaded.scheme.facts)),
            ("assessee_id",),
        )


def _fact(fact: Fact, loaded: LoadedScheme) -> Column:
    zh, en = Wording("zh"), Wording("en")
    if fact.if_absent is None:
        empty = two("留空表示没有数据，不是 0", "empty means no data, not 0")
    else:
        empty = two(
            f"可以留空，按 {zh.amount(fact.if_absent)} 算",
            f"may stay empty: counts as {en.amount(fact.if_absent)}",
        )
    note = two(
        f"来自{zh.say(f'basis_{fact.basis}')}；{empty.zh}",
        f"from the {en.say(f'basis_{fact.basis}')}; {empty.en}",
    )
    kinds = {Unit.TEXT: Kind.WORD, Unit.TRUTH: Kind.TRUTH}
    words = _labelled(words_compared(loaded, fact.id)) if fact.unit is Unit.TEXT else {}
    kind = kinds.get(fact.unit, Kind.NUMBER)
    return Column(fact.id, fact.title, kind, unit=fact.unit, words=words, open_words=True, note=note)


def _marks(loaded: LoadedScheme) -> Iterator[SheetPlan]:
    groups = {group.id: group for group in loaded.scheme.raters}
    for group, items in items_asked(loaded).items():
        is_open = any_items(loaded, group)
        yield SheetPlan(
            f"{MARKS}{group}",
            two(f"评分-{groups[group].title.zh}", f"Marks-{groups[group].title.en}"),
            _about_raters(groups[group]),
            (*_rater(groups[group]), *(_item(item, title) for item, title in items.items())),
            ("rater", "assessee_id"),
            open_items=is_open,
            item_places=tuple(_place(number + 1) for number in range(ITEM_PLACES * is_open)),
        )


def _about_raters(group: RaterGroup) -> Bilingual:
    zh = f"每名评价人对每个对象一行；每个对象至少 {group.minimum} 人打分。评价人只用编号，不写姓名、电话。"
    en = f"One row per rater and assessee; at least {group.minimum} raters each. Numbers only, no names."
    return two(zh, en)


def _rater(group: RaterGroup) -> Iterator[Column]:
    yield Column("rater", two("评价人编号", "Rater number"), Kind.WHOLE, required=True)
    if group.shares:
        kinds = {share.kind: (share.kind, share.kind) for share in group.shares} | {OTHER: ("其他", "other")}
        yield Column("rater_kind", two("评价人类别", "Kind of rater"), Kind.WORD, required=True, words=kinds)
    yield _WHO


def _item(item: str, title: Bilingual | None) -> Column:
    return Column(item, title or two(item, item), Kind.NUMBER, unit=Unit.POINTS)


def _place(number: int) -> Column:
    title = two(f"评分项 {number}（请改名）", f"Item {number} (rename it)")
    return Column(f"item_{number}", title, Kind.NUMBER, unit=Unit.POINTS)


def _cases(loaded: LoadedScheme) -> Iterator[SheetPlan]:
    names, basis = case_columns(loaded), loaded.scheme.period.basis
    if names is None:
        return
    number = Column("case_no", two("工单号", "Case number"), Kind.ID, required=True)
    columns = [number, _WHO, *(_case(name, loaded) for name in names)]
    if loaded.scheme.exclusions:
        classes = {left.id: (left.title.zh, left.title.en) for left in loaded.scheme.exclusions}
        columns.append(Column("excluded", two("剔除类别", "Excluded as"), Kind.WORD, words=classes))
    if basis:
        columns.append(Column(f"{basis}_at", _TIMES[basis], Kind.TIME))
    yield SheetPlan(
        "cases",
        two("工单", "Cases"),
        two(
            "每件工单一行；工单号只用来查重，不写入快照。不知道的留空。",
            "One row per case; its number only finds doubles and is not sealed. Not known = empty.",
        ),
        tuple(columns),
        ("case_no",),
    )


def _case(name: str, loaded: LoadedScheme) -> Column:
    kind = {"truth": Kind.TRUTH, "count": Kind.WHOLE, "text": Kind.WORD}[CASE_COLUMNS[name]]
    if name == "attributed_to":
        return Column(name, _CASES[name], kind, words=_OFFICES)
    words = _labelled(words_compared(loaded, name, "measures.")) if kind is Kind.WORD else {}
    return Column(name, _CASES[name], kind, words=words, open_words=True)


def _visits(loaded: LoadedScheme) -> Iterator[SheetPlan]:
    titles = {
        "period": two("本期走访户数", "Households visited in the period"),
        "year": two("本年走访户数（累计）", "Households visited in the year so far"),
    }
    windows = visit_windows(loaded)
    if windows:
        yield SheetPlan(
            "visits",
            two("走访", "Visits"),
            two("不同的户数，同一户只算一次。", "Different households; each counts once."),
            (
                _WHO,
                *(
                    Column(f"households_{name}", titles[name], Kind.WHOLE, unit=Unit.HOUSEHOLDS)
                    for name in windows
                ),
            ),
            ("assessee_id",),
        )


def _earlier(loaded: LoadedScheme) -> Iterator[SheetPlan]:
    schemes = schemes_looked_up(loaded)
    if not schemes:
        return
    subject = two("对象编号（看上级地区的写地区编码）", "Assessee id (or code of the area)")
    names = "、".join(schemes)
    yield SheetPlan(
        "earlier",
        two("往期", "Earlier results"),
        two(
            f"以往各期或其他方案的结果（{names}）；第一期可以不填。没有评定的，得分和等次都留空。",
            f"Results of earlier periods and other schemes ({', '.join(schemes)}). Not assessed: both empty.",
        ),
        (
            Column("period", two("考核期", "Period"), Kind.PERIOD, required=True),
            Column(
                "scheme",
                two("方案编号", "Scheme"),
                Kind.WORD,
                words=_labelled(schemes),
                open_words=True,
                note=two("本方案可以留空", "empty = this scheme"),
            ),
            Column("assessee_id", subject, Kind.ID, required=True),
            Column("score", two("得分", "Score"), Kind.NUMBER, unit=Unit.POINTS, decimals=SCORE_DECIMALS),
            Column("grade", two("等次", "Grade"), Kind.TEXT),
        ),
        ("period", "scheme", "assessee_id"),
    )
