"""System checks: each mistake has an id, and a hint that says what to do."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.checks import CheckMessage

from streamsync_django import checks


@pytest.mark.parametrize(
    ("given", "check", "identifier", "words"),
    [
        ([], checks.check_settings, "streamsync.E001", "APPS"),
        ({"APSP": {}}, checks.check_settings, "streamsync.W001", "APSP"),
        ({"FLUSH_INTERVAL_MS": "soon"}, checks.check_settings, "streamsync.E002", "FLUSH_INTERVAL_MS"),
        ({"APPS": {"shop": "/no/folder"}}, checks.check_applications, "streamsync.E003", "/no/folder"),
        ({"WORKING_DIRECTORY": "shop"}, checks.check_applications, "streamsync.E006", "shop"),
        ({"REDIS_URL": "http://h"}, checks.check_redis, "streamsync.E007", "begins with none of redis://"),
        ({"STORE": "no.such.store"}, checks.check_store, "streamsync.E008", "No module named 'no'"),
        ({"STORE": "json.decoder.no"}, checks.check_store, "streamsync.E008", "no"),
        ({"STORE": "string.digits"}, checks.check_store, "streamsync.E008", "cannot be called"),
        (
            {"STORE": "json.loads", "REDIS_URL": "redis://h"},
            checks.check_store,
            "streamsync.E008",
            "only one",
        ),
        ({"REDIS_URL": "redis+sentinel://h"}, checks.check_redis, "streamsync.E007", "call the primary"),
    ],
)
def test_a_wrong_setting_is_named(
    settings: Any,
    given: Any,
    check: Callable[[None], list[CheckMessage]],
    identifier: str,
    words: str,
) -> None:
    settings.STREAMSYNC = given
    (found,) = check(None)
    assert found.id == identifier
    assert words in f"{found.msg} {found.hint}"
    assert found.hint


def test_a_store_of_the_sites_own_is_fine_and_enough_for_several_processes(settings: Any) -> None:
    settings.STREAMSYNC = {"STORE": "streamsync_django.stores.memory.MemoryStore"}
    settings.DEBUG = False
    assert checks.check_store(None) == []
    assert [found.id for found in checks.check_server(None) if found.id == "streamsync.W003"] == []


@pytest.mark.parametrize("url", ["", "redis://h", "redis+sentinel://a,b:1/mymaster/0"])
def test_an_address_of_redis_or_of_sentinels_is_fine(settings: Any, url: str) -> None:
    settings.STREAMSYNC = {"REDIS_URL": url}
    assert checks.check_redis(None) == []


def test_redis_without_its_package_names_what_to_install(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STREAMSYNC = {"REDIS_URL": "redis://h"}
    monkeypatch.setitem(sys.modules, "streamsync_django.stores.redis.address", None)
    (found,) = checks.check_redis(None)
    assert found.id == "streamsync.E007"
    assert "streamsync_django[redis]" in str(found.hint)


def test_a_front_end_that_is_not_built_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "front_end_is_built", lambda: False)
    (found,) = checks.check_front_end(None)
    assert found.id == "streamsync.W002"
    assert found.hint is not None
    assert "`make build`" in found.hint


@pytest.mark.parametrize(
    ("name", "value", "identifier"),
    [("ASGI_APPLICATION", None, "streamsync.E004"), ("DEBUG", False, "streamsync.W003")],
)
def test_what_the_site_lacks_is_told(settings: Any, name: str, value: object, identifier: str) -> None:
    settings.DEBUG = True
    assert checks.check_server(None) == []
    setattr(settings, name, value)
    (found,) = checks.check_server(None)
    assert found.id == identifier
    assert found.hint


def test_right_settings_raise_nothing() -> None:
    assert checks.check_settings(None) == []
    assert checks.check_applications(None) == []
