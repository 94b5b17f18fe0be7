"""Addresses of organisations and contracts."""

from django.urls import path

from minping_web.common.import_flow import import_urls
from minping_web.organisations.imports import CONTRACT_IMPORT, ORGANISATION_IMPORT
from minping_web.organisations.views import bodies, contracts

app_name = "organisations"
urlpatterns = [
    path("", bodies.organisation_list, name="list"),
    path("own/", bodies.own, name="own"),
    path("add/", bodies.organisation_add, name="add"),
    path("<int:pk>/", bodies.organisation_detail, name="detail"),
    path("<int:pk>/edit/", bodies.organisation_edit, name="edit"),
    path("<int:pk>/end/", bodies.organisation_end, name="end"),
    path("<int:pk>/contacts/add/", bodies.contact_add, name="contact_add"),
    path("<int:pk>/contacts/<uuid:contact>/remove/", bodies.contact_remove, name="contact_remove"),
    path("contracts/", contracts.contract_list, name="contracts"),
    path("contracts/add/", contracts.contract_add, name="contract_add"),
    path("contracts/<int:pk>/", contracts.contract_detail, name="contract"),
    path("contracts/<int:pk>/edit/", contracts.contract_edit, name="contract_edit"),
    path("contracts/<int:pk>/remove/", contracts.contract_delete, name="contract_delete"),
    *import_urls(ORGANISATION_IMPORT),
    *import_urls(CONTRACT_IMPORT),
]
