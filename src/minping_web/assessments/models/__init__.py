"""Tables of assessments: runs, and what they found for everybody."""

from minping_web.assessments.models.runs import AssessedResult, AssessmentRun

__all__ = ["AssessedResult", "AssessmentRun"]
