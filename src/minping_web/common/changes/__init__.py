"""Every edit of a register goes through a `Recorder`: rows before and after, one change set, undo.

`recording` writes and previews, `reading` says who may read about an act, `undoing` takes one back. The
first part of a kind (`places.import`) names the app: `places.view` lets people read its acts where they
happened; taking one back needs the rights of the act itself (`undo_rules`).
"""

from minping_web.common.changes.reading import follow_paths, readable_by
from minping_web.common.changes.recording import Recorder, preview, recording
from minping_web.common.changes.undoing import (
    Touched,
    UndoRules,
    label_of,
    may_undo,
    obstacles,
    undo,
    undo_rules,
)

__all__ = [
    "Recorder",
    "Touched",
    "UndoRules",
    "follow_paths",
    "label_of",
    "may_undo",
    "obstacles",
    "preview",
    "readable_by",
    "recording",
    "undo",
    "undo_rules",
]
