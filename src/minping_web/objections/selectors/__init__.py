"""Reads of previews and objections; what publications and results ask stands in `standing`.

`preview_of`, `hindrances` and `counts` know no scope: callers show them to whom they may.
"""

from minping_web.objections.selectors.objections import objections_of
from minping_web.objections.selectors.previews import preview_of, previews_of_person, shows_preview
from minping_web.objections.selectors.standing import counts, hindrances

__all__ = [
    "counts",
    "hindrances",
    "objections_of",
    "preview_of",
    "previews_of_person",
    "shows_preview",
]
