"""Where sockets are, whatever the site's urls.py has put in front."""

import pytest

from streamsync_django.routing import websocket_urlpatterns


@pytest.mark.parametrize("path", ["hello/socket/", "live/hello/socket/", "a/b/hello/socket/"])
def test_a_socket_is_found_below_any_path(path: str) -> None:
    matches = [pattern.pattern.match(path) for pattern in websocket_urlpatterns]
    assert [match[2] for match in matches if match] == [{"slug": "hello"}]


@pytest.mark.parametrize("path", ["hello/", "hello/socket/more/", "socket/", "hello/othersocket/"])
def test_nothing_else_is_a_socket(path: str) -> None:
    assert not any(pattern.pattern.match(path) for pattern in websocket_urlpatterns)
