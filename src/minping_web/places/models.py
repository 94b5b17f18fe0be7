"""Areas: the tree from city to responsibility area, with facts, difficulties, outlines and history.

An area is never deleted once something refers to it: it ends (`valid_to`). `path` holds the ids of its
ancestors and itself in hex, so that "everything below" is one range of an index (see `common.scope`).
What an area was called and where it lay before stands in `FormerState`; what it became in `AreaLineage`.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.common.scope import LONGEST_PATH, PATH_STEP
from minping_web.places.rules import covariates, levels

HEX = PATH_STEP
FACTS = (
    "level", "grid_level", "kind", "exclusive_type", "management", "staffing", "is_red", "area_class",
    "valid_from", "valid_to",
)  # fmt: skip


def step_of(area_id: int) -> str:
    """An id as a step of a path; raises `OverflowError` where ranges of paths would break silently."""
    if area_id >= 16**HEX:
        raise OverflowError(f"the area's id {area_id} does not fit into {HEX} hex digits")
    return f"{area_id:0{HEX}x}"


class Area(models.Model):
    """A place somebody is responsible for."""

    Level: ClassVar = levels.Level

    level = models.CharField(_("level"), max_length=20, choices=levels.Level)
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("lies in"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    path = models.CharField(max_length=LONGEST_PATH, db_index=True, editable=False)
    valid_from = models.DateField(_("exists since"), null=True, blank=True)
    valid_to = models.DateField(_("existed until"), null=True, blank=True)
    grid_level = models.CharField(_("grid level"), max_length=2, choices=levels.GridLevel, blank=True)
    kind = models.CharField(_("kind of grid"), max_length=10, choices=levels.Kind, blank=True)
    exclusive_type = models.CharField(
        _("type of exclusive grid"), max_length=20, choices=levels.ExclusiveType, blank=True
    )
    management = models.CharField(_("management"), max_length=16, choices=levels.Management, blank=True)
    staffing = models.CharField(_("staffing"), max_length=10, choices=levels.Staffing, blank=True)
    is_red = models.BooleanField(_("red grid"), default=False)
    area_class = models.CharField(_("class"), max_length=4, choices=levels.AreaClass, blank=True)
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    residents = models.PositiveIntegerField(_("residents"), null=True, blank=True)
    buildings = models.PositiveIntegerField(_("buildings"), null=True, blank=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["path"]
        indexes = [models.Index(fields=["level", "path"])]

    def __str__(self) -> str:
        return self.name

    def path_below(self, parent: Area | None) -> str:
        """The path of this area under that parent; the area must have its id."""
        return (parent.path if parent else "") + step_of(self.pk)

    @property
    def facts(self) -> dict[str, Any]:
        """What the rules of levels ask about."""
        return {name: getattr(self, name) for name in FACTS}

    @property
    def around(self) -> list[Area]:
        """The two areas that it lies in, the wider first; a grid that it is the whole of is left out."""
        near = self.parent
        found = [near.parent, near] if near else []
        return [area for area in found if area and area.name != self.name]

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids of the areas around it, the widest first."""
        return [int(self.path[at : at + HEX], 16) for at in range(0, len(self.path) - HEX, HEX)]

    def exists_on(self, day: date) -> bool:
        """Whether it is there on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or self.valid_to >= day
        )


class AreaCovariate(models.Model):
    """One official figure of an area on a day, with its source (S75)."""

    area = models.ForeignKey(
        Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="covariates"
    )
    name = models.CharField(_("figure"), max_length=32, choices=covariates.CHOICES)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)
    as_of = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("figure of an area")
        verbose_name_plural = _("figures of areas")
        ordering = ["area_id", "name", "-as_of"]
        constraints = [models.UniqueConstraint(fields=["area", "name", "as_of"], name="one_figure_per_day")]

    def __str__(self) -> str:
        return f"{self.area.name}: {self.get_name_display()}"

    @property
    def unit(self) -> str:
        """Of the value."""
        return covariates.COVARIATE_OF[self.name].unit

    @property
    def shown(self) -> str:
        """The value without needless digits."""
        return f"{self.value.normalize():f}"


class AreaOutline(models.Model):
    """A real outline of an area; without an approval number (审图号) it is never shown publicly."""

    class Datum(models.TextChoices):
        """The coordinate system of the file: one is shifted against the other by some hundred metres."""

        WGS84 = "wgs84", "WGS-84"
        GCJ02 = "gcj02", "GCJ-02"

    area = models.OneToOneField(
        Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="outline"
    )
    geometry = models.JSONField(_("polygons"))
    datum = models.CharField(_("coordinate system"), max_length=8, choices=Datum)
    source = models.CharField(_("source"), max_length=200)
    approval_number = models.CharField(_("map approval number"), max_length=60, blank=True)
    vertices = models.PositiveIntegerField(_("points"))

    class Meta:
        verbose_name = _("outline")
        verbose_name_plural = _("outlines")

    def __str__(self) -> str:
        return self.area.name


class FormerState(models.Model):
    """What an area was called and where it lay until a day; the area itself stayed the same."""

    area = models.ForeignKey(
        Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="former_states"
    )
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        Area, verbose_name=_("lay in"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    until = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("former state")
        verbose_name_plural = _("former states")
        ordering = ["area_id", "-until"]

    def __str__(self) -> str:
        return self.name


class AreaLineage(models.Model):
    """Which share of an old area's households became part of which new one, from a day on."""

    class Act(models.TextChoices):
        """How the new area came about."""

        MERGE = "merge", _("merged")
        SPLIT = "split", _("split")
        RECUT = "recut", _("re-cut")

    old = models.ForeignKey(
        Area, verbose_name=pgettext_lazy("lineage", "from"), on_delete=models.PROTECT, related_name="became"
    )
    new = models.ForeignKey(
        Area, verbose_name=pgettext_lazy("lineage", "to"), on_delete=models.PROTECT, related_name="came_from"
    )
    share = models.DecimalField(_("share of households"), max_digits=9, decimal_places=8)
    day = models.DateField(_("from the day"))
    act = models.CharField(_("act"), max_length=8, choices=Act)
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("lineage of an area")
        verbose_name_plural = _("lineages of areas")
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="one_share_per_pair"),
            models.CheckConstraint(condition=models.Q(share__gt=0, share__lte=1), name="share_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"

    @property
    def percent(self) -> str:
        """The share as people read it."""
        return f"{self.share * 100:.1f}"

    @property
    def change_paths(self) -> list[str]:
        """A share concerns both areas."""
        return [str(self.old.path), str(self.new.path)]


class MapPublication(models.Model):
    """What the public map shows of one level; a level without a row is not published (S80)."""

    level = models.CharField(_("level"), max_length=20, choices=levels.Level, unique=True)
    shown = models.BooleanField(_("publish these areas"), default=False)
    names = models.BooleanField(_("with the responsible persons' names"), default=False)
    phones = models.BooleanField(_("with the office phone"), default=False)

    class Meta:
        verbose_name = _("publication of the map")
        verbose_name_plural = _("publication of the map")

    def __str__(self) -> str:
        return self.get_level_display()

    @property
    def change_paths(self) -> list[str]:
        """None: a decision for the whole district."""
        return []
