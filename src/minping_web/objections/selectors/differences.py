"""Two results of one round side by side: whose score, grade, rank range or money moved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from minping_engine.assessment import read_result
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.selectors.runs import folder_of

NOTICED = 0.005
"""Scores are shown with two decimals; what differs by less looks the same."""


@dataclass(frozen=True)
class Moved:
    """One assessee before and after; None where the other result does not have him."""

    before: AssessedResult | None
    after: AssessedResult | None
    fen_before: int = 0
    fen_after: int = 0

    @property
    def _one(self) -> AssessedResult:
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def assessee_id(self) -> str:
        """As snapshots know it."""
        return self._one.assessee_id

    @property
    def name(self) -> str:
        """For those who may see names."""
        return self._one.name

    @property
    def place(self) -> str:
        """The place's name."""
        return self._one.area.name if self._one.area else ""

    @property
    def score_change(self) -> float | None:
        """In points; None where one of both is missing."""
        if self.before is None or self.after is None:
            return None
        if self.before.score is None or self.after.score is None:
            return None
        return self.after.score - self.before.score

    @property
    def money_change(self) -> int:
        """In fen, as proposed by the scheme's rules."""
        return self.fen_after - self.fen_before

    @property
    def has_moved(self) -> bool:
        """Whether anything that a person would notice differs."""
        return bool(self.money_change) or _shown(self.before) != _shown(self.after)


def _shown(one: AssessedResult | None) -> tuple[object, ...] | None:
    if one is None:
        return None
    score = None if one.score is None else round(one.score / NOTICED / 2)
    return one.status, one.reason, score, one.grade, one.rank_low, one.rank_high, one.ranked_of, one.tie_band


def moved_between(old: AssessmentRun, new: AssessmentRun) -> list[Moved]:
    """Everybody whose result differs, by name."""
    before = {one.assessee_id: one for one in old.results.select_related("area")}
    after = {one.assessee_id: one for one in new.results.select_related("area")}
    money = money_of(old), money_of(new)
    rows = [
        Moved(before.get(who), after.get(who), money[0][who], money[1][who])
        for who in before.keys() | after.keys()
    ]
    return sorted((one for one in rows if one.has_moved), key=lambda one: (one.name, one.assessee_id))


def money_of(run: AssessmentRun) -> Counter[str]:
    """Fen that the scheme's rules propose, by assessee; nothing where the files are not there."""
    found: Counter[str] = Counter()
    if not run.folder or not (folder_of(run) / "result.json").is_file():
        return found
    for row in read_result(folder_of(run))["proposals"].to_pylist():
        found[row["assessee_id"]] += row["fen"] or 0
    return found
