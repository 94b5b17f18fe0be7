"""Frames, their imports, and the coverage report: all from counts that stand with the frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from minping_web.common.scope import Scope, within
from minping_web.frames.models import Frame, FrameImport
from minping_web.frames.rules import HOUSEHOLDS_HIGH, HOUSEHOLDS_LOW, WANTED_PER_AREA, share, special_share
from minping_web.frames.selectors.areas import ids_in
from minping_web.places.models import Area

NOBODY = "—"
"""The frame of rounds that ask no household (`services.nobody`)."""

ADDED = (
    "units", "household", "organisation", "member", "elderly", "with_contact", "excluded", "asked",
    "asked_households", "reachable", "special",
)  # fmt: skip


def frames_seen(scope: Scope) -> QuerySet[Frame]:
    """All frames that show; their rows are narrowed elsewhere. The one without anybody never shows."""
    if not scope.may("frames.view"):
        return Frame.objects.none()
    rows = Frame.objects.exclude(state=Frame.State.LOADING).exclude(name=NOBODY, units=0)
    return rows.select_related("made_by")


def frame_of(scope: Scope, frame_id: int) -> Frame:
    """One frame that shows, else 404."""
    return get_object_or_404(frames_seen(scope), pk=frame_id)


def count_seen_units(scope: Scope, frames: Iterable[Frame]) -> None:
    """Set `seen_units`: the size of the whole district is nobody's business who sees a part of it."""
    whole = scope.reach("frames.view").whole
    areas = set() if whole else set(_area_ids(scope))
    for frame in frames:
        inside = (counts["units"] for key, counts in frame.counts.items() if int(key) in areas)
        frame.seen_units = frame.units if whole else sum(inside)


def _area_ids(scope: Scope) -> QuerySet[Area, int]:
    return within(Area.objects.order_by(), scope, "frames.view").values_list("pk", flat=True)


def imports_seen(scope: Scope) -> QuerySet[FrameImport]:
    """One's own imports; whoever edits everywhere sees all."""
    reach = scope.reach("frames.edit")
    imports = FrameImport.objects.select_related("made_by", "job", "frame")
    if reach.whole:
        return imports
    return imports.filter(made_by_id=scope.user_id) if not reach.empty else imports.none()


@dataclass
class Coverage:
    """One line of the report: an area and the sums over everything below it."""

    area: Area
    depth: int
    direct: bool = False
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ADDED, 0))

    @property
    def households(self) -> int | None:
        """What the register of places says."""
        return self.area.households

    @property
    def covered_percent(self) -> int | None:
        """Households of the frame per household of the register."""
        if not self.households:
            return None
        return round(100 * share(self.counts["household"], self.households))

    @property
    def covered_words(self) -> str:
        """The percentage as a page shows it: what is not nothing does not read as nothing."""
        percent = self.covered_percent
        return "<1%" if percent == 0 and self.counts["household"] else f"{percent}%"

    @property
    def reachable_percent(self) -> int:
        """Of the population, who can be reached."""
        return round(100 * share(self.counts["reachable"], self.counts["asked"]))

    @property
    def holds_units(self) -> bool:
        """Whether it is an area of one worker, for which samples are drawn."""
        return self.direct

    @property
    def size_note(self) -> str:
        """small, large or nothing, by the rule of 300 to 500 households (S53)."""
        households = self.households or self.counts["household"]
        if not self.holds_units or HOUSEHOLDS_LOW <= households <= HOUSEHOLDS_HIGH:
            return ""
        return "small" if households < HOUSEHOLDS_LOW else "large"

    @property
    def drawable(self) -> int:
        """How many can be drawn of the wanted number."""
        return min(self.counts["reachable"], WANTED_PER_AREA)

    @property
    def enough(self) -> bool:
        """Whether the wanted number can be drawn."""
        return self.counts["reachable"] >= WANTED_PER_AREA

    @property
    def drawn_split(self) -> tuple[int, int]:
        """(ordinary, special) of the wanted number at four to one."""
        return special_share(self.counts["special"], self.counts["asked"])


def coverage(
    scope: Scope, frame: Frame, *, below: str = "", permission: str = "frames.view"
) -> list[Coverage]:
    """Streets, communities, grids and areas of the scope in the order of the tree, with their sums."""
    areas = within(Area.objects.all(), scope, permission).filter(path__startswith=below).order_by("path")
    lines: dict[int, Coverage] = {}
    for area in areas.filter(valid_to__isnull=True).exclude(level=Area.Level.CITY):
        lines[area.pk] = Coverage(area, len(ids_in(area.path)) - 2)
    for key, counts in frame.counts.items():
        line = lines.get(int(key))
        if line:
            line.direct = counts["units"] > 0
            line.counts = {name: counts[name] for name in ADDED}
    _add_up(lines)
    return list(lines.values())


def _add_up(lines: dict[int, Coverage]) -> None:
    """Each line's sums go to the nearest area around it that is seen; inner areas come first."""
    for line in reversed(lines.values()):
        if line.counts["units"]:
            around = next((lines[pk] for pk in ids_in(line.area.path)[-2::-1] if pk in lines), None)
            if around:
                for name in ADDED:
                    around.counts[name] += line.counts[name]


def totals(lines: list[Coverage]) -> dict[str, int]:
    """Sums of the widest areas that are seen."""
    if not lines:
        return dict.fromkeys(ADDED, 0)
    top = min(line.depth for line in lines)
    return {name: sum(line.counts[name] for line in lines if line.depth == top) for name in ADDED}
