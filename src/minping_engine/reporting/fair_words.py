"""Names of what fairness tables speak of: steps, factors, levels, states.

In: words of `texts/fairness.yaml`, labels of `cell_variables`. Out: names that an official reads; a
covariate without a word keeps its own name. Used by the fairness page, the workbook and the bulletin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from minping_engine.estimation.indices import Discrimination
from minping_engine.ranking import RankingState
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import DASH, signed_text
from minping_engine.reporting.statements import statement
from minping_engine.reporting.texts import texts
from minping_engine.scheme import ComparisonGroup
from minping_engine.snapshot import Snapshot
from minping_engine.terms import Mode, label

GROUND, ATTRIBUTE, MODE = "ground:", "attribute:", "mode"


def group_in_words(label: str, rule: ComparisonGroup | None, words: Mapping[str, str]) -> str:
    """The label of a comparison group as people say it; groups of one place each bear id and name."""
    if rule is None:
        return label
    if rule.attribute == "self":
        return label.partition(" ")[2] or label
    if rule.attribute == "area_class":
        return words["group_class"].format(group=label)
    return words.get(f"group_{label}", label)


@dataclass(frozen=True)
class FairWords:
    """Words of one language; `levels` by (variable, level)."""

    words: dict[str, str]
    language: str
    levels: Mapping[tuple[str, str], str]

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def variable(self, name: str) -> str:
        """A variable, covariate or attribute; its raw name if there is no word for it."""
        return self.words.get(f"var_{name}", name)

    def step(self, step: str) -> str:
        """A step of adjustment."""
        if step.startswith(GROUND):
            return self.variable(step.removeprefix(GROUND))
        return self.words.get(f"step_{step}", self.variable(step))

    def condition(self, subject: str) -> str:
        """A subject of the slopes: the ground, or an attribute of the assessed person."""
        if subject.startswith(ATTRIBUTE):
            return self["of_person"].format(name=self.variable(subject.removeprefix(ATTRIBUTE)))
        return self.step(subject)

    def level(self, variable: str, level: str) -> str:
        """A level of a cell variable, or a mode by its name."""
        if variable == MODE and level.upper() in Mode.__members__:
            return label(Mode[level.upper()], self.language)
        return self.levels.get((variable, level), level)

    def group(self, name: str, rule: ComparisonGroup | None = None) -> str:
        """A comparison group in words; a whole district where the scheme makes none.

        With the scheme's `rule` a class, a side or a place is named as such: 甲类, 城市社区, not 甲, urban.
        """
        if not name:
            return self["whole_district"]
        return group_in_words(name, rule, self.words)

    def interval(self, low: float | None, high: float | None, places: int = 2) -> str:
        """Both ends with their signs; a dash between two minus signs would read as a third."""
        if low is None or high is None:
            return DASH
        return self["range"].format(low=signed_text(low, places), high=signed_text(high, places))

    def state(self, kind: str, state: str) -> str:
        """A state in a word or two: `verdict`, `quadrant`, `weight`."""
        return self.words[f"{kind}_{state}"] if state else ""

    def discrimination(self, group: Row) -> str:
        """Whether a group's members can be told apart."""
        return statement(Discrimination(group["discrimination"]), self.language)

    def ranking(self, group: Row) -> str:
        """Whether a group may be ranked, with the width that speaks against it."""
        return statement(
            RankingState(group["ranking"]),
            self.language,
            n=self["of_people"].format(n=group["compared"]),
            width=width_text(group["median_width"]),
        )

    def quadrant(self, row: Row, *, is_told: bool) -> str:
        """The field of an item; where the intervals of items meet no field can be told."""
        return self.state("quadrant", row["quadrant"]) if is_told else self["quadrant_untold"]


def whole_width(width: float | None) -> int | None:
    """A median width of ranks in whole places; a half is rounded up, never in favour of a ranking."""
    return None if width is None else math.ceil(width)


def width_text(width: float | None) -> str:
    """The same as text."""
    return DASH if width is None else str(whole_width(width))


def fair_words(snapshot: Snapshot, language: str) -> FairWords:
    """Words with the labels of a snapshot's cell variables."""
    table = snapshot.table("cell_variables")
    labels = table["label_zh" if language == "zh" else "label_en"].to_pylist()
    keys = zip(table["variable"].to_pylist(), map(str, table["level"].to_pylist()), strict=True)
    return FairWords(texts("fairness", language), language, dict(zip(keys, labels, strict=True)))
