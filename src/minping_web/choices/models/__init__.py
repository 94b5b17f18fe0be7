"""Tables of two-way choice: the choice, both sides with their lists, mediated changes with signatures."""

from minping_web.choices.models.choice import Proposing, TieRule, TwoWayChoice
from minping_web.choices.models.mediations import Mediation, Signature
from minping_web.choices.models.sides import Candidate, PostedGrid

__all__ = [
    "Candidate",
    "Mediation",
    "PostedGrid",
    "Proposing",
    "Signature",
    "TieRule",
    "TwoWayChoice",
]
