"""Addresses of appraisals, all below /appraisals/ but the one that travels on paper: `/r/`."""

from django.urls import include, path

from minping_web.appraisals.imports import VALUE_IMPORT
from minping_web.appraisals.views import calls, evidence, links, mine, rounds
from minping_web.common.import_flow import import_urls

app_name = "appraisals"
urlpatterns = [
    path("appraisals/", rounds.round_list, name="list"),
    path("appraisals/without-survey/", rounds.without_survey, name="without_survey"),
    path("appraisals/mine/", mine.mine, name="mine"),
    path("appraisals/mine/<int:rater_id>/", mine.sheet, name="sheet"),
    path("appraisals/rounds/<int:round_id>/", rounds.round_page, name="round"),
    path("appraisals/rounds/<int:round_id>/calls/new/", calls.call_new, name="call_new"),
    path("appraisals/rounds/<int:round_id>/values/", evidence.value_list, name="values"),
    path("appraisals/rounds/<int:round_id>/values/new/", evidence.value_edit, name="value_new"),
    path("appraisals/rounds/<int:round_id>/values/known/", evidence.take_known, name="take_known"),
    path("appraisals/rounds/<int:round_id>/values/<int:value_id>/", evidence.value_edit, name="value"),
    path(
        "appraisals/rounds/<int:round_id>/values/<int:value_id>/remove/",
        evidence.value_remove,
        name="value_remove",
    ),
    path("appraisals/rounds/<int:round_id>/findings/new/", evidence.finding_new, name="finding_new"),
    path("appraisals/rounds/<int:round_id>/workbook.xlsx", evidence.book_template, name="book_template"),
    path("appraisals/rounds/<int:round_id>/workbook/", evidence.book_upload, name="book_upload"),
    path("appraisals/rounds/<int:round_id>/close/", rounds.seal_page, name="seal"),
    path("appraisals/findings/<int:finding_id>/", evidence.finding_page, name="finding"),
    path(
        "appraisals/findings/<int:finding_id>/take-back/",
        evidence.finding_take_back,
        name="finding_take_back",
    ),
    path("appraisals/calls/<int:call_id>/", calls.call_page, name="call"),
    path("appraisals/calls/<int:call_id>/raters/", calls.raters_add, name="raters_add"),
    path("appraisals/calls/<int:call_id>/days/", calls.call_days, name="call_days"),
    path("appraisals/calls/<int:call_id>/reminded/", calls.reminded, name="reminded"),
    path(
        "appraisals/calls/<int:call_id>/raters/<int:rater_id>/remove/",
        calls.rater_remove,
        name="rater_remove",
    ),
    path("appraisals/calls/<int:call_id>/links/", links.links_new, name="links_new"),
    path("appraisals/calls/<int:call_id>/links/<int:rater_id>/", links.link_anew, name="link_anew"),
    path(
        "appraisals/calls/<int:call_id>/links/<int:rater_id>/revoke/", links.link_revoke, name="link_revoke"
    ),
    path("r/<str:token>/", links.by_link, name="by_link"),
    path("appraisals/", include(import_urls(VALUE_IMPORT))),
]
