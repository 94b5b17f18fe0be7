"""Tables of appraisals: calls for marks, values with their source, findings, workbooks, seals."""

from minping_web.appraisals.models.calls import CalledRater, RaterCall
from minping_web.appraisals.models.evidence import EvidenceBook, EvidenceValue, Finding
from minping_web.appraisals.models.seals import EvidenceSeal

__all__ = ["CalledRater", "EvidenceBook", "EvidenceSeal", "EvidenceValue", "Finding", "RaterCall"]
