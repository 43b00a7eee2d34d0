"""What the process has counted, for those who may see it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from streamsync_django import checks, metrics_view
from streamsync_django.runtime.committer import Committer
from streamsync_django.runtime.tally import Histogram, Tally
from streamsync_django.stores.base import Commit, Committed, Refused
from tests.live import Page, button, runtime, write_application
from tests.plugins.live import open_page, serve
from tests.runtime.test_sessions import until

__all__ = ["open_page", "serve"]

MAIN = """
import streamsync_django as ss
ss.init_state({"count": 0})
def add(state):
    state["count"] += 1
def fail(state):
    raise ValueError("no")
"""


def scraped(text: str) -> dict[str, float]:
    """Return samples by name and labels, as a scraper reads them."""
    return {
        f"{sample.name}{''.join(f' {value}' for value in sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def metrics_of(page: Page, token: str = "sesame") -> dict[str, float]:
    answer = await page.http.get(reverse("streamsync:metrics"), headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.content
    return scraped(answer.content.decode())


async def test_a_scraper_sees_sessions_events_and_what_was_sent(
    serve: Any, open_page: Any, tmp_path: Path
) -> None:
    folder = write_application(tmp_path / "shop", MAIN, [button("add", "add"), button("fail", "fail")])
    serve(shop=folder, METRICS_TOKEN="sesame")
    page: Page = await open_page("shop")
    before = await metrics_of(page)
    for component in ("add", "add", "fail"):
        await page.click(component)
    await until(lambda: sum(runtime().tally.events.values()) == 3)  # just after its answer has left
    after = await metrics_of(page)
    assert (after["streamsync_sessions shop"], after["streamsync_sockets shop"]) == (1, 1)
    assert after["streamsync_events_total shop ok"] == 2
    assert after["streamsync_events_total shop failed"] == 1
    assert after["streamsync_event_seconds_bucket shop +Inf"] == 3
    assert 0 < after["streamsync_event_seconds_sum shop"] < 30
    assert after["streamsync_frames_sent_total"] >= before["streamsync_frames_sent_total"] + 3
    assert after["streamsync_sent_bytes_total"] > before["streamsync_sent_bytes_total"]
    assert after["streamsync_sockets_opened_total"] == 1
    assert (after["streamsync_events_waiting shop"], after["streamsync_leaving"]) == (0, 0)
    assert after["process_resident_memory_bytes"] > 1_000_000
    assert "streamsync_store_up" not in after, "sessions are in this process"
    runtime().is_leaving = True
    assert (await metrics_of(page))["streamsync_leaving"] == 1


def test_a_store_is_watched_through_its_commits() -> None:
    tally = Tally()
    answers: list[Any] = []

    class Store:
        def commit(self, commits: list[Commit]) -> list[Committed | Refused]:
            return [Committed(1) if commit.session_id == "good" else Refused("epoch") for commit in commits]

    store: Any = Store()
    committer = Committer(store, answers.extend, lambda error: None, tally=tally)
    for session_id in ("good", "bad", "good"):
        committer.submit(
            Commit(session_id=session_id, epoch=1, expected_version=0, commit_id=b"", ttl_seconds=1)
        )
    assert committer.close(5) == []
    assert len(answers) == 3
    assert dict(tally.commits) == {"stored": 2, "epoch": 1}
    assert sum(tally.group_sizes.counts) == sum(tally.commit_seconds.counts) >= 1
    assert tally.group_sizes.total == 3
    assert committer.waiting == 0


def test_what_is_exactly_at_a_bound_counts_as_within_it() -> None:
    histogram = Histogram((1, 2))
    for value in (0.5, 1, 1.5, 2, 3):
        histogram.observe(value)
    assert (histogram.counts, histogram.total) == ([2, 2, 1], 8)


@pytest.mark.parametrize(
    ("token", "header", "status"),
    [
        ("sesame", "Bearer sesame", 200),
        ("sesame", "bearer sesame", 200),
        ("sesame", "Bearer Sesame", 403),
        ("sesame", "Basic sesame", 403),
        ("sesame", "Bearer", 403),
        ("sesame", "", 403),
        ("", "Bearer ", 403),
        ("", "", 403),
    ],
)
def test_only_who_knows_the_token_sees_them(token: str, header: str, status: int) -> None:
    with override_settings(STREAMSYNC={"METRICS_TOKEN": token}):
        answer = Client().get(reverse("streamsync:metrics"), headers={"authorization": header})
    assert answer.status_code == status
    assert "no-store" in answer["cache-control"]


@pytest.mark.parametrize(
    ("is_staff", "is_active", "status"), [(True, True, 200), (False, True, 403), (True, False, 403)]
)
def test_members_of_the_staff_need_no_token(is_staff: bool, is_active: bool, status: int) -> None:
    request = RequestFactory().get("/-/metrics/")
    request.user = SimpleNamespace(is_staff=is_staff, is_active=is_active)  # type: ignore[assignment]
    assert metrics_view.metrics(request).status_code == status


def test_without_the_package_the_answer_and_a_check_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client.exposition", None)
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    with override_settings(STREAMSYNC={"METRICS_TOKEN": "sesame"}):
        answer = Client().get(reverse("streamsync:metrics"), headers={"authorization": "Bearer sesame"})
        (found,) = checks.check_metrics(None)
    assert (answer.status_code, answer.content.decode().strip()) == (501, metrics_view.MISSING)
    assert (found.id, "streamsync_django[metrics]" in str(found.hint)) == ("streamsync.W004", True)
    with override_settings(STREAMSYNC={}):
        assert checks.check_metrics(None) == []
