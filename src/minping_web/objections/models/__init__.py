"""Tables of previews and objections."""

from minping_web.objections.models.corrections import Correction, Exclusion, ExclusionAppeal
from minping_web.objections.models.evidence import Evidence, EvidenceContent, EvidenceOpening
from minping_web.objections.models.objections import Objection, Remedy, Review
from minping_web.objections.models.previews import Preview

__all__ = [
    "Correction",
    "Evidence",
    "EvidenceContent",
    "EvidenceOpening",
    "Exclusion",
    "ExclusionAppeal",
    "Objection",
    "Preview",
    "Remedy",
    "Review",
]
