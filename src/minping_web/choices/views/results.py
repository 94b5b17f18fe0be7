"""The result: pairs and reasons, protocol with its papers, mediation with signatures."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from minping_engine.errors import Language
from minping_web.choices.exports import RESULT, result_rows
from minping_web.choices.models import Mediation, Signature, TwoWayChoice
from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.choices import (
    MEDIATE,
    VIEW,
    candidates_seen,
    choice_edited,
    choice_of,
    grids_seen,
    sees_all,
)
from minping_web.choices.selectors.markets import Book
from minping_web.choices.selectors.mediations import mediation_of, own_sides, signature_of
from minping_web.choices.selectors.papers import facts_of, spoken
from minping_web.choices.selectors.protocol import (
    changes_in_words,
    parted_by,
    protocol_tables,
    side_in_words,
)
from minping_web.choices.selectors.results import Result, loads_of, result_of, spread
from minping_web.choices.services import mediating
from minping_web.choices.views.shared import tried, with_reason
from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import export_response, file_response, page_language, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines

TABS = ("pairs", "left", "open", "load")
CHANGES = 6
"""Rows of the form of a mediation."""


@page(VIEW)
def result_page(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Pairs, people without a grid, open seats, load."""
    choice = choice_of(request.scope, choice_id)
    if not choice.has_result:
        return redirect("choices:choice", choice.pk)
    book = Book(choice)
    result = _narrowed(request, choice, result_of(choice, book))
    if wants_export(request):
        return export_response(request, RESULT, result_rows(result))
    tab, text = asked(request, "tab", 8), asked(request, "q", 80)
    tab = tab if tab in TABS else "pairs"
    loads = loads_of(choice, book) if sees_all(request.scope, choice) else []
    tables: dict[str, list[Any]] = {
        "pairs": result.pairs, "left": result.left, "open": result.open, "load": loads
    }  # fmt: skip
    context = {
        "choice": choice,
        "result": result,
        "tab": tab,
        "text": text,
        "page_obj": paged(request, _found(tables[tab], text)),
        "spread": spread(loads),
        "all": sees_all(request.scope, choice),
        "may_mediate": choice.phase == Phase.MATCHED and request.scope.may(MEDIATE, choice.area.path),
    }
    return render(request, "choices/result.html", context)


def _narrowed(request: ScopedRequest, choice: TwoWayChoice, result: Result) -> Result:
    """Rows of the own place for who answers for a part of the area only."""
    if sees_all(request.scope, choice):
        return result
    grids = set(grids_seen(request.scope, choice).values_list("pk", flat=True))
    people = set(candidates_seen(request.scope, choice).values_list("pk", flat=True))
    pairs = [row for row in result.pairs if row.grid.pk in grids]
    return Result(
        pairs,
        [row for row in result.left if row.candidate.pk in people],
        [row for row in result.open if row.grid.pk in grids],
        [],
        result.unstable,
        sum(row.own == 1 for row in pairs),
    )


def _found(rows: list[Any], text: str) -> list[Any]:
    """Rows whose person or grid holds the text."""
    wanted = text.casefold()

    def told(row: object) -> str:
        candidate, grid = getattr(row, "candidate", None), getattr(row, "grid", None)
        parts = [candidate.person.name, candidate.person.code] if candidate else []
        parts += [grid.placed, grid.area.code] if grid else []
        return " ".join([*parts, getattr(row, "label", "")]).casefold()

    return [row for row in rows if wanted in told(row)] if wanted else rows


