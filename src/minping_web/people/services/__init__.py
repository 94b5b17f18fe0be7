"""Writes of people: one call, one transaction, one change set."""

from minping_web.people.services.assigning import Assignment, assign_all, problems_of, vacated_by
from minping_web.people.services.moves import Move, MovePreview, carry_out, preview_move
from minping_web.people.services.people import (
    PersonDraft,
    link_account,
    save_person,
    set_work_phone,
    write_person,
)
from minping_web.people.services.positions import (
    DescriptionDraft,
    load_presets,
    revise_description,
    save_position,
    save_rank,
    save_skill,
)
from minping_web.people.services.postings import (
    PostingDraft,
    end_posting,
    remove_posting,
    save_posting,
    write_posting,
)
from minping_web.people.services.work import (
    CertificateDraft,
    answer_correction,
    ask_correction,
    confirm_handover,
    remove_certificate,
    save_certificate,
    save_stand_in,
    set_grade,
    tick_handover,
    verify_certificate,
    write_certificate,
    write_grade,
)

__all__ = [
    "Assignment",
    "CertificateDraft",
    "DescriptionDraft",
    "Move",
    "MovePreview",
    "PersonDraft",
    "PostingDraft",
    "answer_correction",
    "ask_correction",
    "assign_all",
    "carry_out",
    "confirm_handover",
    "end_posting",
    "link_account",
    "load_presets",
    "preview_move",
    "problems_of",
    "remove_certificate",
    "remove_posting",
    "revise_description",
    "save_certificate",
    "save_person",
    "save_position",
    "save_posting",
    "save_rank",
    "save_skill",
    "save_stand_in",
    "set_grade",
    "set_work_phone",
    "tick_handover",
    "vacated_by",
    "verify_certificate",
    "write_certificate",
    "write_grade",
    "write_person",
    "write_posting",
]
