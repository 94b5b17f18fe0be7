"""Tables of two-way choice: the choice, both sides with their lists, mediated changes, extensions, papers."""

from minping_web.choices.models.choice import Proposing, TieRule, TwoWayChoice
from minping_web.choices.models.extensions import Extension
from minping_web.choices.models.mediations import Mediation, Signature
from minping_web.choices.models.papers import ProtocolPaper
from minping_web.choices.models.sides import Candidate, PostedGrid

__all__ = [
    "Candidate",
    "Extension",
    "Mediation",
    "PostedGrid",
    "Proposing",
    "ProtocolPaper",
    "Signature",
    "TieRule",
    "TwoWayChoice",
]
