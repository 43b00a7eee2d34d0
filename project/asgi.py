"""What an ASGI server runs: pages by Django, live pages' sockets by streamsync_django."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
pages = get_asgi_application()

# Only now: it reads models, and those exist once Django is set up.
from streamsync_django.routing import websocket_application  # noqa: E402

application = ProtocolTypeRouter({"http": pages, "websocket": websocket_application()})
