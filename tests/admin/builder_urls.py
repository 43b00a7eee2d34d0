"""Addresses of a site that has a Builder."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from streamsync_django.urls import urlpatterns as of_applications


def builder(request: HttpRequest, slug: str) -> HttpResponse:
    """Stand where the Builder will."""
    return HttpResponse(slug)


urlpatterns = [
    path("admin/", admin.site.urls),
    path(
        "", include(([*of_applications, path("<slug:slug>/builder/", builder, name="builder")], "streamsync"))
    ),
]
