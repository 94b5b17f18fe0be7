"""A manual as templates set it: each block with the word of what it is."""

from __future__ import annotations

from minping_engine.scheme import LoadedScheme, Manual, describe_scheme
from minping_web.schemes.selectors.library import page_language

Shown = list[tuple[str, list[tuple[str, object]]]]
"""(title of the chapter, its blocks as (kind, block))."""
FIVE_PARTS = 5
"""The chapters of S18 come first, values and legal basis after them."""


def manual_of(scheme: LoadedScheme) -> Manual:
    """The scheme in words, in the language of the page."""
    return describe_scheme(scheme, page_language())


def chapters(manual: Manual | None) -> Shown:
    """Blocks are `line`, `heading`, `lines` or `table`."""
    if manual is None:
        return []
    return [
        (chapter.title, [(type(block).__name__.lower(), block) for block in chapter.blocks])
        for chapter in manual.chapters
    ]
