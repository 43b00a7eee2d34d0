"""The long form of the property tests, by hand: ``python -m tests.properties --programs 1000000``.

Plain random bytes instead of Hypothesis's: quicker, and a case that fails is told by its bytes, for a test.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

from tests.properties.frames import Forger
from tests.properties.memory import blocks
from tests.properties.programs import Program
from tests.properties.test_random_frames import GATE
from tests.properties.test_random_payloads import DESK, send_to
from tests.properties.test_state_programs import carry_out

#: What is run, and how many bytes a case has at most.
KINDS: dict[str, tuple[Callable[[bytes], object], int]] = {
    "programs": (lambda code: carry_out(Program(code)), 120),
    "frames": (lambda code: GATE.take(Forger(code).frame()), 60),
    "payloads": (lambda code: send_to(DESK, code), 60),
}


def run(kind: str, count: int, seed: int) -> None:
    act, size = KINDS[kind]
    draw, began, before = random.Random(f"{kind}{seed}"), time.monotonic(), 0
    for number in range(1, count + 1):
        code = draw.randbytes(draw.randint(1, size))
        try:
            act(code)
        except BaseException:
            print(f"{kind} {number} of seed {seed}: {code!r}", flush=True)
            raise
        if number % 10_000 == 0 or number == count:
            now = blocks()
            before = before or now
            seconds = time.monotonic() - began
            print(f"{kind} {number} seed {seed}: {seconds:.0f} s, {now - before:+} blocks", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.properties", description=__doc__)
    for kind in KINDS:
        parser.add_argument(f"--{kind}", type=int, default=0, metavar="COUNT")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for kind in KINDS:
        if count := getattr(arguments, kind):
            run(kind, count, arguments.seed)


if __name__ == "__main__":
    main()
