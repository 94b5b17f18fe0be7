"""Labels of grades, the same on card, workbook and summary.

In: a loaded scheme and a language. Out: grade as stored in `scores` -> label, best first. Bands bring
their labels with the scheme, also where each class of assessees has its own; grades by chance or quota have
ours, in `texts/card.yaml` (docs/method/grades.md).
"""

from __future__ import annotations

from minping_engine.ranking import PosteriorGrade
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme, band_lists

BY_CHANCE = {
    PosteriorGrade.EXCELLENT: "grade_excellent",
    PosteriorGrade.MIDDLE: "grade_between",
    PosteriorGrade.NEEDS_SUPPORT: "grade_needs_support",
}
BY_QUOTA = {PosteriorGrade.EXCELLENT: "grade_excellent", PosteriorGrade.MIDDLE: "grade_not_selected"}


def grade_labels(scheme: LoadedScheme, language: str) -> dict[str, str]:
    """Label by grade, in the order of the scheme; empty where nobody can get one."""
    rule = scheme.scheme.grading
    if rule.chances or rule.quota:
        keys = BY_CHANCE if rule.chances else BY_QUOTA
        words = texts("card", language)
        return {grade.value: words[key] for grade, key in keys.items()}
    bands = scheme.bands or [band for rows in band_lists(scheme.scheme).values() for band in rows]
    return {band.grade: band.label.of(language) for band in bands}
