"""The demo site's addresses, and its static files, which only a debugging development server brings by itself."""

from django.contrib.staticfiles.views import serve
from django.urls import path

from project.urls import urlpatterns as site

urlpatterns = [path("static/<path:path>", serve, {"insecure": True}), *site]
