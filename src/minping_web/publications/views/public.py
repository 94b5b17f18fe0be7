"""For everybody: what was published, round by round, with every file, its hash and its entry in the log."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe

from minping_web.assessments.rules.words import page_language
from minping_web.common.edit_pages import paged
from minping_web.common.pages import ScopedRequest, page
from minping_web.publications.rules.facts import facts_since
from minping_web.publications.rules.hashes import marked
from minping_web.publications.selectors.contested import contested, previewed_rounds
from minping_web.publications.selectors.public import (
    content_of,
    has_count,
    page_part,
    proof_of,
    public_file,
    public_files,
    public_publication,
    public_publications,
    sealed_in,
)

ROUNDS = 12
"""On one page: three years of quarters."""
OPEN = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8",
         "md": "text/plain; charset=utf-8"}  # fmt: skip


@page(public=True)
def published_list(request: ScopedRequest) -> HttpResponse:
    """All publications, corrected ones too."""
    return render(
        request, "publications/public_list.html", {"page_obj": paged(request, public_publications())}
    )


@page(public=True)
def objections_counted(request: ScopedRequest) -> HttpResponse:
    """Of every round that was previewed how many objected and how it ended."""
    shown = Paginator(previewed_rounds(), ROUNDS).get_page(request.GET.get("page"))
    context = {"page_obj": shown, "rounds": contested(list(shown))}
    return render(request, "publications/contested.html", context)


@page(public=True)
def published(request: ScopedRequest, publication_id: int) -> HttpResponse:
    """One publication: the page as it was published, within the frame of the site."""
    found = public_publication(publication_id)
    part = page_part(found, page_language())
    context = {
        "found": found,
        # The file was made by our own template, which escapes; its bytes are those that the ledger holds.
        "part": mark_safe(marked(part)) if part else "",
        "correction": getattr(found, "corrected_by", None) if not found.is_current else None,
        "since": facts_since(found.pk) if found.is_current else [],
        "files": public_files(found),
        "sealed": sealed_in(found),
        "has_count": has_count(found),
    }
    return render(request, "publications/public.html", context, status=200 if part else 500)


@page(public=True)
def published_file(request: ScopedRequest, publication_id: int, name: str) -> HttpResponse:
    """A file as it was published; refused where its bytes are others now."""
    file = public_file(public_publication(publication_id), name)
    content = content_of(file)
    if content is None:
        return render(request, "publications/damaged.html", {"file": file}, status=500)
    kind = TYPES.get(file.path.rpartition(".")[2], "application/octet-stream")
    response = HttpResponse(content, content_type=kind, headers=OPEN)
    short = file.name.replace("/", "-")
    disposition = content_disposition_header(True, f"publication-{publication_id}-{short}")
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response


@page(public=True)
def published_record(request: ScopedRequest, publication_id: int) -> HttpResponse:
    """The line that opens the ledger's entry; 404 until the entry has its index."""
    sealed = sealed_in(public_publication(publication_id))
    if sealed is None:
        raise Http404
    return HttpResponse(sealed.opened, content_type="application/x-ndjson; charset=utf-8", headers=OPEN)


@page(public=True)
def published_proof(request: ScopedRequest, publication_id: int) -> HttpResponse:
    """The proof that the log holds the entry; 404 until a checkpoint covers it."""
    proof = proof_of(public_publication(publication_id))
    if proof is None:
        raise Http404
    return JsonResponse(proof, headers=OPEN)
