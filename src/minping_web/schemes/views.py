"""Pages of schemes: the library, one scheme in words, freezing, the register of frozen versions."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError, Problem
from minping_web.common.import_flow import export_response, file_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.schemes import exports
from minping_web.schemes.forms import FreezeForm, LibraryForm, RegisterForm
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.rules import DISCLOSURE, file_hashes
from minping_web.schemes.selectors.library import FREEZE, VIEW, entry_of, in_library, library, package_of
from minping_web.schemes.selectors.reading import ChangeLine, chapters, differences, manual_of, values_of
from minping_web.schemes.selectors.versions import loaded, scheme_versions, version_of
from minping_web.schemes.services import end_pilot, freeze_version

ROWS = 50
LIBRARY = "library"
"""Stands for the library of today where versions are compared."""


@page(VIEW)
def scheme_list(request: ScopedRequest) -> HttpResponse:
    """The library: search, filter, export."""
    form = LibraryForm(request.GET or None)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    entries = library(request.scope, **chosen)
    if wants_export(request):
        return export_response(request, exports.LIBRARY, exports.library_rows(entries))
    frozen: dict[str, int] = {}
    for scheme_id in scheme_versions(request.scope).order_by().values_list("scheme_id", flat=True):
        frozen[scheme_id] = frozen.get(scheme_id, 0) + 1
    context = {
        "form": form,
        "page_obj": Paginator(entries, ROWS).get_page(request.GET.get("page")),
        "frozen": frozen,
    }
    return render(request, "schemes/list.html", context)


@page(VIEW)
def scheme_page(request: ScopedRequest, scheme_id: str) -> HttpResponse:
    """One scheme of the library in words (S18), with what the linter says and its frozen versions."""
    entry = entry_of(request.scope, scheme_id)
    values = values_of(entry.loaded)
    if wants_export(request):
        return export_response(request, exports.VALUES, exports.value_rows(values))
    context = {
        "entry": entry,
        "manual": entry.manual,
        "values": values,
        "chapters": chapters(entry.manual),
        "findings": lines(entry.findings),
        "versions": scheme_versions(request.scope).filter(scheme_id=scheme_id)[:ROWS],
        "may_freeze": request.scope.may_everywhere(FREEZE) and entry.state in ("ready", "unfilled"),
    }
    return render(request, "schemes/scheme.html", context)


@page(FREEZE, methods=("GET", "POST"))
def freeze(request: ScopedRequest, scheme_id: str) -> HttpResponse:
    """Freeze the library's version; the page is the confirmation."""
    entry = entry_of(request.scope, scheme_id)
    if entry.loaded is None:
        raise Http404(scheme_id)
    form = FreezeForm(request.POST or None, entry=entry)
    problems: list[Problem] = []
    if form.is_valid():
        try:
            made = freeze_version(
                request.scope, scheme_id, entry.loaded.scheme.version,
                values=form.values(), pilot=form.cleaned_data["pilot"], note=form.cleaned_data["note"],
            )  # fmt: skip
        except MinpingError as error:
            problems = list(error.problems)
        else:
            messages.success(request, _("Frozen and entered in the ledger."))
            return redirect("schemes:version", made.pk)
    context = {"entry": entry, "form": form, "problems": lines(problems)}
    status = 422 if problems or form.errors else 200
    return render(request, "schemes/freeze.html", context, status=status)


