"""What makes a questionnaire unfair or hard to answer; freezing refuses errors, the editor shows everything.

In: the content of a draft, also an unfinished one. Out: problems with a place: `items.0`,
`items.0.answers.2`, `about.1`, `comment`, `intro.who`, or nothing for the whole. Balance of points, equal
effort, preset and repeated answers are the rules of the engine's linter of schemes (`item_findings`); what
is said here is about words, order and burden. Words and limits: `words.yaml`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from minping_engine.errors import Place, Problem, Severity
from minping_engine.scheme import Item, item_findings
from minping_web.instruments.rules.presets import Content
from minping_web.instruments.rules.questionnaire import Questionnaire, questionnaire_of
from minping_web.instruments.rules.wording import (
    answer_side,
    double_questions,
    leading_words,
    limits,
    reading,
)

ITEM_ID = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
VARIABLES = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
LANGUAGES = ("zh", "en")
LAST_CODE = 32_000

Found = Iterator[Problem]


def lint(content: Mapping[str, Any]) -> list[Problem]:
    """Every finding, errors first, each group in the order of the questionnaire."""
    found = [*_whole(content), *_texts(content), *_items(content), *_about(content), *_fields(content)]
    return sorted(found, key=lambda problem: problem.severity is not Severity.ERROR)


def has_errors(found: Sequence[Problem]) -> bool:
    """Whether it must not be frozen."""
    return any(problem.severity is Severity.ERROR for problem in found)


def _error(code: str, key: str, **params: object) -> Problem:
    return Problem(f"instruments.{code}", Place(key=key), params)


def _advice(code: str, key: str, **params: object) -> Problem:
    return Problem(f"instruments.{code}", Place(key=key), params, Severity.WARNING)


# --- the whole -----------------------------------------------------------------------------------
def _whole(content: Mapping[str, Any]) -> Found:
    items = content["items"]
    if not items:
        yield _error("no_items", "")
        return
    if len(items) > limits()["items"]:
        yield _advice("many_items", "", found=len(items), most=limits()["items"])
    wanted = content.get("minimum_answered")
    if not isinstance(wanted, int) or not 1 <= wanted <= len(items):
        yield _error("minimum_answered", "minimum_answered", items=len(items))
    yield from _repeated([str(item.get("id", "")) for item in items], "items", "item_twice")
    scales = [item for item in items if item.get("kind") == "scale"]
    if len(scales) >= limits()["reversed_from"] and not any(item.get("reversed") for item in items):
        yield _advice("none_reversed", "", scales=len(scales))
    yield from _points_of_all(content)
    yield from _same_words_same_points(items)
    seconds = burden_seconds(content)
    if seconds > limits()["seconds"]:
        yield _advice("burden", "", seconds=seconds, most=limits()["seconds"])


def _repeated(names: Sequence[str], place: str, code: str) -> Found:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            yield _error(code, f"{place}.{number}", name=name)
        seen.add(name)


def _points_of_all(content: Mapping[str, Any]) -> Found:
    """The best answers bring the total of the scheme (100 where none says otherwise)."""
    wanted = content.get("total_points") or 100
    best = [_points(item) for item in content["items"]]
    if all(best) and round(sum(max(points) for points in best), 3) != wanted:
        total = round(sum(max(points) for points in best), 3)
        yield _advice("total_points", "", found=f"{total:g}", wanted=f"{wanted:g}")


def _points(item: Mapping[str, Any]) -> list[float]:
    """Points of all answers; nothing unless every answer has some."""
    points = [answer.get("points") for answer in item.get("answers", ())]
    numbers = [one for one in points if isinstance(one, int | float)]
    return numbers if len(numbers) == len(points) else []


def _same_words_same_points(items: Sequence[Content]) -> Found:
    """The same word must be worth the same share of its item wherever it stands."""
    worth: dict[str, float] = {}
    for number, item in enumerate(items):
        points = _points(item)
        best = max(points, default=0)
        if not best or item.get("reversed"):
            continue
        for answer, one in zip(item["answers"], points, strict=True):
            label = answer["label"].get("zh", "")
            share = round(one / best, 6)
            if worth.setdefault(label, share) != share:
                yield _advice("worth_differs", f"items.{number}", label=label)


# --- texts ------------------------------------------------------------------------------------------
def _texts(content: Mapping[str, Any]) -> Found:
    """Both languages everywhere, before anything is frozen."""
    for place, text in texts_of(content):
        missing = [language for language in LANGUAGES if not str(text.get(language, "")).strip()]
        if missing == ["en"]:
            yield _error("english_missing", place)
        elif missing:
            yield _error("text_missing", place)
    for key in ("who", "why", "what_happens", "object"):
        if key not in content.get("intro", {}):
            yield _error("intro_missing", f"intro.{key}")


def texts_of(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Place and both languages of everything that a resident reads."""
    yield "title", content.get("title", {})
    for key, text in content.get("intro", {}).items():
        yield f"intro.{key}", text
    for number, item in enumerate(content["items"]):
        yield f"items.{number}", item.get("text", {})
        for place, answer in enumerate(item.get("answers", ())):
            yield f"items.{number}.answers.{place}", answer.get("label", {})
    for number, one in enumerate(content.get("respondent", ())):
        yield f"about.{number}", one.get("text", {})
        for place, level in enumerate(one.get("levels", ())):
            yield f"about.{number}.levels.{place}", level.get("label", {})
    comment = content.get("comment")
    if comment:
        yield "comment", comment.get("text", {})
        for number, one in enumerate(comment.get("fields", ())):
            yield f"fields.{number}", one.get("label", {})


