"""The Builder's place in the admin: a link for those who may edit, where the site has a Builder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client, override_settings

from streamsync_django.publishing import drafts
from tests.layouts_db.conftest import make_tree
from tests.live import write_application


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, db: None) -> Iterator[None]:
    with override_settings(
        STREAMSYNC={"APPS": {"shop": str(write_application(tmp_path, ""))}, "RELOAD": False}
    ):
        yield


def overview(permission: str) -> str:
    user = get_user_model().objects.create_user("ada", password="secret", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=permission))
    client = Client()
    client.force_login(user)
    pk = drafts.begin("shop", make_tree()).application.pk
    return client.get(f"/admin/streamsync_django/application/{pk}/change/").content.decode()


@override_settings(ROOT_URLCONF="tests.admin.builder_urls")
@pytest.mark.parametrize(("permission", "is_there"), [("edit_layout", True), ("publish_layout", False)])
def test_who_may_edit_finds_the_builder(permission: str, is_there: bool) -> None:
    said = overview(permission)
    assert "Live sessions" in said or "Export the draft" in said
    assert ('href="/shop/builder/"' in said) is is_there


def test_a_site_without_a_builder_has_no_link() -> None:
    assert "Builder" not in overview("edit_layout")
