"""People who serve, what they are for, and where they were posted when.

Kept is what assessment and handover need, and no more: no birth date, no identity number, no photo, no
membership of a party, no home address. A work phone is sealed and lies in a table of its own, so that
lists never load it; the office phone is the one a district may publish.
"""

from minping_web.people.models.handovers import CorrectionRequest, Handover, HandoverItem
from minping_web.people.models.lists import JobDescription, Position, Rank, Skill, spoken
from minping_web.people.models.papers import SOON, Certificate, PersonSkill, StandIn
from minping_web.people.models.person import Person, PersonContact
from minping_web.people.models.posting import Posting

__all__ = [
    "SOON",
    "Certificate",
    "CorrectionRequest",
    "Handover",
    "HandoverItem",
    "JobDescription",
    "Person",
    "PersonContact",
    "PersonSkill",
    "Position",
    "Posting",
    "Rank",
    "Skill",
    "StandIn",
    "spoken",
]
