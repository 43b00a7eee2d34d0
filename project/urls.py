"""Addresses of the demo site; the applications answer below their own names."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import URLPattern, URLResolver, include, path

from project.views import document, home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("docs/<slug:name>/", document, name="document"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    # Static files under a bare ASGI server while debugging; a web server's or WhiteNoise's work otherwise.
    *staticfiles_urlpatterns(),
    path("", include("streamsync_django.urls")),
]
