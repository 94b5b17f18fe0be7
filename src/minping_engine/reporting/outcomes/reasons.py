"""Why somebody has another grade than the one in whose band the score lies.

In: a row of outcomes, the scheme, its places. Out: a short text; empty where the band alone decided. Order as
in scoring: limits, then transitions, then vetoes; what comes last has decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from minping_engine.assessment.scored.places import Places
from minping_engine.scheme import Band, Scheme
from minping_engine.scoring.grades import bands_for, step_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class GradeReasons:
    """Says it for one scheme in one language."""

    scheme: Scheme
    places: Places
    words: Mapping[str, str]
    language: str

    def note(self, row: Row) -> str:
        """The grade by score alone, and what changed it."""
        bands = self._bands(row)
        step = row["grade_step"]
        if not bands or step is None or row["score_exact"] is None:
            return ""
        by_score = step_of(Fraction(row["score_exact"]), bands)
        if by_score is None or by_score == step:
            return ""
        reason = next(self._reasons(row, bands, by_score), self.words["why_other"])
        label = bands[by_score - 1].label.of(self.language)
        return self.words["why_grade"].format(grade=label, reason=reason)

    def _bands(self, row: Row) -> tuple[Band, ...]:
        """The list that was used; a scheme without indicators takes grades from its ballots."""
        if not self.scheme.has_tree:
            return ()
        fairness = self.scheme.fairness
        rule = self.scheme.grading.within or (fairness.comparison_group if fairness else None)
        return bands_for(self.scheme.grading, self.places.group(row["area_id"], rule)[1])

    def _reasons(self, row: Row, bands: Sequence[Band], by_score: int) -> Iterator[str]:
        """What can have brought the grade about, the last step of scoring first."""
        step, grade = row["grade_step"], bands[row["grade_step"] - 1].grade
        held = set(row["vetoes"].split())
        for veto in self.scheme.vetoes:
            if veto.id in held and veto.grade_at_most == grade:
                yield self.words["why_veto"].format(title=veto.title.of(self.language))
        yield from self._transition(row, step, by_score)
        if step > by_score and any(
            limit.grade == bands[by_score - 1].grade for limit in self.scheme.grading.limits
        ):
            yield self.words["why_limit"]

    def _transition(self, row: Row, step: int, by_score: int) -> Iterator[str]:
        rule, change = self.scheme.grading.transitions, row["grade_change"]
        if rule is None or change is None:
            return
        if step > by_score and rule.up_at_most is not None and change == rule.up_at_most:
            yield self.words["why_up"].format(n=rule.up_at_most)
        if step < by_score and rule.down_at_most is not None and change == -rule.down_at_most:
            yield self.words["why_down"].format(n=rule.down_at_most)
