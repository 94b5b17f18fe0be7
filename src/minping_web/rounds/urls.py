"""Addresses of rounds, mounted at the root: pages below `/rounds/`, the stream below `/live/`."""

from django.urls import path

from minping_web.rounds.views import accidents, design, disposition_file, inviting, live, rounds

app_name = "rounds"
urlpatterns = [
    path("rounds/", rounds.round_list, name="list"),
    path("rounds/new/", rounds.round_new, name="new"),
    path("rounds/<int:round_id>/", rounds.round_page, name="round"),
    path("rounds/<int:round_id>/edit/", rounds.round_edit, name="edit"),
    path("rounds/<int:round_id>/delete/", rounds.round_delete, name="delete"),
    path("rounds/<int:round_id>/questionnaires/", design.questionnaires_page, name="questionnaires"),
    path("rounds/<int:round_id>/sample/", design.design_page, name="design"),
    path("rounds/<int:round_id>/sample/forecast/", design.forecast_part, name="forecast"),
    path("rounds/<int:round_id>/seed/", rounds.seed_page, name="seed"),
    path("rounds/<int:round_id>/fix/", rounds.fix_page, name="fix"),
    path("rounds/<int:round_id>/fix/again/", rounds.fix_retry, name="fix_again"),
    path("rounds/<int:round_id>/value/", rounds.value_page, name="value"),
    path("rounds/<int:round_id>/draw/again/", rounds.draw_retry, name="draw_again"),
    path("rounds/<int:round_id>/draw/", rounds.draw_download, name="draw"),
    path("rounds/<int:round_id>/draw/protocol/", rounds.draw_protocol, name="protocol"),
    path("rounds/<int:round_id>/open/", rounds.open_page, name="open"),
    path("rounds/<int:round_id>/progress/", live.live_page, name="live"),
    path("rounds/<int:round_id>/areas/", live.area_page, name="areas"),
    path("rounds/<int:round_id>/invitations/", inviting.batch_list, name="batches"),
    path("rounds/<int:round_id>/invitations/new/", inviting.send_page, name="send"),
    path("rounds/<int:round_id>/invitations/<int:batch_id>/revoke/", inviting.batch_revoke, name="revoke"),
    path("rounds/<int:round_id>/invitations/print/", inviting.print_page, name="print"),
    path("rounds/<int:round_id>/household/", inviting.house_page, name="house"),
    path(
        "rounds/<int:round_id>/household/<uuid:invitation_id>/new-code/",
        inviting.house_reissue,
        name="reissue",
    ),
    path("rounds/<int:round_id>/fieldwork/", inviting.dispositions_page, name="dispositions"),
    path("rounds/<int:round_id>/fieldwork/file/", disposition_file.form_page, name="file"),
    path(
        "rounds/<int:round_id>/fieldwork/file/template.xlsx",
        disposition_file.template_page,
        name="file_template",
    ),
    path(
        "rounds/<int:round_id>/fieldwork/file/<int:draft_id>/", disposition_file.draft_page, name="file_draft"
    ),
    path("rounds/<int:round_id>/replacements/", inviting.reserves_page, name="reserves"),
    path("rounds/<int:round_id>/history/", accidents.history, name="history"),
    path("rounds/<int:round_id>/history/<slug:kind>/", accidents.accident, name="accident"),
    path("live/rounds/<int:round_id>", live.live_stream, name="stream"),
]
