"""The site's admin: applications with their layouts, revisions and live sessions."""

from django.contrib import admin

from streamsync_django.admin.applications import ApplicationAdmin
from streamsync_django.models import Application

admin.site.register(Application, ApplicationAdmin)
