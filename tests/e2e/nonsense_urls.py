"""The demo site's addresses, with its static files while debugging is off."""

from django.contrib.staticfiles.views import serve
from django.urls import path

from project.urls import urlpatterns as of_the_site

urlpatterns = [path("static/<path:path>", serve, {"insecure": True}), *of_the_site]
