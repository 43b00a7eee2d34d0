"""The component types that an application may use: the built-in ones and its own."""

from __future__ import annotations

from streamsync_django.core.catalogue import Catalogue, load_catalogue
from streamsync_django.core.extensions import read_extensions
from streamsync_django.locations import application_locations, folder_of_location


def catalogue_of(slug: str) -> Catalogue:
    """Return the catalogue of an application; the built-in one for an application that the site does not have."""
    folder = folder_of_location(application_locations().get(slug, ""))
    return load_catalogue() if folder is None else read_extensions(folder).catalogue
