"""The blank questionnaire as it is shown, made once for each version and language.

A blank form holds nothing of who opens it, so that it may be kept in memory; what somebody filled in is
rendered anew and kept nowhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from minping_web.ballots.rules.usual import told
from minping_web.instruments.rules.questionnaire import Questionnaire
from minping_web.instruments.selectors.content import frozen_questionnaire

PART = "instruments/parts/questionnaire.html"
KEPT = 64


@lru_cache(maxsize=KEPT)
def told_questionnaire(sha256: str) -> Questionnaire:
    """The frozen questionnaire with everything that must be said before it."""
    return told(frozen_questionnaire(sha256))


@lru_cache(maxsize=KEPT)
def blank(sha256: str, language: str) -> SafeString:
    """The fields of an empty form; to be called while that language is active."""
    return _rendered(sha256, language, {})


def filled(sha256: str, language: str, **sent: Any) -> SafeString:
    """The fields with `answers` as they were sent and `problems`."""
    return _rendered(sha256, language, sent)


def _rendered(sha256: str, language: str, sent: dict[str, Any]) -> SafeString:
    context = {"questionnaire": told_questionnaire(sha256), "language": language, **sent}
    return render_to_string(PART, context)
