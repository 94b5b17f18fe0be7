"""Addresses of results, all below /results/."""

from django.urls import path

from minping_web.results.views import office, own, spans

app_name = "results"
urlpatterns = [
    path("results/mine/", own.mine, name="mine"),
    path("results/mine/<int:result_id>/", own.own, name="own"),
    path("results/mine/<int:result_id>/why/", own.why, name="why"),
    path("results/mine/<int:result_id>/card.pdf", own.card_file, name="card_pdf"),
    path("results/mine/<int:result_id>/year.pdf", own.year_file, name="year_pdf"),
    path("results/", office.result_list, name="list"),
    path("results/spans/", spans.span_list, name="spans"),
    path("results/<int:publication_id>/spans/<str:name>.pdf", spans.span_file, name="span_pdf"),
    path("results/<int:publication_id>/places/<int:area_id>/", office.place_page, name="place"),
    path("results/<int:publication_id>/places/<int:area_id>/people/", office.people_page, name="people"),
    path(
        "results/<int:publication_id>/places/<int:area_id>/report.docx", office.place_file, name="place_docx"
    ),
    path("results/<int:publication_id>/people/<int:result_id>/", office.person_page, name="person"),
    path(
        "results/<int:publication_id>/people/<int:result_id>/card.pdf", office.person_file, name="person_pdf"
    ),
    path("results/<int:publication_id>/files/<str:name>", office.workbook, name="workbook"),
]
