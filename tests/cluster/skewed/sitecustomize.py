"""Sets a process's wall clock before anything else is loaded: `CLOCK_SKEW=-120` puts it back two minutes."""

import datetime
import os
import time

if skew := float(os.environ.get("CLOCK_SKEW", "0")):
    right_time = time.time

    class SkewedDatetime(datetime.datetime):
        """The clock is read here in C, past `time.time`."""

        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(right_time() + skew, tz)

        @classmethod
        def utcnow(cls):
            return cls.now(datetime.UTC).replace(tzinfo=None)

    time.time = lambda: right_time() + skew
    time.time_ns = lambda: int(time.time() * 1e9)
    datetime.datetime = SkewedDatetime
