"""How much longer things may take than they should, because the machine has more to do than it can."""

from __future__ import annotations

import os


def overload() -> float:
    """Return how many runnable threads there are for each processor, lately; 1 on a machine that keeps up.

    A promise about seconds is multiplied with it, so that what fails is the promise and not the machine. Figures
    that are to be published are measured on a calm one.
    """
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
