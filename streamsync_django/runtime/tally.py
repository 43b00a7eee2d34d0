"""What this process counts while it works; others read it when they are asked, and work nothing out before."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

#: Upper ends of what events take, in seconds: most handlers are quick, some call other services.
EVENT_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
#: Of what a store takes for one group of commits, in seconds.
COMMIT_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
#: Of how many commits share one round trip.
GROUP_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Histogram:
    """How often a number was at most each of some bounds. One thread observes; any may read."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        #: How many lie up to each bound and beyond the one before; the last are beyond all.
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Tally:
    """Numbers that only grow, from the start of the process on. Who counts what is said at each."""

    def __init__(self) -> None:
        # On the event loop
        #: (application, how it ended) -> events.
        self.events: Counter[tuple[str, str]] = Counter()
        #: By application: from the moment an event may start until its handler's changes are on their way.
        self.event_seconds: dict[str, Histogram] = {}
        self.frames_sent = 0
        self.bytes_sent = 0
        self.sockets_opened = 0
        #: Close code -> sockets that this server closed.
        self.sockets_closed: Counter[int] = Counter()
        # In the committer's thread
        #: "stored", or why a commit was refused -> commits.
        self.commits: Counter[str] = Counter()
        self.group_sizes = Histogram(GROUP_SIZES)
        self.commit_seconds = Histogram(COMMIT_SECONDS)
        self.store_failures = 0

    def count_event(self, application: str, status: str, seconds: float) -> None:
        """Note that an event has ended."""
        self.events[application, status] += 1
        histogram = self.event_seconds.get(application)
        if histogram is None:
            histogram = self.event_seconds[application] = Histogram(EVENT_SECONDS)
        histogram.observe(seconds)

    def count_frame(self, size: int) -> None:
        """Note a message to a browser."""
        self.frames_sent += 1
        self.bytes_sent += size

    def count_group(self, results: Sequence[str], seconds: float) -> None:
        """Note a round trip to the store."""
        self.commits.update(results)
        self.group_sizes.observe(len(results))
        self.commit_seconds.observe(seconds)
