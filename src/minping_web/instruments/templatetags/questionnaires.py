"""The tag that turns a questionnaire into what the one template shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template
from django.utils.datastructures import MultiValueDict

from minping_web.instruments.rules.questionnaire import Fault, Questionnaire
from minping_web.instruments.rules.sheet import Sent, Sheet, sheet_of

register = template.Library()


@register.simple_tag
def sheet(
    questionnaire: Questionnaire,
    answers: Mapping[str, object] | None = None,
    problems: Iterable[Fault] | str | None = None,
    language: str = "zh-hans",
) -> Sheet:
    """`answers` is a form as Django reads it, or a mapping of field -> list of values, or nothing."""
    faults = () if not problems or isinstance(problems, str) else problems
    return sheet_of(questionnaire, _sent(answers), faults=faults, language=language or "zh-hans")


def _sent(answers: Mapping[str, object] | str | None) -> Sent:
    """A form of Django gives the last value only; here every value counts."""
    if not answers or isinstance(answers, str):
        return {}
    if isinstance(answers, MultiValueDict):
        return dict(answers.lists())
    return {name: _values(value) for name, value in answers.items()}


def _values(value: object) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple | set | frozenset) else [str(value)]
