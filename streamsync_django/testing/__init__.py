"""Test an application without a browser, a server or Redis.

    from streamsync_django.testing import Visitor

    def test_the_counter_counts():
        with Visitor("project.apps.counter") as visitor:
            visitor.click("Increment")
            assert visitor.sees("Count: 1")

With pytest, ``pytest_plugins = ["streamsync_django.testing.fixtures"]`` gives a ``visit`` fixture that
opens visitors and closes them at the end of the test.
"""

from streamsync_django.testing.page import Drawn
from streamsync_django.testing.visitor import Notification, Visitor

__all__ = ["Drawn", "Notification", "Visitor"]
