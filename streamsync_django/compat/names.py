"""What names of the original mean while a main.py is being loaded, and advice for those that mean nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from streamsync_django.core.application import loading

#: What to use in place of a name.
INSTEAD: Final[Mapping[str, str]] = {
    "ai": "use the client library of the model you call; a generator handler shows its answer as it comes",
    "app_runner": "Django's server runs applications, in its own processes",
    "auth": "Django knows its users: log in with django.contrib.auth, ask for the `user` argument, "
    "and protect an application's page as any other view",
    "blueprints": "write a handler in main.py",
    "base_cmc_tree": "it exists while main.py is loaded; a handler's `ui.component_tree` has all components",
    "base_component_tree": "it exists while main.py is loaded; a handler's `ui.component_tree` has all components",
    "command_line": "use manage.py",
    "component_manager": "use init_ui() in main.py, or the `ui` argument of a handler",
    "deploy": "deploy it as the Django site it is part of",
    "get_app_process": "there is no process of an application; ask for the `app` argument of a handler",
    "initial_state": "it exists while main.py is loaded; keep what init_state() returns",
    "keyvalue_storage": "use Django's cache or a model",
    "serve": "Django serves the page: put routes into urls.py, middlewares into MIDDLEWARE, and start it "
    "through asgi.py",
    "workflows": "write a handler in main.py",
}


def declared(name: str) -> object | None:
    """Return the initial state, or the components, of the application being loaded; None for other names."""
    application = loading.get()
    if application is None:
        return None
    if name == "initial_state":
        return application.initial_state
    if name in ("base_component_tree", "base_cmc_tree"):
        return application.ui.component_tree
    return None
