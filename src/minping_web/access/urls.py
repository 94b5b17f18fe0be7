"""Addresses of access: route names and the pages behind them."""

from django.urls import path

from minping_web.access import views

app_name = "access"
urlpatterns = [
    path("grants/", views.grants, name="grants"),
    path("grants/new/", views.new_grant, name="new_grant"),
    path("grants/<int:grant_id>/", views.grant_page, name="grant"),
    path("grants/<int:grant_id>/revoke/", views.revoke, name="revoke"),
    path("grants/<int:grant_id>/delegate/", views.delegate, name="delegate"),
    path("hand-over/", views.hand_over, name="hand_over"),
    path("roles/", views.roles, name="roles"),
    path("keys/", views.keys, name="keys"),
    path("keys/new/", views.new_key, name="new_key"),
    path("keys/<int:key_id>/revoke/", views.revoke_key, name="revoke_key"),
]
