"""Which column holds which question.

Wording decides: pieces of words that few questions share weigh most. Question codes decide where
headings are nothing but codes: first by the scheme's own ids, then by order if counts agree and
every column's answers fit. A question that two columns fit, a wording turned into its opposite,
or a code that contradicts the wording is refused.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from minping_engine.snapshot.importing.guess.answers import is_answer_like
from minping_engine.snapshot.importing.guess.asked import Question
from minping_engine.snapshot.importing.guess.columns import Heading, Sight
from minping_engine.snapshot.importing.guess.outcome import Findings
from minping_engine.snapshot.importing.guess.words import plain, word_lists

ALIKE, RIVAL = 0.7, 0.75
FOREIGN = 0.5
MOST_LABELS = 15


@dataclass(frozen=True)
class Match:
    """A question's column, and by what it was known: wording, code or order."""

    question: Question
    sight: Sight
    by: str


class Likeness:
    """How alike a heading and a question are, 0 to 1, among the questions of one instrument."""

    def __init__(self, questions: Sequence[Question]) -> None:
        shared = [frozenset().union(*map(_pieces, question.wordings)) for question in questions]
        count = len(questions)
        self._weights = {
            piece: math.log((count + 1) / sum(piece in pieces for pieces in shared))
            for piece in frozenset().union(*shared)
        }

    def of(self, heading: str, question: Question) -> float:
        """The best likeness to any of the question's wordings."""
        return max(self._one(_bare(heading, question), wording) for wording in question.wordings)

    def _one(self, heading: str, wording: str) -> float:
        if plain(heading) == plain(wording):
            return 1.0
        first, second = _pieces(heading), _pieces(wording)
        common = self._sum(first & second)
        whole = self._sum(first) + self._sum(second)
        alike = 2 * common / whole if whole else 0.0
        inside = len(plain(wording)) >= 4 and plain(wording) in plain(heading)
        return max(alike, 0.95 if inside else 0.0)

    def _sum(self, pieces: frozenset[str]) -> float:
        return sum(self._weights.get(piece, FOREIGN) for piece in pieces)


