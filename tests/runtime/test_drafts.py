"""What a session has changed is captured as of one moment, and one bad value stops nothing else."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from streamsync_django.core.state import State
from tests.reference_browser import exact
from tests.session_host import OpenPage


def test_a_value_that_cannot_be_sent_is_left_out_and_named() -> None:
    page = OpenPage({"bad": "good", "n": 1})
    page.state["bad"] = object()
    page.state["n"] = 2
    page.state["rows"] = [1, object()]
    assert page.sent() == {"set": {"n": 2}}
    assert page.browser.state == {"bad": "good", "n": 2}
    assert {(failure.path, failure.type_name) for failure in page.host.failures} == {
        (("bad",), "object"),
        (("rows",), "object"),
    }


def test_it_goes_out_once_it_can_be_sent() -> None:
    page = OpenPage({"rows": [1]})
    page.state["rows"].append(object())
    assert page.sent() == {}
    page.state["rows"].append(2)
    assert page.sent() == {}
    page.state["rows"].pop(1)
    page.state["rows"].append(3)
    assert page.sent() == {"set": {"rows": [1, 2, 3]}}
    page.state["rows"].append(4)
    assert page.sent() == {"append": {"rows": [4]}}


def test_a_partial_update_tries_again_and_only_the_last_commit_reports() -> None:
    page = OpenPage({"a": 1, "b": 1})
    page.state["a"] = object()
    page.state["b"] = object()
    assert page.flushed() == {}
    assert page.flushed() == {}
    assert page.host.failures == []
    page.state["a"] = 2
    assert page.sent() == {"set": {"a": 2}}
    assert [failure.path for failure in page.host.failures] == [("b",)]
    assert page.sent() == {}
    assert len(page.host.failures) == 1


def test_an_opaque_value_made_right_later_goes_out_with_the_last_commit() -> None:
    class Late:
        ready = False

        def to_dict(self) -> dict[str, bool]:
            if not self.ready:
                raise RuntimeError("not yet")
            return {"ready": True}

    page = OpenPage({})
    late = page.state["late"] = Late()
    assert page.flushed() == {}
    late.ready = True
    assert page.sent() == {"set": {"late": {"ready": True}}}
    assert page.host.failures == []


def test_mail_that_cannot_be_sent_is_reported_and_the_rest_goes_out() -> None:
    page = OpenPage({"n": 1})
    page.state.add_mail("odd", object())
    page.state.add_notification("info", "Title", "text")
    page.state["n"] = 2
    assert page.sent() == {"set": {"n": 2}}
    [(_, mail)] = page.session.update_since(0).mail
    assert json.loads(mail.json)[0] == "notification"
    [failure] = page.host.failures
    assert "odd" in failure.message


def test_captures_made_while_the_store_is_slow_become_one_commit() -> None:
    page = OpenPage({"rows": [0], "a": {"b": 1}})
    with page.host.holding() as held:
        for number in range(1, 5):
            page.state["rows"].append(number)
            page.session.flush()
        page.state["a"] = 5
        page.session.flush()
        page.state["a"] = {"b": 2}
        page.session.flush()
        assert len(held) == 1
    assert page.host.commits == 2
    assert page.session.version == 2
    page.seen()
    assert page.browser.state == {"rows": [0, 1, 2, 3, 4], "a": {"b": 2}}


def test_a_commit_without_changes_is_none() -> None:
    page = OpenPage({"n": 1})
    page.state["n"] = 1
    page.session.commit()
    page.session.flush()
    assert page.host.commits == 0
    assert page.session.version == 0


def test_one_list_element_is_not_torn_while_threads_change_it() -> None:
    """Each patch shows one moment: both halves of a pair, or neither."""
    page = OpenPage({"pairs": [], "dict": {}, "n": 0})
    over = threading.Event()
    failures: list[BaseException] = []

    def change(name: int) -> None:
        try:
            number = 0
            while not over.is_set():
                number += 1
                page.state["pairs"].append([name, number])
                page.state["dict"][f"{name}.{number % 50}"] = {"x": number}
                if number % 7 == 0:
                    del page.state["dict"][f"{name}.{number % 50}"]
                if len(page.state["pairs"]) > 200:
                    page.state["pairs"] = []
                page.state["n"] += 1
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=change, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    patches = 0
    while (passed := time.monotonic() - began) < 1.0 or (patches <= 10 and passed < 30.0):
        patches += bool(page.flushed())
    over.set()
    for thread in threads:
        thread.join()
    page.sent()
    assert failures == []
    assert page.host.failures == []
    assert patches > 10
    assert exact(page.browser.state) == exact(_plain(page.state))


def test_a_slow_value_holds_up_no_mutation() -> None:
    encoding, done = threading.Event(), threading.Event()

    class Slow:
        def to_dict(self) -> dict[str, int]:
            encoding.set()
            assert done.wait(5)
            return {}

    page = OpenPage({"n": 1})
    page.state["slow"] = Slow()
    flush = threading.Thread(target=page.session.flush)
    flush.start()
    assert encoding.wait(5)
    page.state["n"] = 2  # would wait for the encoder if that held the lock
    done.set()
    flush.join()
    page.sent()
    assert page.browser.state == {"n": 2, "slow": {}}


def _plain(value: Any) -> Any:
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, State) else value
