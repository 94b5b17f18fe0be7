"""Addresses of accounts. They stand before the sign-in library's own, so what is closed here stays closed."""

from django.urls import include, path, re_path

from minping_web.accounts import views

own = (
    [
        path("users/", views.users, name="users"),
        path("users/new/", views.new_user, name="new_user"),
        path("users/<int:user_id>/", views.user_page, name="user"),
        path("users/<int:user_id>/subject/", views.user_subject, name="user_subject"),
        path("users/<int:user_id>/<slug:act>/", views.user_act, name="user_act"),
        path("sessions/", views.sessions, name="sessions"),
        path("sessions/<int:sign_in_id>/end/", views.end_session, name="end_session"),
        path("sessions/end-others/", views.end_other_sessions, name="end_other_sessions"),
        path("welcome/", views.welcome, name="welcome"),
        path("welcome/<str:token>/", views.welcome_link, name="welcome_link"),
        path("sign-on/", views.sign_on, name="sign_on"),
    ],
    "accounts",
)

CLOSED = (
    r"^signup/",
    r"^email/",
    r"^confirm-email/",
    r"^password/reset/",
    r"^password/set/",
    r"^login/code/",
    r"^3rdparty/",
    r"^social/",
    r"^oidc/[^/]+/login/$",
)
"""Of the library: sign-up, e-mail addresses, recovery by e-mail, links made by users themselves."""

urlpatterns = [
    path("", include(own)),
    re_path(r"^oidc/(?P<provider_id>[^/]+)/login/callback/$", views.sign_on_answer, name="sign_on_answer"),
    *(re_path(pattern, views.closed) for pattern in CLOSED),
]
