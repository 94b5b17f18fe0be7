"""All addresses. Each app brings its own; the prefix of `/live/` decides which half serves it."""

from django.urls import include, path

from minping_web.site import views
from minping_web.site.wiring import wire

wire()

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.choose_language, name="language"),
    path("accounts/", include("allauth.urls")),
    path("changes/", include("minping_web.common.change_pages")),
]
