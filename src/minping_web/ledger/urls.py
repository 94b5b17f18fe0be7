"""Addresses of the log. Below `/log/` lies what outsiders check, in the form of C2SP tlog-tiles."""

from django.urls import path

from minping_web.ledger.views import outside, public, staff

app_name = "ledger"
urlpatterns = [
    path("ledger/", staff.overview, name="overview"),
    path("ledger/entries/", staff.entries, name="entries"),
    path("ledger/open/", staff.open_records, name="open"),
    path("ledger/witnesses/", outside.witnesses, name="witnesses"),
    path("ledger/witnesses/add/", outside.witness_add, name="witness_add"),
    path("ledger/witnesses/<int:witness_id>/remove/", outside.witness_remove, name="witness_remove"),
    path("ledger/witnesses/cosignature/", outside.cosignature, name="cosignature"),
    path("ledger/anchors/", outside.anchors, name="anchors"),
    path("ledger/anchors/request/", outside.stamp_request, name="stamp_request"),
    path("ledger/anchors/answer/", outside.stamp_answer, name="stamp_answer"),
    path("log/", public.about, name="about"),
    path("log/paper", public.paper, name="paper"),
    path("log/policy", public.policy, name="policy"),
    path("log/timestamps/<int:size>.<str:part>", public.timestamp, name="timestamp"),
    path("log/key", public.key, name="key"),
    path("log/checkpoint", public.checkpoint, name="checkpoint"),
    path("log/tile/<path:path>", public.tile, name="tile"),
    path("log/<int:number>/checkpoint", public.checkpoint, name="checkpoint_of"),
    path("log/<int:number>/tile/<path:path>", public.tile, name="tile_of"),
    path("log/succession/<int:number>", public.succession, name="succession"),
]
