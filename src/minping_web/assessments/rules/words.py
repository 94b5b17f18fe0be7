"""States of a run, and the engine's words in the language of the page."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from minping_engine.terms import AssesseeKind, MeasureState, NotAssessed, Standing, Status, label


class RunState(TextChoices):
    """A run waits, runs, and ends with a result or with what hindered it."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("not possible")


OPEN = (RunState.WAITING, RunState.RUNNING)


def status_words(status: str, reason: str) -> str:
    """ "assessed", or why not."""
    language = page_language()
    if status == Status.ASSESSED:
        return label(Status.ASSESSED, language)
    why = next((one(reason) for one in (NotAssessed, MeasureState) if reason in {w.value for w in one}), None)
    return label(why or Status.NOT_ASSESSED, language)


def standing_words(standing: str) -> str:
    """What a score may be used for; empty where the engine did not say."""
    return label(Standing(standing), page_language()) if standing else ""


def kind_words(kind: str) -> str:
    """Who is assessed, as people say it."""
    return label(AssesseeKind(kind), page_language())


def page_language() -> str:
    """`zh` or `en`, as the engine knows languages."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"