@cache
def _pieces(text: str) -> frozenset[str]:
    """Pairs of Chinese characters and stems of English words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    for phrase in word_lists()["empty_phrases"]:
        folded = folded.replace(phrase, " ")
    pairs = {
        run[index : index + 2]
        for run in re.findall(r"[\u4e00-\u9fff]+", folded)
        for index in range(max(len(run) - 1, 1))
    }
    return frozenset(pairs | {word[:6] for word in re.findall(r"[a-z]{3,}", folded)})


def _bare(heading: str, question: Question) -> str:
    """The heading without a legend of answers in brackets."""

    def keep(found: re.Match[str]) -> str:
        inside = found[0]
        named = any(answer.zh in inside or answer.en in inside for answer in question.answers)
        return "" if named or re.search(r"\d", inside) else inside

    return re.sub(r"[(\[][^()\[\]]*[)\]]", keep, unicodedata.normalize("NFKC", heading))


def match_items(sights: Sequence[Sight], questions: Sequence[Question], found: Findings) -> list[Match]:
    """A column for every question, or the reasons why not. No column at all is no problem yet."""
    by_code = _by_bare_code(sights, questions)
    if by_code:
        return by_code
    likeness = Likeness(questions)
    scores = {
        question.id: {sight.name: _score(sight, question, likeness) for sight in sights}
        for question in questions
    }
    matches = [match for question in questions if (match := _best(question, sights, scores, found))]
    for match in matches:
        _refuse_negated(match, found)
    _refuse_contradiction(matches, found)
    refused = {problem.params.get("item") for problem in found.problems}
    lacking = [question for question in questions if question.id not in {m.question.id for m in matches}]
    if matches:
        taken = {match.sight.name for match in matches}
        for question in lacking:
            if question.id not in refused:
                fitting = [s.name for s in sights if s.name not in taken and is_answer_like(s, question)]
                found.refuse(
                    "guess.item_missing",
                    item=question.id,
                    wording=question.wordings[0],
                    candidates=" | ".join(fitting[:6]) or "–",
                    lines=f'items: {{{question.id}: {{column: "…"}}}}',
                )
    return matches


def _score(sight: Sight, question: Question, likeness: Likeness) -> float:
    """Likeness, but nothing for a column whose content cannot be answers."""
    if plain(sight.heading.text) == plain(question.id) or plain(sight.name) == plain(question.id):
        return 1.0
    alike = likeness.of(sight.heading.text, question)
    if is_answer_like(sight, question):
        return alike
    return alike if alike >= ALIKE and sight.distinct <= MOST_LABELS else 0.0


def _best(
    question: Question,
    sights: Sequence[Sight],
    scores: Mapping[str, Mapping[str, float]],
    found: Findings,
) -> Match | None:
    own = scores[question.id]
    ranked = sorted(sights, key=lambda sight: -own[sight.name])
    mine = [sight for sight in ranked if own[sight.name] >= ALIKE and _is_mine(sight, question, scores)]
    if not mine:
        return None
    best = own[mine[0].name]
    rivals = [sight for sight in mine[1:] if own[sight.name] >= RIVAL * best]
    if rivals:
        names = " | ".join(sight.name for sight in (mine[0], *rivals))
        found.refuse(
            "guess.item_twice",
            mine[0].name,
            item=question.id,
            candidates=names,
            lines=item_line(question.id, mine[0].name),
        )
        return None
    others = max((score[mine[0].name] for item, score in scores.items() if item != question.id), default=0)
    if others >= RIVAL * best and best < 1:
        found.refuse(
            "guess.item_unclear", mine[0].name, item=question.id, lines=item_line(question.id, mine[0].name)
        )
        return None
    return Match(question, mine[0], "wording")


def _is_mine(sight: Sight, question: Question, scores: Mapping[str, Mapping[str, float]]) -> bool:
    return all(scores[question.id][sight.name] >= score[sight.name] for score in scores.values())


def item_line(item: str, column: str) -> str:
    """The line of a map that says where a question stands."""
    return f'items: {{{item}: {{column: "{column}"}}}}'


def _by_bare_code(sights: Sequence[Sight], questions: Sequence[Question]) -> list[Match]:
    """Columns whose headings are codes only: the scheme's ids, 1..n, or as many as there are questions."""
    bare = [sight for sight in sights if sight.heading.is_bare_code]
    coded = [sight for sight in bare if any(is_answer_like(sight, question) for question in questions)]
    if len(coded) != len(questions):
        return []
    numbers = [sight.heading.number or 0 for sight in coded]
    if sorted(numbers) == list(range(1, len(questions) + 1)):
        ordered = sorted(coded, key=lambda sight: sight.heading.number or 0)
        matches = [Match(*pair, "code") for pair in zip(questions, ordered, strict=True)]
    elif numbers == sorted(set(numbers)):
        matches = [Match(*pair, "order") for pair in zip(questions, coded, strict=True)]
    else:
        return []
    return matches if all(is_answer_like(match.sight, match.question) for match in matches) else []


def _refuse_negated(match: Match, found: Findings) -> None:
    """A question asked the other way round turns its answers round, and nobody would notice."""
    heading = _without_answers(match.sight.heading, match.question)
    wordings = " ".join(match.question.wordings).casefold()
    for word in word_lists()["negations"]:
        is_there = re.search(rf"\b{word}\b" if word.isascii() else re.escape(word), heading)
        if is_there and word not in wordings:
            found.refuse("guess.item_negated", match.sight.name, item=match.question.id, word=word)
            return


def _without_answers(heading: Heading, question: Question) -> str:
    text = _bare(heading.text, question).casefold()
    for phrase in word_lists()["asks_satisfaction"]:
        text = text.replace(phrase, "")
    for answer in sorted(question.answers, key=lambda one: -len(one.zh)):
        text = text.replace(answer.zh if len(answer.zh) > 1 else "\0", "").replace(answer.en, "")
    return text


def _refuse_contradiction(matches: Sequence[Match], found: Findings) -> None:
    """Question codes that are the scheme's ids, but in another order than the wordings say."""
    coded = {m.question.id: m.sight for m in matches if m.sight.heading.coded and m.by == "wording"}
    named = {item: f"q{sight.heading.number}" for item, sight in coded.items()}
    if sorted(named.values()) != sorted(named):
        return
    for item, code in named.items():
        if code != item:
            found.refuse(
                "guess.item_contradicts",
                coded[item].name,
                item=item,
                named=code,
                lines=item_line(item, coded[item].name),
            )
