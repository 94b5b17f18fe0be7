"""From an answer as written to the scheme's code: labels, labels with scores, numbers.

Labels say for themselves what they mean. A number does not: it is taken only if a legend in the
heading names it, if it is a mark (分) or a heading says that high is best, or if the values are
the scheme's points and not its codes. Otherwise the direction of the scale is unknown, and a
guess would turn the best worker into the worst: refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from minping_engine.snapshot.importing.guess.asked import Question
from minping_engine.snapshot.importing.guess.columns import Sight
from minping_engine.snapshot.importing.guess.words import is_missing, plain, plain_set, translations

OPTION_MARK = re.compile(r"^\s*[A-Za-z\d][.、)）:：]\s*")
SCORE_TAIL = re.compile(r"\s*[(（\[]?\s*\d+(?:\.\d+)?\s*(?:分|points?)?\s*[)）\]]?\s*$")
NUMBER = re.compile(r"^(-?\d{1,3})(?:\.0+)?\s*(分|points?)?$")
FULL_MARK = re.compile(r"(?:满分为?|最高|outof|max)(\d{1,3})|(\d{1,3})分(?:制|满分)")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class AnswerReading:
    """How the answers of one column read. `marked`: numbers carry the unit of a mark (分)."""

    codes: dict[str, int]
    numbers: dict[str, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    marked: bool
    collide: tuple[str, ...] = ()

    @property
    def known_share(self) -> float:
        """Share of distinct values that are labels or numbers."""
        seen = len(self.codes) + len(self.numbers) + len(self.unknown)
        return (len(self.codes) + len(self.numbers)) / seen if seen else 0

    @property
    def label_share(self) -> float:
        """Share of distinct values that are labels."""
        seen = len(self.codes) + len(self.numbers) + len(self.unknown)
        return len(self.codes) / seen if seen else 0


def read_answers(values: Iterable[str], question: Question) -> AnswerReading:
    """Sort the values of a column into labels, numbers, missing and unknown ones."""
    codes: dict[str, int] = {}
    numbers: dict[str, int] = {}
    unknown, missing, marked = [], [], False
    words: dict[int, set[str]] = {}
    for value in values:
        found = _label(value, question)
        number = NUMBER.match(unicodedata.normalize("NFKC", value).strip().casefold())
        if found:
            codes[value] = found[0]
            words.setdefault(found[0], set()).add(found[1])
        elif is_missing(value):
            missing.append(value)
        elif number:
            numbers[value] = int(number[1])
            marked |= bool(number[2])
        else:
            unknown.append(value)
    collide = [word for code in words for word in _rival_words(words[code])] if question.is_scale else []
    return AnswerReading(codes, numbers, tuple(unknown), tuple(missing), marked, tuple(collide))


def _rival_words(words: set[str]) -> list[str]:
    """Two Chinese wordings of one answer: perhaps two steps of a longer scale (满意, 比较满意)."""
    chinese = sorted(word for word in words if CHINESE.search(word))
    return chinese if len(chinese) > 1 else []


def _label(value: str, question: Question) -> tuple[int, str] | None:
    """Code of a label, and the wording it was known by."""
    for form in _forms(value):
        if form and (code := _code_of_word(form, question)) is not None:
            return code, form
    return _both_languages(value, question)


def _forms(value: str) -> list[str]:
    text = unicodedata.normalize("NFKC", value).strip()
    bare = OPTION_MARK.sub("", text)
    return [plain(text), plain(bare), plain(SCORE_TAIL.sub("", text)), plain(SCORE_TAIL.sub("", bare))]


def _both_languages(value: str, question: Question) -> tuple[int, str] | None:
    chinese = "".join(CHINESE.findall(value))
    english = "".join(re.findall(r"[A-Za-z]", value)).casefold()
    if not chinese or not english:
        return None
    codes = _code_of_word(chinese, question), _code_of_word(english, question)
    return (codes[0], chinese) if codes[0] is not None and codes[0] == codes[1] else None


def _code_of_word(word: str, question: Question) -> int | None:
    for answer in question.answers:
        if word in (plain(answer.zh), plain(answer.en)):
            return answer.code
    stands_for = translations("answers").get(word)
    return next((answer.code for answer in question.answers if answer.zh == stands_for), None)


def legend_codes(heading: str, question: Question) -> dict[int, int]:
    """Numbers that the heading itself explains: `1非常满意 2满意`, `1=是，2=否`."""
    text = unicodedata.normalize("NFKC", heading)
    named = sorted(
        ((label, answer.code) for answer in question.answers for label in (answer.zh, answer.en)),
        key=lambda pair: -len(pair[0]),
    )
    pattern = "|".join(re.escape(label) for label, _ in named)
    codes = {label.casefold(): code for label, code in named}
    before = re.findall(rf"(\d+)\s*分?\s*[=:.、\-—是为代表]*\s*({pattern})", text, re.IGNORECASE)
    after = re.findall(rf"({pattern})\s*[=:\-—为]*\s*(\d+)\s*分?", text, re.IGNORECASE)
    pairs = [(int(number), codes[label.casefold()]) for number, label in before]
    turned = [(int(number), codes[label.casefold()]) for label, number in after]
    best = max((pairs, turned), key=lambda found: len(set(found)))
    return _completed(dict(best), question) if len(dict(best)) == len(set(best)) else {}


def _completed(pairs: dict[int, int], question: Question) -> dict[int, int]:
    """Both ends of a rising scale say what stands between them."""
    steps = len(question.answers)
    if set(pairs.values()) == question.codes and len(pairs) == steps:
        return pairs
    if question.rises and {1, steps} <= pairs.keys():
        for rule in ({n: n for n in range(1, steps + 1)}, {n: steps + 1 - n for n in range(1, steps + 1)}):
            if all(rule.get(number) == code for number, code in pairs.items()):
                return rule
    return {}


def hinted_codes(heading: str, question: Question, *, marked: bool) -> dict[int, int]:
    """Numbers whose direction a heading or a unit tells: full marks, 分, `5 is best`."""
    text = plain(heading)
    steps = len(question.answers)
    high = marked or any(word in text for word in plain_set("best_is_high"))
    low = any(word in text for word in plain_set("best_is_low"))
    full = {int(first or second) for first, second in FULL_MARK.findall(text)}
    if full and full != {steps}:
        points = question.code_by_points()
        return points if points and max(points) in full else {}
    if not question.rises or (high or bool(full)) == low:
        return {}
    return {number: steps + 1 - number if low else number for number in range(1, steps + 1)}


def point_codes(readings: dict[str, tuple[Question, AnswerReading]]) -> bool:
    """Whether all numbers are the scheme's points: none is anything else, and full marks occur.

    Full marks must occur because a scale of 0-10 could pass for the lower half of 0-20.
    """
    numbered = [(one.code_by_points(), set(found.numbers.values())) for one, found in readings.values()]
    numbered = [(points, found) for points, found in numbered if found]
    within = all(points and found <= points.keys() for points, found in numbered)
    codes = {code for question, _ in readings.values() for code in question.codes}
    return within and any(max(points) in found and max(points) not in codes for points, found in numbered)


def is_answer_like(sight: Sight, question: Question, *, by_labels: bool = False) -> bool:
    """Whether a column could hold the answers of a question, by its content (`by_labels`: not by numbers)."""
    if sight.distinct > 3 * len(question.answers) + 12:
        return False
    reading = read_answers(sight.counts, question)
    if reading.codes:
        return reading.label_share >= 0.6
    return bool(reading.numbers) and not reading.unknown and not by_labels
