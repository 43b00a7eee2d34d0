"""A page of the site with two applications in it, one as high as what it shows."""

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from project.urls import urlpatterns as site

SOURCE = """<!doctype html><title>Report</title><link rel="icon" href="data:,"><h1>Report</h1>{% load streamsync %}
{% streamsync "counter" %}{% streamsync "counter" height=222 title="Small" %}"""


def report(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template(SOURCE).render(RequestContext(request)))


urlpatterns = [path("report/", report), *site]
