"""Words of coaching in Chinese and English, from `words.yaml`.

In: an effect, a line of a profile, a step of the ladder as data; a language. Out: sentences for plans and
cards, points with two places.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from minping_engine.coaching.effects import Difference, PlanEffect
from minping_engine.coaching.ladder import LadderReason, LadderReasonKind, LadderStep
from minping_engine.coaching.profiles import LineState, ProfileLine
from minping_engine.coaching.training import SuggestedCourse
from minping_engine.errors import Language


@cache
def _texts() -> dict[str, dict[str, str]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    file = resources.files(__package__) / "words.yaml"
    entries: dict[str, dict[str, str]] = yaml.load(file.read_text("utf-8"), Loader=loader)
    return entries


def word(key: str, language: Language, **values: object) -> str:
    """A text of `words.yaml`, filled."""
    return _texts()[key][language].format(**values)


def difference_in_words(one: Difference, language: Language, *, percent: float) -> tuple[str, ...]:
    """The verdict with its interval, and what it rests on."""
    value = abs(one.value) if one.verdict.value == "worse" and language == "zh" else one.value
    low, high = _points(one.low), _points(one.high)
    verdict = word(
        one.verdict.value, language, value=_points(value), low=low, high=high, percent=f"{percent:g}"
    )
    changes = {"expected": _signed(one.expected_change), "observed": _signed(one.observed_change)}
    return verdict, word("change", language, **changes)


def effect_in_words(effect: PlanEffect, language: Language, *, percent: float) -> tuple[str, ...]:
    """What is said of one plan."""
    if effect.difference is None:
        return (word(f"state_{effect.state.value}", language),)
    said = difference_in_words(effect.difference, language, percent=percent)
    beyond = word("beyond", language, beyond=_points(effect.beyond))
    return (*said, beyond) if effect.beyond > 0 else said


def line_in_words(line: ProfileLine, language: Language, *, dimension: str = "") -> str:
    """One line of a profile; `dimension` as people call it, else its id."""
    size = (
        "" if line.state in (LineState.NO_SCORE, LineState.TOO_FEW_PEERS) else _points(abs(line.difference))
    )
    named = dimension or line.dimension
    return word(line.state.value, language, dimension=named, size=size, surely=_points(line.surely))


def course_in_words(one: SuggestedCourse, language: Language) -> tuple[str, ...]:
    """A course and why it is suggested."""
    level = word(f"level_{one.course.level.value}", language)
    reasons = [line_in_words(reason.line, language) for reason in one.reasons]
    if not all(reason.fits_level for reason in one.reasons):
        reasons.append(word("other_level", language))
    return (word("course", language, course=one.course.course_id, level=level), *reasons)


def ladder_in_words(step: LadderStep, language: Language) -> tuple[str, ...]:
    """Who is asked, and why."""
    reasons = tuple(_ladder_reason(reason, language) for reason in step.reasons)
    if step.level is None:
        return reasons
    return (word(f"ladder_{step.side.value}_{step.level.value}", language, n=step.quarters), *reasons)


def _ladder_reason(reason: LadderReason, language: Language) -> str:
    sided = reason.kind in (LadderReasonKind.COUNTED, LadderReasonKind.ENDED_BY)
    key = f"{reason.kind.value}_{reason.side.value}" if sided else reason.kind.value
    return word(key, language, period=reason.period)


def _points(value: float) -> str:
    text = f"{round(value, 2):.2f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def _signed(value: float) -> str:
    text = _points(value)
    return text if text.startswith("−") or float(text) == 0 else f"+{text}"
