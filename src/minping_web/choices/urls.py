"""Addresses of choices, all below /choices/."""

from django.urls import path

from minping_web.choices.views import back, carrying, choices, own, results, sides

app_name = "choices"
urlpatterns = [
    path("choices/", choices.choice_list, name="list"),
    path("choices/new/", choices.choice_new, name="new"),
    path("choices/mine/", own.own_list, name="mine"),
    path("choices/mine/<int:choice_id>/", own.own_page, name="own"),
    path("choices/back/", back.back_list, name="back_list"),
    path("choices/back/<int:grid_id>/", back.back_page, name="back"),
    path("choices/<int:choice_id>/", choices.choice_page, name="choice"),
    path("choices/<int:choice_id>/edit/", choices.choice_edit, name="edit"),
    path("choices/<int:choice_id>/drop/", choices.choice_drop, name="drop"),
    path("choices/<int:choice_id>/post/", choices.choice_post, name="post"),
    path("choices/<int:choice_id>/call-off/", choices.choice_call_off, name="call_off"),
    path("choices/<int:choice_id>/value/", choices.choice_value, name="value"),
    path("choices/<int:choice_id>/extend/", choices.choice_extend, name="extend"),
    path("choices/<int:choice_id>/match/", choices.choice_match, name="match"),
    path("choices/<int:choice_id>/agree/", choices.choice_agree, name="agree"),
    path("choices/<int:choice_id>/grids/", sides.grid_list, name="grids"),
    path("choices/<int:choice_id>/grids/add/", sides.grid_add, name="grid_add"),
    path("choices/<int:choice_id>/grids/<int:grid_id>/", sides.grid_edit, name="grid_edit"),
    path("choices/<int:choice_id>/grids/<int:grid_id>/remove/", sides.grid_remove, name="grid_remove"),
    path("choices/<int:choice_id>/people/", sides.candidate_list, name="candidates"),
    path("choices/<int:choice_id>/people/add/", sides.candidate_add, name="candidate_add"),
    path(
        "choices/<int:choice_id>/people/<int:candidate_id>/remove/",
        sides.candidate_remove,
        name="candidate_remove",
    ),
    path("choices/<int:choice_id>/result/", results.result_page, name="result"),
    path("choices/<int:choice_id>/protocol/", results.protocol_page, name="protocol"),
    path("choices/<int:choice_id>/protocol/<slug:language>.pdf", results.paper, name="paper"),
    path("choices/<int:choice_id>/mediate/", results.mediate, name="mediate"),
    path("choices/<int:choice_id>/carry-out/", carrying.carry_out, name="carry_out"),
    path("choices/mediations/<int:mediation_id>/", results.mediation_page, name="mediation"),
    path("choices/mediations/<int:mediation_id>/sign/<int:signature_id>/", results.sign, name="sign"),
    path(
        "choices/mediations/<int:mediation_id>/sign-own/<int:signature_id>/",
        results.sign_own,
        name="sign_own",
    ),
    path("choices/mediations/<int:mediation_id>/refuse/<int:signature_id>/", results.refuse, name="refuse"),
]
