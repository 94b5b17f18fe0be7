"""Writes of questionnaires: drafts, edits that can be taken back, freezing."""

from minping_web.instruments.services.drafts import (
    NewInstrument,
    copy_version,
    delete_draft,
    from_content,
    from_scheme,
    go_back,
    new_instrument,
    save_content,
    undo_edit,
)
from minping_web.instruments.services.freezing import freeze_instrument

__all__ = [
    "NewInstrument",
    "copy_version",
    "delete_draft",
    "freeze_instrument",
    "from_content",
    "from_scheme",
    "go_back",
    "new_instrument",
    "save_content",
    "undo_edit",
]