# --- items -------------------------------------------------------------------------------------------
def _items(content: Mapping[str, Any]) -> Found:
    for number, item in enumerate(content["items"]):
        place = f"items.{number}"
        if not ITEM_ID.fullmatch(str(item.get("id", ""))):
            yield _error("item_id", place, name=str(item.get("id", "")))
        answers = list(_answers(item, place))
        yield from answers
        if not has_errors(answers):
            yield from _of_engine(item, place)
            yield from _sides(item, place)
        yield from _wording(item.get("text", {}), place)
        yield from _lengths(item, place)


def _answers(item: Content, place: str) -> Found:
    answers = item.get("answers", ())
    if len(answers) < 2:
        yield _error("few_answers", place)
        return
    codes = [answer.get("code") for answer in answers]
    for number, code in enumerate(codes):
        if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code <= LAST_CODE:
            yield _error("answer_code", f"{place}.answers.{number}", most=LAST_CODE)
    yield from _repeated([str(code) for code in codes], f"{place}.answers", "code_twice")
    if not _points(item):
        yield _error("points_missing", place)
    elif min(_points(item)) < 0:
        yield _error("points_negative", place)


def _of_engine(item: Content, place: str) -> Found:
    """The rules that schemes are held to, by the engine itself."""
    try:
        known = Item.model_validate(
            {
                "id": item["id"],
                "kind": item["kind"],
                "text": _filled(item.get("text")),
                "short": _filled(item.get("short")),
                "answers": [
                    {
                        "code": answer["code"],
                        "label": _filled(answer.get("label"), str(answer["code"])),
                        "points": answer["points"],
                        "asks_reason": bool(answer.get("asks_reason")),
                        "preset": bool(answer.get("preset")),
                    }
                    for answer in item["answers"]
                ],
            }
        )
    except ValidationError:
        yield _error("not_readable", place)
        return
    for problem in item_findings(known, place):
        yield Problem(problem.code, Place(key=place), problem.params, problem.severity)


def _filled(text: Mapping[str, str] | None, default: str = "–") -> dict[str, str]:
    """A missing text is told elsewhere; here it must not hide other faults."""
    return {language: str((text or {}).get(language) or default) for language in LANGUAGES}


