"""All addresses. Each app brings its own; the prefix of `/live/` decides which half serves it.

Probes (`/healthz`, `/readyz`, `/metrics`) are answered before the addresses, by `site.middleware`.
"""

from django.conf import settings
from django.urls import include, path

from minping_web.channels.views.public import is_real, stop
from minping_web.places.views.maps import public_map
from minping_web.site import views
from minping_web.site.search import search
from minping_web.site.views_styleguide import styleguide
from minping_web.site.views_years import record, record_year
from minping_web.site.wiring import wire

wire()

urlpatterns = [
    path("", include("minping_web.ballots.urls")),  # first: no other page is asked for so often at once
    path("", views.home, name="home"),
    path("search/", search, name="search"),
    path("record/", record, name="record"),
    path("record/minping-<int:year>.zip", record_year, name="record_year"),
    path("language/", views.choose_language, name="language"),
    path("styleguide/", styleguide, name="styleguide"),
    path("accounts/", include("minping_web.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("access/", include("minping_web.access.urls")),
    path("approvals/", include("minping_web.common.approval_pages")),
    path("", include("minping_web.jobs.urls")),
    path("", include("minping_web.ledger.urls")),
    path("places/", include("minping_web.places.urls")),
    path("people/", include("minping_web.people.urls")),
    path("organisations/", include("minping_web.organisations.urls")),
    path("map/", public_map, name="public_map"),
    path("changes/", include("minping_web.common.change_pages")),
    path("channels/", include("minping_web.channels.urls")),
    path("real/", is_real, name="real"),
    path("real/stop/", stop, name="stop"),
    path("frames/", include("minping_web.frames.urls")),
    path("", include("minping_web.rounds.urls")),
    path("schemes/", include("minping_web.schemes.urls")),
    path("instruments/", include("minping_web.instruments.urls")),
    path("", include("minping_web.snapshots.urls")),
    path("", include("minping_web.appraisals.urls")),
    path("", include("minping_web.assessments.urls")),
    path("", include("minping_web.objections.urls")),
    path("", include("minping_web.publications.urls")),
    path("", include("minping_web.coaching.urls")),
    path("", include("minping_web.rewards.urls")),
    path("", include("minping_web.results.urls")),
    path("", include("minping_web.choices.urls")),
    path("api/v1/", include("minping_web.site.api.addresses")),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("minping_web.site.demo.urls")))
