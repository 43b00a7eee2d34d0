"""What this process has counted, in Prometheus's words; needs the `metrics` extra.

REGISTRY.register(StreamsyncCollector())    # for a site that has an endpoint of its own already
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from streamsync_django.hosting import existing_runtime
from streamsync_django.runtime.runtime import Runtime
from streamsync_django.runtime.tally import Histogram


class StreamsyncCollector(Collector):
    """Reads what the process has counted when it is asked; before the first socket there is nothing to read."""

    def describe(self) -> Iterable[Metric]:
        """Return nothing: a registry would collect to learn the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric as it is now; from any thread."""
        runtime = existing_runtime()
        if runtime is None:
            return
        yield from _sessions(runtime)
        yield from _events(runtime)
        yield from _sockets(runtime)
        yield from _threads(runtime)
        if runtime.store.is_shared:
            yield from _store(runtime)


def _sessions(runtime: Runtime) -> Iterator[Metric]:
    sessions = list(runtime.sessions.values())
    live = GaugeMetricFamily(
        "streamsync_sessions", "Sessions in this process's memory.", labels=["application"]
    )
    connected = GaugeMetricFamily(
        "streamsync_sockets", "Sessions that have a browser here.", labels=["application"]
    )
    waiting = GaugeMetricFamily(
        "streamsync_events_waiting", "Events that wait for their turn in a session.", labels=["application"]
    )
    running = GaugeMetricFamily("streamsync_events_running", "Handlers at work.", labels=["application"])
    for slug in sorted({session.application.slug for session in sessions}):
        ours = [session for session in sessions if session.application.slug == slug]
        live.add_metric([slug], len(ours))
        connected.add_metric([slug], sum(session.connection is not None for session in ours))
        waiting.add_metric([slug], sum(len(session.order) for session in ours))
        running.add_metric([slug], sum(len(session.order.running) for session in ours))
    yield from (live, connected, waiting, running)


def _events(runtime: Runtime) -> Iterator[Metric]:
    ended = CounterMetricFamily(
        "streamsync_events",
        "Events that have ended, by how: ok, failed, rejected, stale …",
        labels=["application", "outcome"],
    )
    for (slug, status), count in sorted(runtime.tally.events.copy().items()):
        ended.add_metric([slug, status], count)
    yield ended
    seconds = HistogramMetricFamily(
        "streamsync_event_seconds",
        "From an event's start to its handler's end; waiting for a turn is not in it.",
        labels=["application"],
    )
    for slug, histogram in sorted(runtime.tally.event_seconds.copy().items()):
        seconds.add_metric([slug], _buckets(histogram), histogram.total)
    yield seconds


def _sockets(runtime: Runtime) -> Iterator[Metric]:
    tally = runtime.tally
    yield CounterMetricFamily(
        "streamsync_sockets_opened", "Sockets that were given a session.", value=tally.sockets_opened
    )
    closed = CounterMetricFamily(
        "streamsync_sockets_closed", "Sockets that this process closed, by code.", labels=["code"]
    )
    for code, count in sorted(tally.sockets_closed.copy().items()):
        closed.add_metric([str(code)], count)
    yield closed
    yield CounterMetricFamily("streamsync_frames_sent", "Messages to browsers.", value=tally.frames_sent)
    yield CounterMetricFamily(
        "streamsync_sent_bytes", "Their size; a character counts as one byte.", value=tally.bytes_sent
    )


def _threads(runtime: Runtime) -> Iterator[Metric]:
    yield GaugeMetricFamily("streamsync_threads", "Worker threads.", value=runtime.executor.threads)
    yield GaugeMetricFamily(
        "streamsync_work_waiting", "Pieces of work that no thread has taken.", value=runtime.executor.waiting
    )
    yield GaugeMetricFamily(
        "streamsync_leaving", "1 once this process takes no more sessions.", value=float(runtime.is_leaving)
    )


def _store(runtime: Runtime) -> Iterator[Metric]:
    tally = runtime.tally
    commits = CounterMetricFamily(
        "streamsync_commits", "Commits the store answered: stored, or why not.", labels=["result"]
    )
    for result, count in sorted(tally.commits.copy().items()):
        commits.add_metric([result], count)
    yield commits
    sizes = HistogramMetricFamily("streamsync_commit_group_size", "Commits that shared a round trip.")
    sizes.add_metric([], _buckets(tally.group_sizes), tally.group_sizes.total)
    yield sizes
    seconds = HistogramMetricFamily("streamsync_commit_seconds", "What a round trip of commits took.")
    seconds.add_metric([], _buckets(tally.commit_seconds), tally.commit_seconds.total)
    yield seconds
    yield GaugeMetricFamily(
        "streamsync_commits_waiting", "Commits without an answer yet.", value=runtime.committer.waiting
    )
    yield GaugeMetricFamily(
        "streamsync_store_up", "0 while the store does not answer.", value=float(runtime.store_answers)
    )
    yield CounterMetricFamily(
        "streamsync_store_failures",
        "Round trips that failed, and were tried again.",
        value=tally.store_failures,
    )


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """Return cumulated counts, as Prometheus wants them."""
    buckets: list[tuple[str, float]] = []
    count = 0
    for bound, more in zip(
        [*map(float, histogram.bounds), float("inf")], list(histogram.counts), strict=True
    ):
        count += more
        buckets.append(("+Inf" if bound == float("inf") else str(bound), count))
    return buckets
