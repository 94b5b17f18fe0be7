"""Addresses of ballots. `/v/` is short because it travels in messages."""

from django.urls import path

from minping_web.ballots.views import (
    custody,
    custody_closing,
    handover,
    open_link,
    paper,
    reading,
    reports,
    voting,
)

app_name = "ballots"
urlpatterns = [
    path("v/", voting.enter, name="enter"),
    path("v/<str:token>/", voting.vote, name="vote"),
    path("report/pressure/", reports.pressure, name="pressure"),
    path("report/problem/", reports.problem, name="problem"),
    path("reports/pressure/", reading.pressure_list, name="pressure_list"),
    path("reports/pressure/<uuid:report_id>/", reading.pressure_page, name="pressure_page"),
    path("reports/pressure/<uuid:report_id>/mark/", reading.pressure_mark, name="pressure_mark"),
    path("reports/problems/", reading.problem_list, name="problem_list"),
    path("reports/problems/<uuid:report_id>/", reading.problem_page, name="problem_page"),
    path("reports/problems/<uuid:report_id>/mark/", reading.problem_mark, name="problem_mark"),
    path("paper/", paper.paper_list, name="paper"),
    path("paper/<int:round_id>/", paper.paper_overview, name="paper_round"),
    path("paper/<int:round_id>/key/", paper.paper_key, name="paper_key"),
    path("paper/<int:round_id>/different/", paper.paper_different, name="paper_different"),
    path("paper/<int:round_id>/count/", paper.paper_count, name="paper_count"),
    path("paper/<int:round_id>/bundles/<int:bundle_id>/shredded/", paper.paper_shred, name="paper_shred"),
    path("paper/sheets/<uuid:sheet_id>/", paper.paper_decide, name="paper_decide"),
    path("o/<str:code>/", open_link.answer, name="open"),
    path("open-links/", open_link.link_list, name="open_links"),
    path("open-links/<int:round_id>/", open_link.link_page, name="open_link"),
    path("open-links/<int:round_id>/poster/", open_link.poster, name="open_poster"),
    path("custodians/", custody.custodians, name="custodians"),
    path("custodians/make/", custody.custodian_make, name="custodian_make"),
    path("custodians/drill/", custody.custodian_drill, name="custodian_drill"),
    path("custodians/<int:custodian_id>/retire/", custody.custodian_retire, name="custodian_retire"),
    path(
        "custodians/<int:custodian_id>/handover/<int:round_id>/", handover.key_handover, name="key_handover"
    ),
    path(
        "custodians/handover/<int:round_id>/withdraw/", handover.handover_withdraw, name="handover_withdraw"
    ),
    path("closing/<int:round_id>/", custody_closing.closing_state, name="closing"),
    path("closing/<int:round_id>/start/", custody_closing.closing_start, name="closing_start"),
    path("closing/<int:round_id>/count/", custody_closing.closing_count, name="closing_count"),
    path("closing/<int:round_id>/key/", custody_closing.closing_key, name="closing_key"),
]
