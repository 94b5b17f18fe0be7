"""Maps: tiles and outlines for staff, the published map for everyone, what is published, outline files."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_web.common.clock import today
from minping_web.common.edit_pages import paged
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.common.scope import within
from minping_web.places.forms import OutlineForm
from minping_web.places.models import AreaOutline, MapPublication
from minping_web.places.rules.covariates import CHOICES, COVARIATE_OF
from minping_web.places.rules.levels import Level
from minping_web.places.selectors import maps as select
from minping_web.places.selectors import public_map as public
from minping_web.places.selectors.areas import VIEW, area_for, children_of
from minping_web.places.services.areas import EDIT
from minping_web.places.services.outlines import Origin, import_outlines, remove_outline
from minping_web.places.services.publication import FLAGS, publish_map

COLOURS = [("class", gettext_lazy("Class")), ("households", gettext_lazy("Household rule")), *CHOICES]
PUBLISHABLE = (Level.STREET, Level.COMMUNITY, Level.GRID, Level.RESPONSIBILITY_AREA)


@page(VIEW)
def area_map(request: ScopedRequest) -> HttpResponse:
    """The tile map of `?under=`, coloured by `?colour=`; outlines above it where there are any."""
    wanted, colour = request.GET.get("under", ""), request.GET.get("colour", "class")
    around = area_for(request.scope, int(wanted)) if wanted.isdecimal() and len(wanted) < 12 else None
    if colour not in dict(COLOURS):
        colour = "class"
    tiles = select.tile_map(request.scope, around, colour, today())
    inside = list(children_of(around, today())) if around else [row[0] for row in tiles.rows]
    figure = COVARIATE_OF.get(colour)
    context = {
        "around": around,
        "tiles": tiles,
        "outlines": select.outline_map(inside, colour, public=False),
        "colours": COLOURS,
        "colour": colour,
        "colour_label": dict(COLOURS)[colour],
        "unit": figure.unit if figure else "",
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "places/map.html", context)


@page(public=True)
def public_map(request: ScopedRequest) -> HttpResponse:
    """The published grid map (S80): areas and responsible persons as the district chose, nothing else."""
    text = request.GET.get("q", "").strip().replace("\x00", "")[:60]
    wanted = request.GET.get("under", "")
    under = int(wanted) if wanted.isdecimal() and len(wanted) < 12 else None
    around = public.published_area(under, today())
    groups = [] if text else public.groups_in(around, today())
    rows = public.found_by(text, today()) if text else public.inside(around, today())
    shown = paged(request, rows.none() if groups else rows)
    drawn = [area for _street, areas in groups for area in areas] or list(shown.object_list)
    levels = public.published_levels()
    context = {
        "published": bool(levels),
        "text": text,
        "around": next(iter(public.public_entries([around], today())), None) if around else None,
        "groups": groups,
        "page": shown,
        "entries": public.public_entries(list(shown.object_list), today()),
        "outlines": select.outline_map(drawn, "class", public=True),
        "sheets": public.public_sheets(groups),
        "with_people": any(row.names for row in levels.values()),
    }
    return render(request, "places/public_map.html", context)


@page(EDIT, methods=("GET", "POST"))
def map_publication(request: ScopedRequest) -> HttpResponse:
    """What the public map shows; only for those who hold the right everywhere."""
    if not request.scope.reach(EDIT).whole:
        raise Http404
    if request.method == "POST":
        wanted = {
            str(level): {flag: f"{level}-{flag}" in request.POST for flag in FLAGS} for level in PUBLISHABLE
        }
        publish_map(request.scope, wanted)
        messages.success(request, _("The public map follows this choice from now on."))
        return redirect("places:publication")
    stored = {row.level: row for row in MapPublication.objects.all()}
    rows = [
        {"level": level.value, "label": level.label, "row": stored.get(level.value)} for level in PUBLISHABLE
    ]
    return render(request, "places/publication.html", {"rows": rows})


@page(EDIT, methods=("GET", "POST"))
def outlines_import(request: ScopedRequest) -> HttpResponse:
    """Upload a GeoJSON file; all faults at once, or one change set."""
    form = OutlineForm(request.POST or None, request.FILES or None)
    problems = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        origin = Origin(data["datum"], data["source"], data["approval_number"])
        try:
            made = import_outlines(
                request.scope, data["file"].read(), origin, file_name=data["file"].name[-120:]
            )
        except RefusedError as refusal:
            problems = lines(refusal.problems)
        else:
            if made is None:
                messages.info(request, _("These outlines stood there already; nothing was changed."))
                return redirect("places:map")
            return redirect("changes:detail", made.pk)
    status = 422 if problems or form.errors else 200
    return render(request, "places/outlines.html", {"form": form, "problems": problems}, status=status)


@page(EDIT, methods=("GET", "POST"))
def outline_remove(request: ScopedRequest, area_id: int) -> HttpResponse:
    """Ask, then take an outline out."""
    rows = within(AreaOutline.objects.all(), request.scope, EDIT, "area__path")
    outline = get_object_or_404(rows.select_related("area"), area_id=area_id)
    if request.method == "POST":
        remove_outline(request.scope, outline)
        messages.success(request, _("The outline was removed; you can undo it under Changes."))
        return redirect("places:detail", area_id)
    return render(request, "places/outline_remove.html", {"outline": outline})
