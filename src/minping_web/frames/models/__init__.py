"""Tables of frames: frames and units; contacts apart; imports; what was seen, asked, erased."""

from minping_web.frames.models.access import ContactAccess, ContactExport
from minping_web.frames.models.clocks import Erasure, LegalHold
from minping_web.frames.models.frame import Frame, FrameImport, SealedUnit
from minping_web.frames.models.requests import RequestedUnit, ResidentRequest
from minping_web.frames.models.unit import Unit, UnitContact

__all__ = [
    "ContactAccess",
    "ContactExport",
    "Erasure",
    "Frame",
    "FrameImport",
    "LegalHold",
    "RequestedUnit",
    "ResidentRequest",
    "SealedUnit",
    "Unit",
    "UnitContact",
]
