"""Addresses of the applications: ``path("", include("streamsync_django.urls"))``, under any prefix."""

from __future__ import annotations

from django.urls import path

from streamsync_django import views
from streamsync_django.extension_view import extension_file
from streamsync_django.health_view import health
from streamsync_django.metrics_view import metrics
from streamsync_django.table_view import table_rows
from streamsync_django.upload_view import upload

app_name = "streamsync"

urlpatterns = [
    path("-/health/", health, name="health"),
    path("-/metrics/", metrics, name="metrics"),
    path("<slug:slug>/", views.page, name="page"),
    path("<slug:slug>/ticket/", views.ticket, name="ticket"),
    path("<slug:slug>/socket/", views.socket, name="socket"),
    path("<slug:slug>/upload/", upload, name="upload"),
    path("<slug:slug>/blob/", views.blob_root, name="blobs"),
    path("<slug:slug>/blob/<str:digest>/", views.blob, name="blob"),
    path("<slug:slug>/blob/<str:digest>/rows/", table_rows, name="table-rows"),
    path("<slug:slug>/static/<path:path>", views.static, name="static"),
    path("<slug:slug>/extensions/<path:path>", extension_file, name="extension"),
]
