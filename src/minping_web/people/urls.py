"""Addresses of people: route names and the pages behind them."""

from django.urls import path

from minping_web.common.import_flow import import_urls
from minping_web.people.imports import CERTIFICATE_IMPORT, PEOPLE_IMPORT, POSTING_IMPORT, SKILL_IMPORT
from minping_web.people.views import directory, postings, work

app_name = "people"
urlpatterns = [
    path("", directory.people_list, name="list"),
    path("add/", directory.person_add, name="add"),
    path("<int:pk>/", directory.person_detail, name="detail"),
    path("<int:pk>/edit/", directory.person_edit, name="edit"),
    path("<int:pk>/phone/", directory.phone_edit, name="phone"),
    path("<int:pk>/forget/", directory.person_forget, name="forget"),
    path("<int:pk>/move/", postings.move, name="move"),
    path("<int:pk>/skills/", directory.grade_edit, name="grade"),
    path("<int:pk>/stand-ins/add/", directory.stand_in_add, name="stand_in_add"),
    path("<int:pk>/certificates/add/", directory.certificate_add, name="certificate_add"),
    path(
        "<int:pk>/certificates/<int:certificate>/verify/",
        directory.certificate_verify,
        name="certificate_verify",
    ),
    path(
        "<int:pk>/certificates/<int:certificate>/remove/",
        directory.certificate_remove,
        name="certificate_remove",
    ),
    path("postings/", postings.posting_list, name="postings"),
    path("postings/add/", postings.posting_add, name="posting_add"),
    path("postings/<int:pk>/edit/", postings.posting_edit, name="posting_edit"),
    path("postings/<int:pk>/remove/", postings.posting_remove, name="posting_remove"),
    path("vacancies/", postings.vacancy_list, name="vacancies"),
    path("load/", postings.load_page, name="load"),
    path("handovers/", postings.handover_list, name="handovers"),
    path("handovers/<int:pk>/", postings.handover_page, name="handover"),
    path("skills/", work.skill_page, name="skills"),
    path("skills/add/", work.skill_edit, name="skill_add"),
    path("skills/<int:pk>/edit/", work.skill_edit, name="skill_edit"),
    path("certificates/", work.certificate_list, name="certificates"),
    path("positions/", work.position_list, name="positions"),
    path("positions/presets/", work.presets, name="presets"),
    path("positions/add/", work.position_edit, name="position_add"),
    path("positions/<int:pk>/", work.position_page, name="position"),
    path("positions/<int:pk>/edit/", work.position_edit, name="position_edit"),
    path("positions/<int:pk>/revise/", work.description_revise, name="position_revise"),
    path("ranks/add/", work.rank_edit, name="rank_add"),
    path("ranks/<int:pk>/edit/", work.rank_edit, name="rank_edit"),
    path("mine/", work.mine, name="mine"),
    path("corrections/", work.correction_list, name="corrections"),
    path("corrections/<int:pk>/", work.correction_answer, name="correction"),
    *import_urls(PEOPLE_IMPORT),
    *import_urls(POSTING_IMPORT),
    *import_urls(CERTIFICATE_IMPORT),
    *import_urls(SKILL_IMPORT),
]
