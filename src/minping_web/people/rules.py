"""Rules of postings as plain values: who may own an area when, and how many households that makes.

Each responsibility area has exactly one owner at a time, secretaries included (S10): two postings as
responsible person (or as warden of an exclusive grid, S54) must not share a day. Days are inclusive at
both ends; an open end is None. Nothing here knows the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Place, Problem


class PostingRole(TextChoices):
    """What somebody is to an area."""

    RESPONSIBLE = "responsible", _("Responsible (owner)")
    DEPUTY = "deputy", _("Deputy (B role)")
    WARDEN = "warden", _("Warden of an exclusive grid")
    PART_TIME = "part_time", _("Part-time")
    SPECIALIST = "specialist", _("Specialist")


SINGLE_ROLES = frozenset({PostingRole.RESPONSIBLE.value, PostingRole.WARDEN.value})
"""Owners: an area has at most one of them at a time, in whichever of these roles."""

FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS = 300, 500
"""Households of one owner (S53, S71). A page shows who lies outside; nothing is refused for it."""

WIDE_GRIDS = frozenset({"L1", "L2"})
LAST_DAY = date.max


def has_specialists(level: str, grid_level: str) -> bool:
    """S89: specialists (专职委员) are appointed to L1 and L2 grids, beside whoever answers for them."""
    return level == "grid" and grid_level in WIDE_GRIDS


@dataclass(frozen=True)
class Period:
    """One posting as the rules see it; `key` tells it from others, `label` names its person."""

    key: int | None
    area: int
    person: int
    role: str
    starts_on: date
    ends_on: date | None
    label: str = ""

    @property
    def end(self) -> date:
        """Last day; the end of time when open."""
        return self.ends_on or LAST_DAY

    def meets(self, other: Period) -> bool:
        """Whether both hold on some day."""
        return self.starts_on <= other.end and other.starts_on <= self.end

    def shows(self) -> str:
        """Days in words that both languages read."""
        return f"{self.starts_on} – {self.ends_on or '…'}"


def conflicts(new: Period, others: Iterable[Period], place: Place, *, area: str) -> list[Problem]:
    """Postings that `new` must not stand beside: another owner, or the same person in the same role."""
    problems = []
    for other in others:
        if other.area != new.area or other.key == new.key or not new.meets(other):
            continue
        same = other.person == new.person and other.role == new.role
        if same or {new.role, other.role} <= SINGLE_ROLES:
            code = "posting.twice_the_same" if same else "posting.two_owners"
            params = {"area": area, "person": new.label, "days": new.shows(), "other": other.label}
            problems.append(Problem(code, place, {**params, "other_days": other.shows()}))
    return problems


def overlapping(periods: Iterable[Period]) -> list[tuple[Period, Period]]:
    """Pairs of owners of one area that share a day; empty where S10 holds."""
    groups: dict[int, list[Period]] = defaultdict(list)
    for period in periods:
        if period.role in SINGLE_ROLES:
            groups[period.area].append(period)
    found = []
    for group in groups.values():
        ordered = sorted(group, key=lambda period: (period.starts_on, period.end))
        found += [(first, second) for first, second in pairwise(ordered) if first.meets(second)]
    return found


def gaps(periods: Sequence[Period], first: date, last: date) -> list[tuple[date, date]]:
    """Days from `first` to `last` on which none of the periods holds, as inclusive stretches."""
    found, reached = [], first
    for period in sorted(periods, key=lambda period: period.starts_on):
        if period.starts_on > last:
            break
        if period.starts_on > reached:
            found.append((reached, period.starts_on - timedelta(days=1)))
        if period.end >= last:
            return found
        reached = max(reached, period.end + timedelta(days=1))
    return [*found, (reached, last)] if reached <= last else found


def load_band(households: int) -> str:
    """below, within or above the rule."""
    if households < FEWEST_HOUSEHOLDS:
        return "below"
    return "above" if households > MOST_HOUSEHOLDS else "within"


@dataclass(frozen=True)
class LoadChange:
    """Households of one person before and after."""

    person: int
    label: str
    before: int
    after: int

    @property
    def band_after(self) -> str:
        """Against the rule, afterwards."""
        return load_band(self.after)


def load_changes(
    before: Mapping[int, int], after: Mapping[int, int], labels: Mapping[int, str]
) -> list[LoadChange]:
    """Everybody whose load differs, heaviest first."""
    moved = {person for person in {*before, *after} if before.get(person, 0) != after.get(person, 0)}
    rows = [LoadChange(p, labels.get(p, ""), before.get(p, 0), after.get(p, 0)) for p in moved]
    return sorted(rows, key=lambda row: (-row.after, row.person))


BINS = ((0, 199), (200, 299), (300, 399), (400, 500), (501, 600), (601, 800), (801, None))
"""Classes of households per owner for the distribution; 300 to 500 is two of them."""


def distribution(loads: Iterable[int]) -> list[tuple[int, int | None, int]]:
    """(from, to, how many owners) for each class."""
    counted = list(loads)
    return [
        (low, high, sum(low <= load and (high is None or load <= high) for load in counted))
        for low, high in BINS
    ]


def masked(number: str) -> str:
    """The last signs of a certificate's number: four, or fewer where it is short."""
    return number[-4:] if len(number) >= 8 else number[-2:]


def mask_shown(tail: str) -> str:
    """How a masked number looks."""
    return f"····{tail}"


def both_ways(words: Mapping[str, object]) -> dict[str, object]:
    """Words that a table may use: the Chinese one, and the key itself."""
    return {**words, **{str(value): value for value in words.values()}}


def word_of(words: Mapping[str, object], value: object, *, english: bool = False) -> str:
    """How an export writes a value: the Chinese word, or the key in English."""
    if english:
        return str(value)
    return next((word for word, found in words.items() if found == value), str(value))


KIND_WORDS: dict[str, object] = both_ways(
    {
        "社区工作者": "community_worker",
        "社区书记": "secretary",
        "网格长": "grid_head",
        "专任网格员-社区": "warden_community",
        "专任网格员-单位": "warden_unit",
        "专任网格员-物业": "warden_property",
        "其他": "other",
    }
)
ROLE_WORDS: dict[str, object] = both_ways(
    {
        "责任人": "responsible",
        "B岗": "deputy",
        "专任网格员": "warden",
        "兼职": "part_time",
        "专职委员": "specialist",
    }
)
CERTIFICATE_WORDS: dict[str, object] = both_ways(
    {
        "助理社会工作师": "assistant_social_worker",
        "社会工作师": "social_worker",
        "高级社会工作师": "senior_social_worker",
        "心理咨询师": "counsellor",
        "人民调解员": "mediator",
        "急救证": "first_aid",
        "其他": "other",
    }
)
GRADE_WORDS: dict[str, object] = both_ways({"学习中": 1, "能独立办理": 2, "能带教": 3})
