"""Addresses of rewards, all below /rewards/."""

from django.urls import path

from minping_web.rewards.views import exports, lines, mine, periods, sheets

app_name = "rewards"
urlpatterns = [
    path("rewards/", sheets.sheet_list, name="list"),
    path("rewards/mine/", mine.mine, name="mine"),
    path("rewards/mine/<int:reward_line_id>/statement/", mine.own_statement, name="own_statement"),
    path("rewards/exports/", exports.export_log, name="exports"),
    path("rewards/periods/", periods.over_periods, name="periods"),
    path("rewards/money/", periods.money, name="money"),
    path("rewards/people/<int:person_id>/", periods.person, name="person"),
    path("rewards/<int:reward_id>/", sheets.sheet_page, name="sheet"),
    path("rewards/<int:reward_id>/prepare/", sheets.sheet_prepare, name="prepare"),
    path("rewards/<int:reward_id>/back/", sheets.sheet_back, name="back"),
    path("rewards/<int:reward_id>/sign/", sheets.sheet_sign, name="sign"),
    path("rewards/<int:reward_id>/budget/", sheets.sheet_budget, name="budget"),
    path("rewards/<int:reward_id>/supplement/", lines.supplement, name="supplement"),
    path("rewards/<int:reward_id>/export/", exports.sheet_export, name="export"),
    path(
        "rewards/<int:reward_id>/lines/<int:reward_line_id>/withhold/", lines.line_withhold, name="withhold"
    ),
    path("rewards/<int:reward_id>/lines/<int:reward_line_id>/release/", lines.line_release, name="release"),
    path(
        "rewards/<int:reward_id>/lines/<int:reward_line_id>/statement/",
        lines.line_statement,
        name="statement",
    ),
]
