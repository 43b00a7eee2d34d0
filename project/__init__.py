"""The demo site: streamsync_django in a Django project as anybody would write it."""
