"""Addresses of organisations and contracts."""

from django.urls import path

from minping_web.common.import_flow import import_urls
from minping_web.organisations import views
from minping_web.organisations.imports import CONTRACT_IMPORT, ORGANISATION_IMPORT

app_name = "organisations"
urlpatterns = [
    path("", views.organisation_list, name="list"),
    path("own/", views.own, name="own"),
    path("add/", views.organisation_add, name="add"),
    path("<int:pk>/", views.organisation_detail, name="detail"),
    path("<int:pk>/edit/", views.organisation_edit, name="edit"),
    path("<int:pk>/end/", views.organisation_end, name="end"),
    path("<int:pk>/contacts/add/", views.contact_add, name="contact_add"),
    path("<int:pk>/contacts/<uuid:contact>/remove/", views.contact_remove, name="contact_remove"),
    path("contracts/", views.contract_list, name="contracts"),
    path("contracts/add/", views.contract_add, name="contract_add"),
    path("contracts/<int:pk>/", views.contract_detail, name="contract"),
    path("contracts/<int:pk>/edit/", views.contract_edit, name="contract_edit"),
    path("contracts/<int:pk>/remove/", views.contract_delete, name="contract_delete"),
    *import_urls(ORGANISATION_IMPORT),
    *import_urls(CONTRACT_IMPORT),
]
