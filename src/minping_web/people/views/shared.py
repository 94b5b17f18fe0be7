"""What the pages of people have in common: an act by a button, somebody who is seen or edited."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404

from minping_web.common.pages import ScopedRequest
from minping_web.common.problems import RefusedError, lines
from minping_web.people.models import Person
from minping_web.people.selectors import EDIT, people_now, people_seen


def tried(request: ScopedRequest, act: Callable[[], object], done: str) -> None:
    """Do something after a press of a button; a refusal becomes a note on the next page."""
    try:
        act()
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
    else:
        messages.success(request, done)


def seen_or_404(request: ScopedRequest, pk: int) -> Person:
    """Somebody whom the scope may see."""
    found = people_seen(request.scope).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def edited_or_404(request: ScopedRequest, pk: int) -> Person:
    """Somebody whom the scope may edit."""
    found = people_now(request.scope, EDIT).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
