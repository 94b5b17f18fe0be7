"""Areas: the tree from city to responsibility area, with history.

An area is never deleted once something refers to it: it ends (`valid_to`). `path` holds the ids of its
ancestors and itself in hex, so that "everything below" is one range of an index (see `common.scope`).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

HEX = 6
"""Hex digits per id in a path: sixteen million areas."""


class Area(models.Model):
    """A place somebody is responsible for."""

    class Level(models.TextChoices):
        """Widest first; the responsibility area is one worker's 责任田 (S10)."""

        CITY = "city", _("City")
        DISTRICT = "district", _("District")
        STREET = "street", _("Street office")
        COMMUNITY = "community", _("Community")
        GRID = "grid", _("Grid")
        RESPONSIBILITY_AREA = "responsibility_area", _("Responsibility area")

    level = models.CharField(_("level"), max_length=20, choices=Level)
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self", verbose_name=_("lies in"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=80, db_index=True, editable=False)
    valid_from = models.DateField(_("exists since"), null=True, blank=True)
    valid_to = models.DateField(_("existed until"), null=True, blank=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    def path_below(self, parent: Area | None) -> str:
        """The path of this area under that parent; the area must have its id."""
        return (parent.path if parent else "") + f"{self.pk:0{HEX}x}"
