"""What tests of layouts share: small trees, and a database that has one of them."""

from collections.abc import Callable
from typing import Any

import pytest

from streamsync_django.core.components import ComponentTree
from streamsync_django.publishing import drafts

RECORDS: dict[str, dict[str, Any]] = {
    "root": {"id": "root", "type": "root", "content": {"appName": "Shop"}, "parentId": None, "position": 0},
    "home": {"id": "home", "type": "page", "content": {"key": "home"}, "parentId": "root", "position": 0},
    "box": {"id": "box", "type": "section", "content": {"title": "Box"}, "parentId": "home", "position": 0},
    "hello": {"id": "hello", "type": "text", "content": {"text": "Hello"}, "parentId": "box", "position": 0},
    "buy": {
        "id": "buy",
        "type": "button",
        "content": {"text": "Buy"},
        "parentId": "box",
        "position": 1,
        "handlers": {"ss-click": "buy"},
    },
    "other": {"id": "other", "type": "section", "content": {}, "parentId": "home", "position": 1},
}


def make_tree(**changes: dict[str, Any]) -> ComponentTree:
    """Return the small shop; `buy={"text": "Sell"}` changes a component's content."""
    records = {
        key: {**record, "content": {**record["content"], **changes.get(key, {})}}
        for key, record in RECORDS.items()
    }
    return ComponentTree.from_records(records)


@pytest.fixture
def shop(db: None) -> str:
    """The name of an application whose draft is the small shop."""
    drafts.begin("shop", make_tree())
    return "shop"


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    """Return a function that makes a user with permissions of this package."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Permission

    def make(name: str, *permissions: str, **more: Any) -> Any:
        user = get_user_model().objects.create_user(name, password="secret", **more)
        user.user_permissions.set(
            Permission.objects.filter(codename__in=permissions, content_type__app_label="streamsync_django")
        )
        return user

    return make
