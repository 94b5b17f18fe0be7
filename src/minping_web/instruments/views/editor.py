"""The editor: one form, buttons that change the draft, a preview that is the resident's own template."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError, Place, Problem, Severity
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, line, lines
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules import presets
from minping_web.instruments.rules.editing import acted, content_of_form
from minping_web.instruments.rules.lint import burden_seconds, lint, readable
from minping_web.instruments.selectors import EDIT, edits_of, neighbours, version_of
from minping_web.instruments.selectors.sources import scheme_findings
from minping_web.instruments.services import go_back, save_content, undo_edit
from minping_web.instruments.views.words import edit_words

WHOLE = ""


@page(EDIT, methods=("GET", "POST"))
def edit(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Write a draft; every button saves what was typed before it acts."""
    version = _draft(request, version_id)
    if request.method != "POST":
        return _editor(request, version, version.content, [])
    act = request.POST.get("act", "save")[:60]
    typed = content_of_form(request.POST, version.content)
    content, anchor = acted(typed, act)
    try:
        save_content(request.scope, version.pk, content, seen=_seen(request), what=act)
    except MinpingError as error:
        return _editor(request, version, typed, list(error.problems))
    if act == "save":
        messages.success(request, _("Saved."))
    return redirect(reverse("instruments:edit", args=[version.pk]) + (f"#{anchor}" if anchor else ""))


def _draft(request: ScopedRequest, version_id: int) -> InstrumentVersion:
    version = version_of(request.scope, version_id)
    if not version.is_draft:
        raise Http404(version_id)
    return version


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("edit", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _editor(
    request: ScopedRequest, version: InstrumentVersion, content: dict[str, Any], problems: list[Problem]
) -> HttpResponse:
    shown = _shown(version, content, "zh-hans")
    used = {one["variable"] for one in content.get("respondent", ())}
    context = {
        "version": version,
        "problems": lines(problems),
        "edit": _seen(request) if problems else version.edit,
        "abouts_to_add": [one for one in presets.respondent() if one["variable"] not in used],
        "history": edits_of(version)[:1],
        "others": len(neighbours(request.scope, version)) > 1,
        **shown,
    }
    return render(request, "instruments/edit.html", context, status=422 if problems else 200)


def _shown(version: InstrumentVersion, content: dict[str, Any], language: str) -> dict[str, Any]:
    """Parts of the content beside what the linter says of each, and the preview."""
    found = _by_place([*lint(content), *scheme_findings(version)])
    intro = content.get("intro", {})
    return {
        "content": content,
        "intro": [(key, intro.get(key, {}), found.get(f"intro.{key}", [])) for key in presets.intro()],
        "items": _rows(content["items"], "items", found),
        "abouts": _rows(content.get("respondent", []), "about", found),
        "whole": found.get(WHOLE, []),
        "title_findings": found.get("title", []),
        "comment_findings": found.get("comment", []),
        "minimum_findings": found.get("minimum_answered", []),
        "errors": sum(one.is_error for rows in found.values() for one in rows),
        "advice": sum(not one.is_error for rows in found.values() for one in rows),
        "seconds": burden_seconds(content),
        "questionnaire": readable(content),
        "language": language,
    }


def _rows(rows: list[Any], name: str, found: dict[str, list[ProblemLine]]) -> list[tuple[int, Any, Any, str]]:
    return [
        (number, row, found.get(f"{name}.{number}", []), f"{name}.{number}")
        for number, row in enumerate(rows)
    ]


def _by_place(found: list[Problem]) -> dict[str, list[ProblemLine]]:
    """Findings by the part that shows them; what has no part of its own stands above everything."""
    parts: dict[str, list[ProblemLine]] = {}
    for problem in found:
        name, *rest = problem.place.key.split(".")
        key = "comment" if name == "fields" else ".".join([name, *rest[:1]])
        if name not in ("items", "about", "intro", "title", "comment", "fields", "minimum_answered") or (
            name == "items" and not rest
        ):
            key = WHOLE
        bare = Problem(problem.code, Place(), problem.params, Severity(problem.severity))
        parts.setdefault(key, []).append(line(bare))
    return parts


@page(EDIT, methods=("GET", "POST"))
def preview(request: ScopedRequest, version_id: int) -> HttpResponse:
    """What was typed, as the resident would see it; nothing is saved. `part`: for the editor's script."""
    version = _draft(request, version_id)
    if request.method != "POST":  # nothing typed came along: choosing the language, a bookmark
        return redirect("instruments:edit", version.pk)
    typed = content_of_form(request.POST, version.content)
    language = "en" if request.POST.get("preview_language") == "en" else "zh-hans"
    context = {"version": version, **_shown(version, typed, language)}
    with translation.override(language):
        context["sheet_html"] = render_to_string("instruments/parts/preview.html", context, request)
    template = "instruments/parts/live.html" if request.GET.get("part") else "instruments/preview.html"
    return render(request, template, context)


@page(EDIT)
def history(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Edits of a draft, each of which can be gone back behind."""
    version = _draft(request, version_id)
    rows = [(one, edit_words(one.what)) for one in edits_of(version)]
    return render(request, "instruments/history.html", {"version": version, "rows": rows})


@page(EDIT, methods=("POST",))
def undo(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Take back the last edit."""
    return _tried(request, version_id, lambda: undo_edit(request.scope, version_id), _("Taken back."))


@page(EDIT, methods=("POST",))
def back(request: ScopedRequest, version_id: int) -> HttpResponse:
    """The draft as it was before an edit."""
    text = request.POST.get("number", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
    note = _("The draft is as it was before that edit. This can be taken back as well.")
    return _tried(request, version_id, lambda: go_back(request.scope, version_id, number), note)


def _tried(request: ScopedRequest, version_id: int, act: Any, note: str) -> HttpResponse:
    _draft(request, version_id)
    try:
        act()
    except MinpingError as error:
        for problem in error.problems:
            messages.error(request, line(problem).what)
    else:
        messages.success(request, note)
    return redirect("instruments:edit", version_id)
