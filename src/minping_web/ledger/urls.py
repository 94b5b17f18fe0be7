"""Addresses of the log. Below `/log/` lies what outsiders check, in the form of C2SP tlog-tiles."""

from django.urls import path

from minping_web.ledger.views import public, staff

app_name = "ledger"
urlpatterns = [
    path("ledger/", staff.overview, name="overview"),
    path("ledger/entries/", staff.entries, name="entries"),
    path("ledger/open/", staff.open_records, name="open"),
    path("log/", public.about, name="about"),
    path("log/key", public.key, name="key"),
    path("log/checkpoint", public.checkpoint, name="checkpoint"),
    path("log/tile/<path:path>", public.tile, name="tile"),
    path("log/<int:number>/checkpoint", public.checkpoint, name="checkpoint_of"),
    path("log/<int:number>/tile/<path:path>", public.tile, name="tile_of"),
    path("log/succession/<int:number>", public.succession, name="succession"),
]
