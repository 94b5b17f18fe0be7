"""Why a score is what it is: from the grade down to the sums, in words and tables.

In: a result, an assessee, and, where they are at hand, scheme and snapshot for names. Out: sentences and
tables that a page, a terminal and a paper show alike. Below the threshold for showing there are neither
sums nor steps (S28; PIPL 24 for who asks how an automatic score was made).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from minping_engine.assessment import Result, Trace, trace_of
from minping_engine.reporting.fair_words import FairWords
from minping_engine.reporting.grade_words import grade_labels
from minping_engine.reporting.places import read_places
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme, nodes_of
from minping_engine.snapshot import Snapshot
from minping_engine.terms import MeasureState, NotAssessed, Standing, Status, label


@dataclass(frozen=True)
class ExplainedTable:
    """A table with words of the language; columns from `first_number` on hold numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first_number: int

    @property
    def named_rows(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Rows whose cells know their heading, for narrow screens."""
        return tuple(tuple(zip(self.head, row, strict=True)) for row in self.rows)


@dataclass(frozen=True)
class Explanation:
    """One assessee's score in words and tables."""

    assessee_id: str
    sentences: tuple[str, ...]
    tables: tuple[ExplainedTable, ...]


def explain_score(
    result: Result,
    assessee_id: str,
    *,
    scheme: LoadedScheme | None = None,
    snapshot: Snapshot | None = None,
    language: str = "zh",
) -> Explanation:
    """Explain one score. Raises `InputError` for an unknown id."""
    desk = _Desk(result, assessee_id, scheme, snapshot, language)
    made = trace_of(result, assessee_id) if desk.score or not desk.outcome else None
    tables = [desk.indicators(), desk.nodes()]
    if made:
        tables += [desk.sums(made), desk.steps(made)]
    return Explanation(
        assessee_id,
        tuple(sentence for sentence in desk.sentences(made) if sentence),
        tuple(table for table in tables if table and table.rows),
    )


@dataclass(frozen=True)
class _Desk:
    """What the sentences and tables of one assessee are made from."""

    result: Result
    assessee: str
    scheme: LoadedScheme | None
    snapshot: Snapshot | None
    language: str

    @property
    def words(self) -> dict[str, str]:
        return texts("explanation", self.language)

    @property
    def score(self) -> dict[str, Any]:
        """The row of `scores`; empty where no ballots were asked for."""
        return next(iter(self.rows("scores")), {})

    @property
    def outcome(self) -> dict[str, Any]:
        """The row of `outcomes`; empty for a scheme without rules."""
        return next(iter(self.rows("outcomes")), {})

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Own rows of a table."""
        table = self.result.tables.get(name)
        if table is None or "assessee_id" not in table.column_names:
            return []
        found: list[dict[str, Any]] = table.filter(pc.equal(table["assessee_id"], self.assessee)).to_pylist()
        return found

    def say(self, key: str, **values: object) -> str:
        """A text with its values."""
        return self.words[key].format(**values)

    # sentences

    def sentences(self, made: Trace | None) -> Iterator[str]:
        """How many answered, what they make, what counts, how sure that is, what it brings."""
        score = self.score
        if score.get("n_ballots") is not None:
            yield self.say("ballots", n=score["n_ballots"])
        if made:
            yield made.sentence(self.language)
            yield self._counts(made)
        leading = self.outcome if self.scheme and self.scheme.scheme.has_tree else score
        yield from self._of_the_rules()
        yield self._state(leading)
        yield self._interval(score)
        yield self._rank(score)
        yield self._grade(leading)

    def _counts(self, made: Trace) -> str:
        """Which estimate counts."""
        if not made.counts or made.score is None:
            return ""
        return self.say("counts", name=self.estimate(made.counts), points=f"{made.score:.6f}")

    def _of_the_rules(self) -> Iterator[str]:
        """What the scheme's rules make of it: total before and after bonus, deductions, limits."""
        outcome = self.outcome
        if self.scheme is None or not self.scheme.scheme.has_tree or outcome.get("score") is None:
            return
        yield self.say("by_rules", raw=f"{outcome['raw']:.4f}", points=f"{outcome['score']:.4f}")

    def _state(self, row: Mapping[str, Any]) -> str:
        """Why there is no score, or what it may be used for."""
        if row.get("status") == Status.NOT_ASSESSED:
            reason = str(row.get("reason") or "")
            kinds: tuple[type[NotAssessed] | type[MeasureState], ...] = (NotAssessed, MeasureState)
            why = next((kind(reason) for kind in kinds if reason in set(kind)), None)
            return self.say("not_assessed", why=label(why or Status.NOT_ASSESSED, self.language))
        standing = row.get("standing")
        if not standing or standing == Standing.FULL:
            return ""
        return self.say("standing", what=label(Standing(standing), self.language))

    def _interval(self, score: Mapping[str, Any]) -> str:
        low, high = score.get("score_low"), score.get("score_high")
        if score.get("score") is None or low is None or high is None:
            return ""
        return self.say("interval", low=f"{low:.2f}", high=f"{high:.2f}")

    def _rank(self, score: Mapping[str, Any]) -> str:
        if score.get("rank_low") is None or score.get("rank_high") is None:
            return ""
        return self.say("rank", low=score["rank_low"], high=score["rank_high"], of=score["ranked_of"])

    def _grade(self, row: Mapping[str, Any]) -> str:
        grade = row.get("grade")
        if not grade:
            return ""
        name = grade_titles(self.scheme, self.language).get(grade, grade) if self.scheme else grade
        return self.say("grade", grade=name)

    # tables

    def sums(self, made: Trace) -> ExplainedTable | None:
        """Sums of points by area, stratum and item; strata only where an area has several."""
        if not made.rows:
            return None
        areas, items = self._areas(), self._items()
        strata = any(row.stratum for row in made.rows)
        columns = [
            "area",
            *(["stratum"] if strata else []),
            "question",
            "answers",
            "points",
            "mean",
            "weight",
        ]
        rows = tuple(
            (
                areas.get(row.target, str(row.target)),
                *((str(row.stratum),) if strata else ()),
                self.words["total"] if row.variable == "total" else items.get(row.variable, row.variable),
                str(row.n), row.points, row.mean, f"{row.units} × {row.share / 10:g}%",
            )
            for row in made.rows
        )  # fmt: skip
        title = self.say("sums", id=made.assessee_id, period=made.period)
        return ExplainedTable(title, self._head(columns), rows, 2 + strata)

    def steps(self, made: Trace) -> ExplainedTable | None:
        """From the weighted score to the last one; what a step added has its sign."""
        if not made.steps:
            return None
        names = FairWords(texts("fairness", self.language), self.language, {})
        rows = tuple(
            (self.estimate(step.name), f"{step.points:.6f}") if step.is_estimate
            else (names.step(step.name), f"{step.points:+.6f}")
            for step in made.steps
        )  # fmt: skip
        return ExplainedTable(self.words["steps"], self._head(["step", "score"]), rows, 1)

    def indicators(self) -> ExplainedTable | None:
        """Points by question."""
        items = self._items()
        rows = tuple(
            (items.get(row["indicator"], row["indicator"]), str(row["n"]),
             "—" if row["points"] is None else f"{row['points']:.2f}", f"{row['max_points']:g}")
            for row in self.rows("indicators")
        )  # fmt: skip
        return ExplainedTable(
            self.words["indicators"], self._head(["question", "answers", "score", "most"]), rows, 1
        )

    def nodes(self) -> ExplainedTable | None:
        """Points by indicator of the scheme's tree."""
        if self.scheme is None:
            return None
        titles = {node.id: node.title.of(self.language) for node in nodes_of(self.scheme.scheme.indicators)}
        rows = tuple(
            (titles.get(row["node"], row["node"]), label(MeasureState(row["state"]), self.language),
             "—" if row["points"] is None else f"{row['points']:.4f}", f"{row['full']:g}")
            for row in self.rows("nodes")
        )  # fmt: skip
        return ExplainedTable(
            self.words["nodes"], self._head(["indicator", "state", "score", "most"]), rows, 2
        )

    def estimate(self, name: str) -> str:
        """An estimate by its name on the workbook."""
        return texts("workbook", self.language)["plain" if name == "direct" else name]

    def _head(self, keys: list[str]) -> tuple[str, ...]:
        return tuple(self.words[f"h_{key}"] for key in keys)

    def _areas(self) -> dict[int, str]:
        """Names of areas by target; an area without a name keeps its number."""
        if self.snapshot is None:
            return {}
        places, table = read_places(self.snapshot), self.snapshot.table("targets")
        pairs = zip(table["target"].to_pylist(), table["area_id"].to_pylist(), strict=True)
        return {target: places.name(area) for target, area in pairs}

    def _items(self) -> dict[str, str]:
        """Wordings of items: of the scheme, else as the snapshot has them; an unknown one keeps its id."""
        if self.scheme is None:
            codes = self.snapshot.table("item_codes") if self.snapshot else None
            return (
                dict(zip(codes["item"].to_pylist(), codes["wording"].to_pylist(), strict=True))
                if codes
                else {}
            )
        return {
            item.id: item.short.of(self.language)
            for form in self.scheme.scheme.instruments
            for item in form.items
        }


def grade_titles(scheme: LoadedScheme, language: str) -> dict[str, str]:
    """Label by grade: bands of all classes, grades by chance or quota."""
    return grade_labels(scheme, language)