@page(VIEW)
def version_list(request: ScopedRequest) -> HttpResponse:
    """The register of versions that this district froze."""
    form = RegisterForm(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    pilot = {"pilot": True, "regular": False}.get(chosen.get("use", ""))
    rows = scheme_versions(request.scope, search=chosen.get("search", ""), pilot=pilot)
    if wants_export(request):
        return export_response(request, exports.VERSIONS, exports.version_rows(rows))
    context = {"form": form, "page_obj": Paginator(rows, ROWS).get_page(request.GET.get("page"))}
    return render(request, "schemes/versions.html", context)


@page(VIEW)
def version_page(request: ScopedRequest, version_id: int) -> HttpResponse:
    """One frozen version: its hash, its files, the manual as it was frozen."""
    version = version_of(request.scope, version_id)
    problems: list[Problem] = []
    manual, values = None, values_of(None)
    try:
        manual, values = manual_of(loaded(version)), values_of(loaded(version))
    except MinpingError as error:
        problems = list(error.problems)
    if wants_export(request):
        return export_response(request, exports.VALUES, exports.value_rows(values))
    context = {
        "version": version,
        "files": file_hashes(version.files),
        "problems": lines(problems),
        "manual": manual,
        "values": values,
        "missing": [value for value in values if value.state == "unfilled"],
        "own_values": [(value, version.values[value.id]) for value in values if value.id in version.values],
        "chapters": chapters(manual),
        "may_freeze": request.scope.may_everywhere(FREEZE),
    }
    return render(request, "schemes/version.html", context)


@page(VIEW)
def version_package(request: ScopedRequest, version_id: int) -> HttpResponse:
    """The frozen files as an archive: what `minping assess` reads, to recompute a result."""
    version = version_of(request.scope, version_id)
    name = f"{version.scheme_id}-{version.version}-r{version.revision}.zip"
    return file_response(_zipped(version.scheme_id, version.files), name, "application/zip")


@page(VIEW)
def library_package(request: ScopedRequest, scheme_id: str) -> HttpResponse:
    """The files of the library as they are now: to read, to try, to write an own scheme from."""
    entry = entry_of(request.scope, scheme_id)
    version = f"-{entry.loaded.scheme.version}" if entry.loaded else ""
    content = _zipped(scheme_id, package_of(scheme_id))
    return file_response(content, f"{scheme_id}{version}.zip", "application/zip")


def _zipped(scheme_id: str, files: Mapping[str, str]) -> bytes:
    """A library with this one scheme; equal files make equal bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            home = "" if path == DISCLOSURE else f"{scheme_id}/"
            archive.writestr(zipfile.ZipInfo(f"{home}{path}", (2000, 1, 1, 0, 0, 0)), text)
    return content.getvalue()


@page(VIEW)
def compare(request: ScopedRequest, version_id: int) -> HttpResponse:
    """What changed from another frozen version to this one, or from this one to the library of today."""
    version = version_of(request.scope, version_id)
    others = list(scheme_versions(request.scope).filter(scheme_id=version.scheme_id).exclude(pk=version.pk))
    wanted = request.GET.get("with", "")
    earlier = [one for one in others if one.pk < version.pk]
    other = next((one for one in others if str(one.pk) == wanted), earlier[0] if earlier else None)
    with_library = wanted == LIBRARY or other is None
    changes, problems = _compared(request, version, None if with_library else other)
    if wants_export(request):
        return export_response(request, exports.CHANGES, exports.change_rows(changes))
    context = {
        "version": version, "others": others, "other": other, "with_library": with_library,
        "changes": changes, "problems": lines(problems),
        "library": entry_of(request.scope, version.scheme_id) if in_library(version.scheme_id) else None,
    }  # fmt: skip
    return render(request, "schemes/compare.html", context)


def _compared(
    request: ScopedRequest, version: SchemeVersion, other: SchemeVersion | None
) -> tuple[list[ChangeLine], list[Problem]]:
    """With another version it is the later one; with the library it is the earlier one."""
    try:
        here = loaded(version)
        if other is not None:
            return differences(loaded(version_of(request.scope, other.pk)), here), []
        entry = entry_of(request.scope, version.scheme_id) if in_library(version.scheme_id) else None
        if entry is None or entry.loaded is None:
            return [], list(entry.problems) if entry else []
        return differences(here, entry.loaded), []
    except MinpingError as error:
        return [], list(error.problems)


@page(FREEZE, methods=("GET", "POST"))
def pilot_end(request: ScopedRequest, version_id: int) -> HttpResponse:
    """The pilot is over; asked once more, since the ledger keeps it."""
    version = version_of(request.scope, version_id)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            end_pilot(request.scope, version.pk)
        except MinpingError as error:
            problems = list(error.problems)
        else:
            messages.success(request, _("The pilot has ended; the version serves in earnest now."))
            return redirect("schemes:version", version.pk)
    context = {"version": version, "problems": lines(problems)}
    return render(request, "schemes/end_pilot.html", context, status=422 if problems else 200)