@page(VIEW)
def protocol_page(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """The paper, in the language of the page or in the other; for who sees all of it."""
    choice = choice_of(request.scope, choice_id)
    if not choice.has_result or not sees_all(request.scope, choice):
        return redirect("choices:choice", choice.pk)
    language: Language = "en" if (asked(request, "language", 2) or page_language()) == "en" else "zh"
    with spoken(language):
        facts = facts_of(choice)
    context = {
        "choice": choice,
        "facts": facts,
        "tables": protocol_tables(choice, language),
        "language": language,
        "papers": choice.papers.defer("content"),
    }
    return render(request, "choices/protocol.html", context)


@page(VIEW)
def paper(request: ScopedRequest, choice_id: int, language: str) -> HttpResponse:
    """The kept PDF/A of the sealed protocol, for who sees all of it."""
    choice = choice_of(request.scope, choice_id)
    found = choice.papers.filter(language=language).first()
    if found is None or not sees_all(request.scope, choice):
        return redirect("choices:choice", choice.pk)
    name = f"two-way-choice-{choice.pk}-{language}.pdf"
    return file_response(bytes(found.content), name, "application/pdf")


@page(MEDIATE, methods=("GET", "POST"))
def mediate(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Propose changes: first look whom they part, then ask for signatures."""
    choice = choice_edited(request.scope, choice_id, MEDIATE)
    book, typed = Book(choice), _typed(request)
    wanted = _wanted(typed, book)
    context: dict[str, object] = {"choice": choice, "problems": [], "parted": None}
    if request.method == "POST":
        try:
            mediating.check(book, choice, wanted)
            context["parted"] = parted_by(choice, wanted, book, _language())
            if "propose" in request.POST:
                reason = request.POST.get("reason", "")[:500]
                made = mediating.propose(request.scope, choice.pk, wanted, reason)
                return redirect("choices:mediation", made.pk)
        except RefusedError as refused:
            context["problems"] = lines(refused.problems)
    context |= {"rows": typed, **_choices_of(choice, book)}
    context["reason"] = request.POST.get("reason", "")
    return render(request, "choices/mediate.html", context, status=422 if context["problems"] else 200)


def _language() -> Language:
    """Of the engine's sentences."""
    return "en" if page_language() == "en" else "zh"


def _typed(request: ScopedRequest) -> list[tuple[str, str]]:
    """What stands in the rows: "number name" of a person and of a grid, either may be empty."""
    told = request.POST
    return [
        (told.get(f"person_{row}", "").strip()[:200], told.get(f"grid_{row}", "").strip()[:200])
        for row in range(CHANGES)
    ]


def _wanted(typed: list[tuple[str, str]], book: Book) -> list[tuple[int, int]]:
    """(candidate, grid or 0) of the rows with a person; what nothing is called is -1."""
    people = {one.person.code: pk for pk, one in book.candidates.items()}
    grids = {one.area.code: pk for pk, one in book.grids.items()}
    return [
        (people.get(who.split()[0], -1), grids.get(where.split()[0], -1) if where else 0)
        for who, where in typed
        if who
    ]


def _choices_of(choice: TwoWayChoice, book: Book) -> dict[str, object]:
    """Everybody with the present grid, and every grid with its open seats, to pick from."""
    now = dict(choice.pairs)
    taken = Counter(now.values())
    people = [
        (f"{one.person.code} {one.person.name}", book.grids[now[pk]].placed if pk in now else _("no grid"))
        for pk, one in sorted(book.candidates.items(), key=lambda item: item[1].person.code)
    ]
    grids = [
        (f"{one.area.code} {one.placed}", one.seats - taken[pk])
        for pk, one in sorted(book.grids.items(), key=lambda item: item[1].area.path)
    ]
    return {"people": people, "grids": grids}


@page(methods=("GET",))
def mediation_page(request: ScopedRequest, mediation_id: int) -> HttpResponse:
    """One mediation: changes, whom they part, who has signed; for the office and its sides."""
    mediation = mediation_of(request.scope, mediation_id)
    choice = mediation.choice
    book = Book(choice)
    context: dict[str, object] = {
        "mediation": mediation,
        "choice": choice,
        "changes": changes_in_words(book, mediation),
        "parted": None,
        "signatures": [
            (one, side_in_words(book, one)) for one in mediation.signatures.select_related("user")
        ],
        "mine": {one.pk for one in own_sides(request.scope, mediation)},
        "office": request.scope.may(VIEW, choice.area.path),
    }
    if mediation.state == Mediation.State.OPEN and context["office"]:
        context["parted"] = parted_by(choice, mediation.changes, book, _language())
    return render(request, "choices/mediation.html", context)


@page(methods=("POST",))
def sign_own(request: ScopedRequest, mediation_id: int, signature_id: int) -> HttpResponse:
    """A person signs for herself."""
    return _signed(request, mediation_id, signature_id, (Signature.Side.PERSON,))


@page(methods=("POST",), fresh_factor=True)
def sign(request: ScopedRequest, mediation_id: int, signature_id: int) -> HttpResponse:
    """A community or the mediator signs, with a second factor."""
    return _signed(request, mediation_id, signature_id, (Signature.Side.GRID, Signature.Side.MEDIATOR))


def _signed(
    request: ScopedRequest, mediation_id: int, signature_id: int, sides: tuple[str, ...]
) -> HttpResponse:
    mediation = mediation_of(request.scope, mediation_id)
    found = signature_of(request.scope, mediation, signature_id)
    if found.side in sides:
        tried(request, lambda: mediating.sign(request.scope, found.pk), _("Signed."))
    return redirect("choices:mediation", mediation.pk)


@page(methods=("GET", "POST"))
def refuse(request: ScopedRequest, mediation_id: int, signature_id: int) -> HttpResponse:
    """A side says no, or the mediator withdraws."""
    mediation = mediation_of(request.scope, mediation_id)
    found = signature_of(request.scope, mediation, signature_id)
    back = reverse("choices:mediation", args=[mediation.pk])
    own = found.side == Signature.Side.MEDIATOR
    return with_reason(
        request,
        lambda reason: mediating.refuse(request.scope, found.pk, reason),
        said=_("Withdrawn.") if own else pgettext("mediation", "Refused."),
        target=back,
        title=_("Withdraw this mediation?") if own else _("Refuse this mediation?"),
        lead=_("All its changes are off, and the result stays as it is. Every side reads the reason."),
        submit=_("Withdraw") if own else pgettext("mediation", "Refuse"),
        back=back,
        danger=True,
    )