def _sides(item: Content, place: str) -> Found:
    """As many good as bad words, and a middle, on a scale."""
    if item.get("kind") != "scale":
        return
    sides = Counter(answer_side(answer["label"].get("zh", ""), "zh") for answer in item["answers"])
    if sides["good"] != sides["bad"]:
        yield _error("sides_differ", place, good=sides["good"], bad=sides["bad"])
    elif not sides["middle"]:
        yield _advice("no_middle", place)


def _wording(text: Mapping[str, str], place: str) -> Found:
    said = {language: str(text.get(language, "")) for language in LANGUAGES}
    for language in LANGUAGES:
        for word, is_error in leading_words(said[language], language):
            make = _error if is_error else _advice
            yield make("leading" if is_error else "loaded", place, word=word)
    joined = [word for language in LANGUAGES for word in double_questions(said[language], language)]
    if joined:
        yield _advice("double_question", place, word=joined[0])


def _lengths(item: Content, place: str) -> Found:
    text, limit = item.get("text", {}), limits()
    zh, en = len(str(text.get("zh", ""))), len(str(text.get("en", "")).split())
    if zh > limit["text_zh"]:
        yield _advice("long_text", place, found=zh, most=limit["text_zh"])
    if en > limit["text_en"]:
        yield _advice("long_text_en", place, found=en, most=limit["text_en"])
    answers = item.get("answers", ())
    if len(answers) > limit["answers"]:
        yield _advice("many_answers", place, found=len(answers), most=limit["answers"])
    sizes = sorted(len(answer.get("label", {}).get("zh", "")) for answer in answers)
    if sizes and sizes[-1] > 8 and sizes[-1] > limit["answer_ratio"] * max(1, sizes[len(sizes) // 2]):
        yield _advice("answer_stands_out", place, found=sizes[-1])


# --- who answers, comment --------------------------------------------------------------------------------
def _about(content: Mapping[str, Any]) -> Found:
    rows = content.get("respondent", ())
    yield from _repeated([str(one.get("variable", "")) for one in rows], "about", "variable_twice")
    for number, one in enumerate(rows):
        place = f"about.{number}"
        if not VARIABLES.fullmatch(str(one.get("variable", ""))):
            yield _error("variable", place, name=str(one.get("variable", "")))
        levels = [level.get("level") for level in one.get("levels", ())]
        if len(levels) < 2 or not all(isinstance(level, int) and 0 <= level <= 99 for level in levels):
            yield _error("levels", place)
        yield from _repeated([str(level) for level in levels], f"{place}.levels", "code_twice")


def _fields(content: Mapping[str, Any]) -> Found:
    comment = content.get("comment")
    if not comment:
        yield _advice("no_comment", "comment")
        return
    codes = [str(one.get("code", "")) for one in comment.get("fields", ())]
    yield from _repeated(codes, "fields", "code_twice")
    for number, code in enumerate(codes):
        if not ITEM_ID.fullmatch(code):
            yield _error("field_code", f"fields.{number}", name=code)


# --- burden ------------------------------------------------------------------------------------------------
def burden_seconds(content: Mapping[str, Any], language: str = "zh") -> int:
    """Seconds to read everything and to tap once per question, for a slow reader; rounded up to five."""
    speed = reading()
    texts = [str(text.get(language, "")) for _place, text in texts_of(content)]
    if language == "zh":
        minutes = sum(map(len, texts)) / speed["zh_characters_per_minute"]
    else:
        minutes = sum(len(text.split()) for text in texts) / speed["en_words_per_minute"]
    taps = len(content["items"]) + len(content.get("respondent", ())) + 1
    seconds = minutes * 60 + taps * speed["seconds_per_tap"]
    return -(-int(seconds) // 5) * 5


def readable(content: Mapping[str, Any]) -> Questionnaire | None:
    """The questionnaire, or nothing while a draft cannot be shown yet."""
    try:
        return questionnaire_of(content)
    except (KeyError, TypeError, ValueError):
        return None
