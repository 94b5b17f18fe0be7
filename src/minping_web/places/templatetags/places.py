"""What the templates of places ask."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from minping_web.places.rules.tiles import Cell, Tile

register = template.Library()


@register.simple_tag
def tile_cells(tile: Tile, base: str) -> SafeString:
    """The small squares of a tile, each a link; a district has 1,600 of them, too many for template code."""
    return mark_safe("".join(_cell(cell, base) for cell in tile.cells))


def _cell(cell: Cell, base: str) -> str:
    # Names are written by people and escaped; fills and places are our own words and whole numbers.
    return (
        f'<a href="{base}{cell.area_id}/"><title>{escape(cell.name)}</title>'
        f'<rect class="tile cell {cell.fill}" x="{cell.x}" y="{cell.y}" width="12" height="12" rx="2"></rect>'
        "</a>"
    )
