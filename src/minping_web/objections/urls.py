"""Addresses of objections, all below /objections/."""

from django.urls import path

from minping_web.objections.views import objections, own, previews, registers

app_name = "objections"
RUN = "objections/results/<int:assessment_id>/"
ONE = "objections/<int:objection_id>/"
urlpatterns = [
    path("objections/", registers.objection_list, name="list"),
    path("objections/mine/", own.mine, name="mine"),
    path("objections/mine/<int:result_id>/new/", own.mine_new, name="mine_new"),
    path("objections/place/", own.place, name="place"),
    path("objections/place/<int:preview_id>/new/", own.place_new, name="place_new"),
    path("objections/check/", own.check_list, name="to_check"),
    path("objections/results/", previews.preview_list, name="previews"),
    path(RUN, previews.preview_page, name="preview"),
    path(RUN + "open/", previews.preview_open, name="open"),
    path(RUN + "correct/", previews.preview_correct, name="correct"),
    path(RUN + "difference/", previews.difference, name="difference"),
    path(RUN + "exclude/", previews.exclusion_new, name="exclusion_new"),
    path("objections/exclusions/", registers.exclusion_list, name="exclusions"),
    path("objections/exclusions/<int:exclusion_id>/", registers.exclusion_page, name="exclusion"),
    path("objections/exclusions/<int:exclusion_id>/appeal/", registers.appeal_new, name="appeal_new"),
    path("objections/appeals/<int:appeal_id>/answer/", registers.appeal_answer, name="appeal_answer"),
    path("objections/evidence/<int:evidence_id>/", objections.evidence_file, name="evidence"),
    path(ONE, objections.objection_page, name="objection"),
    path(ONE + "evidence/", objections.evidence_add, name="evidence_add"),
    path(ONE + "withdraw/", objections.objection_withdraw, name="withdraw"),
    path(ONE + "check/", objections.objection_check, name="check"),
    path(ONE + "decide/", objections.objection_decide, name="decide"),
    path(ONE + "reopen/", objections.objection_reopen, name="reopen"),
]
