"""Fairness page: what every section reads from, and what was done to scores.

In: one district's rows of `fairness` and `coefficients`. Out: `Section` with the points each step moved and
the effect of each factor with its interval. Steps whose effect is nobody's choice come from the result.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from minping_engine.assessment.result import Result
from minping_engine.estimation import ModeState
from minping_engine.reporting.fair_words import GROUND, MODE, FairWords
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import (
    DASH,
    Z,
    plain_text,
    points_text,
    rounded,
    signed_text,
)
from minping_engine.reporting.places import Places
from minping_engine.reporting.section_page import Section, Table
from minping_engine.reporting.statements import statement
from minping_engine.scheme import Fairness, LoadedScheme

LAST_STEP = "shrinkage"
LOWEST_LEVEL = "0"
"""Effects of a variable's levels are told against the first."""


@dataclass(frozen=True)
class Reading:
    """One district of one result, and the words to tell it in."""

    result: Result
    scheme: LoadedScheme
    names: FairWords
    places: Places
    district: str
    is_only: bool

    def rows(self, table: str) -> list[Row]:
        """The district's rows of a table."""
        return [row for row in self.result[table].to_pylist() if row["district"] == self.district]

    @cached_property
    def findings(self) -> dict[str, list[Row]]:
        """Rows of `fairness` by check."""
        found: dict[str, list[Row]] = {}
        for row in self.rows("fairness"):
            found.setdefault(row["check"], []).append(row)
        return found

    @property
    def fairness(self) -> Fairness:
        """The scheme's part on fairness."""
        made = self.scheme.scheme.fairness
        return made if made else Fairness()

    @property
    def percent(self) -> int:
        """Level of intervals."""
        return self.scheme.scheme.scoring.interval_percent

    @property
    def z(self) -> float:
        """Half width of an interval in standard errors."""
        return Z[self.percent]

    def joined(self, names: Iterable[str]) -> str:
        """Names in a sentence."""
        return self.names["separator"].join(names)

    def section(self, key: str, finding: str, **parts: tuple[Table, ...] | tuple[str, ...] | str) -> Section:
        """A section with the words of its key; `lead` and `action` may be given ready."""
        words = self.names
        ready = {"lead": words[f"s_{key}_lead"], "action": words[f"{key}_to_do"], **parts}
        return Section(key=key, title=words[f"s_{key}"], finding=finding, **ready)  # type: ignore[arg-type]


def share_text(value: float | None, places: int = 0) -> str:
    """A share 0-1 in per cent."""
    return DASH if value is None else f"{rounded(100 * value, places)}%"


def steps_section(reading: Reading) -> Section:
    """Steps with the points they moved; factors with their effects."""
    words = reading.names
    steps = _steps(reading)
    lead = _steps_lead(reading, steps)
    if not steps:
        return reading.section("steps", words["steps_none"], lead=lead, action=words["nothing_to_do"])
    finding = _steps_finding(reading, steps)
    action = words["steps_to_do"].format(noticeable=plain_text(reading.fairness.noticeable_points))
    tables = (_moved_table(reading, steps), *_coefficient_tables(reading))
    return reading.section("steps", finding, lead=lead, action=action, tables=tables)


def _steps_lead(reading: Reading, steps: Iterable[str]) -> str:
    """What adjustment asks, naming only what it levels here, and which estimate counts."""
    words = reading.names
    said = [words[f"counts_{reading.fairness.counts}"]]
    kinds = dict.fromkeys(_kind(step) for step in steps if step != LAST_STEP)
    if kinds:
        levelled = reading.joined(words[f"alike_{kind}"] for kind in kinds)
        said.insert(0, words["s_steps_lead"].format(alike=levelled))
    return words["between_sentences"].join(said)


def _kind(step: str) -> str:
    """What a step levels: the ground, the mode, or else those who answered."""
    return "ground" if step.startswith(GROUND) else "mode" if step == MODE else "residents"


def _steps_finding(reading: Reading, steps: dict[str, dict[str, float]]) -> str:
    """The step that moved most among those that enter the score that counts or stand beside it."""
    words = reading.names
    # Shrinkage answers for error, not for conditions: it is named only where the scheme lets it count.
    asked = [step for step in steps if step != LAST_STEP or reading.fairness.counts == "shrunken"]
    if not asked:
        return words["steps_only_shrinkage"]
    first = max(asked, key=lambda step: steps[step]["mean"])
    return words["steps_found"].format(
        step=words.step(first),
        mean=points_text(steps[first]["mean"]),
        largest=points_text(steps[first]["largest"]),
    )


def _steps(reading: Reading) -> dict[str, dict[str, float]]:
    """step -> statistic -> value, in the order of the chain."""
    steps: dict[str, dict[str, float]] = {}
    for row in (*reading.findings.get("moved", ()), *reading.findings.get("left_out", ())):
        steps.setdefault(row["subject"], {})[row["level"]] = row["value"]
    return steps


def _moved_table(reading: Reading, steps: dict[str, dict[str, float]]) -> Table:
    words = reading.names
    heads = ("step", "moved_mean", "moved_largest", "moved_share", "left_out")
    return Table(
        words["c_steps"],
        tuple(words[head] for head in heads),
        tuple(
            (
                words.step(step),
                points_text(told["mean"]),
                points_text(told["largest"]),
                share_text(told["share"], 1),
                f"{told['lowered']:.0f} / {told['raised']:.0f}" if "raised" in told else DASH,
            )
            for step, told in steps.items()
        ),
    )


def _coefficient_tables(reading: Reading) -> tuple[Table, ...]:
    words = reading.names
    rows = reading.rows("coefficients")
    if not rows:
        return ()
    heads = (
        words["factor"],
        words["level"],
        words["source"],
        words["effect"],
        words["interval"].format(percent=reading.percent),
    )
    return (Table(words["c_coefficients"], heads, tuple(_factor(reading, row) for row in rows), names=3),)


def _factor(reading: Reading, row: Row) -> tuple[str, ...]:
    words = reading.names
    points, half = row["points"], None if row["se"] is None else reading.z * row["se"]
    known = points is not None and half is not None
    return (
        words.variable(row["subject"]) if row["kind"] == "ground" else words.step(row["subject"]),
        _level(reading, row),
        _mode_source(words, row["state"]) if row["kind"] == MODE else words[f"source_{row['kind']}"],
        signed_text(points, 2),
        words.interval(points - half, points + half) if known else DASH,
    )


def _mode_source(words: FairWords, state: str) -> str:
    """Where a mode's effect comes from."""
    return statement(ModeState[state.upper()], words.language)


def _level(reading: Reading, row: Row) -> str:
    """The level, and what it is set against."""
    words, subject = reading.names, row["subject"]
    if row["kind"] == "ground":
        return words["per_sd"]
    reference = LOWEST_LEVEL
    if row["kind"] == MODE:
        reference = reading.fairness.modes.reference if reading.fairness.modes else ""
    against = words["against"].format(reference=words.level(subject, reference))
    gap = "" if words.language == "zh" else " "
    return f"{words.level(subject, row['level'])}{'，' if not gap else ', '}{against}"
