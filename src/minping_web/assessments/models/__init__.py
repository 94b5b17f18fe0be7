"""Tables of assessments: runs, and what they found for everybody."""

from minping_web.assessments.models.runs import BROKEN, AssessedResult, AssessmentRun

__all__ = ["BROKEN", "AssessedResult", "AssessmentRun"]
