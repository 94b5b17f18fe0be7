"""Forms of appraisals: calls, values, findings, workbooks, rounds without a survey, the closing."""

from minping_web.appraisals.forms.calls import CallForm, DaysForm, RatersForm
from minping_web.appraisals.forms.evidence import BookForm, FindingForm, ReasonForm, ValueForm
from minping_web.appraisals.forms.founding import WithoutSurveyForm

__all__ = [
    "BookForm",
    "CallForm",
    "DaysForm",
    "FindingForm",
    "RatersForm",
    "ReasonForm",
    "ValueForm",
    "WithoutSurveyForm",
]
