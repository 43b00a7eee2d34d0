"""What the store will not keep is undone and said once; other sessions notice nothing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from streamsync_django.stores.base import Commit, Committed, Refused
from tests.live import Page, button, runtime, write_application
from tests.plugins.live import open_page, serve
from tests.plugins.redis import redis_server
from tests.redis_server import RedisServer

__all__ = ["open_page", "redis_server", "serve"]

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]

MAIN = """
import streamsync_django as ss

ss.init_state({"count": 0})
runs = []

def add(state):
    runs.append(1)
    state["count"] += 1
"""


async def test_a_commit_that_fails_for_good_is_not_tried_for_ever(
    serve: Any, open_page: Any, tmp_path: Path, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_application(tmp_path / "shop", MAIN, [button("add", "add")])
    serve(shop=folder, REDIS_URL=redis_server.url, KEY_PREFIX=secrets.token_hex(4))
    unlucky: Page = await open_page("shop")
    other: Page = await open_page("shop")
    session_id, store = unlucky.session.id, runtime().store
    commit = store.commit
    asked: list[Commit] = []

    def fail_one(commits: Sequence[Commit]) -> list[Committed | Refused]:
        hers = [each for each in commits if each.session_id == session_id]
        asked.extend(hers)
        answers = iter(commit([each for each in commits if each.session_id != session_id]))
        return [Refused("failed") if each in hers else next(answers) for each in commits]

    monkeypatch.setattr(store, "commit", fail_one)
    number = await unlucky.trigger("add")
    assert (await other.click("add"))[1] == "ok"
    await unlucky.until(lambda: unlucky.messages[-1].get("event") == number)
    assert unlucky.messages[-1]["code"] == "store.failed"
    assert await unlucky.receive_for_close() == 4412
    monkeypatch.undo()
    assert len(asked) == 1

    await unlucky.close()
    await unlucky.connect(token=unlucky.welcome["token"])
    assert (await unlucky.click("add"))[1] == "ok"
    assert unlucky.session.state["count"] == 1
