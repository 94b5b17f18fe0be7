"""From findings to a map: codes for every answer seen, and the YAML that a person can finish.

Every text seen in the files is written into the map with its code, after the scheme's own labels,
so that nothing is translated that the map does not show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from minping_engine.snapshot.importing.guess.answers import (
    AnswerReading,
    hinted_codes,
    legend_codes,
    point_codes,
    read_answers,
)
from minping_engine.snapshot.importing.guess.asked import Asked, Question
from minping_engine.snapshot.importing.guess.items import Match
from minping_engine.snapshot.importing.guess.outcome import Findings

SHOWN = 8
LONGEST = 16


def label_items(matches: Sequence[Match], found: Findings) -> dict[str, dict[str, int]]:
    """For each question: answer text -> code, the scheme's own labels first. Unclear ones are refused."""
    readings = {
        match.question.id: (match.question, read_answers(match.sight.counts, match.question))
        for match in matches
    }
    by_points = point_codes(readings)
    labels = {}
    for match in matches:
        reading = readings[match.question.id][1]
        _refuse_strange(match, reading, found)
        numbers = _numbers(match, reading, by_points, found)
        own = {answer.zh: answer.code for answer in match.question.answers}
        labels[match.question.id] = {**own, **reading.codes, **numbers}
    return labels


def _refuse_strange(match: Match, reading: AnswerReading, found: Findings) -> None:
    if reading.unknown:
        values = " | ".join(text[:LONGEST] for text in reading.unknown[:SHOWN])
        lines = f'items: {{{match.question.id}: {{labels: {{"{reading.unknown[0][:LONGEST]}": …}}}}}}'
        found.refuse(
            "guess.labels_unknown", match.sight.name, item=match.question.id, values=values, lines=lines
        )
    if reading.collide:
        values = " | ".join(reading.collide)
        found.refuse("guess.labels_collide", match.sight.name, item=match.question.id, values=values)


def _numbers(match: Match, reading: AnswerReading, by_points: bool, found: Findings) -> dict[str, int]:
    """Codes of numeric answers, by legend, points, hint; refused if nothing tells the direction."""
    if not reading.numbers:
        return {}
    question, heading = match.question, match.sight.heading.name
    for reason, rule in (
        ("guess.numbers_by_legend", legend_codes(heading, question)),
        ("guess.numbers_by_points", question.code_by_points() if by_points else {}),
        ("guess.numbers_by_hint", hinted_codes(heading, question, marked=reading.marked)),
    ):
        if rule and set(reading.numbers.values()) <= rule.keys():
            found.note(reason, match.sight.name, item=question.id)
            return {text: rule[number] for text, number in reading.numbers.items()}
    shown = ", ".join(str(number) for number in sorted(set(reading.numbers.values()))[:SHOWN])
    lines = _number_lines(question, sorted(set(reading.numbers.values())))
    found.refuse("guess.numbers_unclear", match.sight.name, item=question.id, values=shown, lines=lines)
    return {}


def _number_lines(question: Question, numbers: list[int]) -> str:
    labels = ", ".join(f'"{number}": …' for number in numbers[:SHOWN])
    codes = ", ".join(f"{answer.code}={answer.zh}" for answer in question.answers)
    return f"items: {{{question.id}: {{labels: {{{labels}}}}}}}  # {codes}"


def draft_yaml(data: Mapping[str, Any], found: Findings) -> str:
    """All that is sure as YAML, and the open questions with their lines as comments."""
    text = yaml.safe_dump({"minping_map": 1, **data}, allow_unicode=True, sort_keys=False, width=100)
    open_lines = [
        f"# {problem.code}: {problem.params.get('candidates') or problem.place.column}\n#   {lines}\n"
        for problem in found.problems
        if (lines := problem.params.get("lines"))
    ]
    return text + "".join(open_lines)


def instrument_of(asked: Asked) -> dict[str, str]:
    """The instrument's id and version, as a map names them."""
    return {"id": asked.instrument, "version": asked.version}
