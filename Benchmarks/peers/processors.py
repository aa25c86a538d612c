"""Which processors to measure on: those that are as fast just now as they were at their best.

On a machine that is shared, each processor loses a part of its speed for seconds to minutes while a neighbour works on the
other thread of its core. Every program waits for as many fast processors as it has threads, and is measured again when they
did not stay so.
"""

from __future__ import annotations

import os
import subprocess
import time
from typing import List, Tuple

# A processor counts as fast from this share of the best rate seen on.
FAST = 0.85


class Processors:
    """Chooses processors by the times of `processor_rate`; without that program, the last ones."""

    def __init__(self, program: str = "", patience: float = 45.0):
        self.program = program
        # Seconds to wait for fast processors at most.
        self.patience = patience
        self.all = sorted(os.sched_getaffinity(0))
        # The shortest time of any processor so far: they are alike.
        self.least = float("inf")

    def rates(self, chosen: List[int]) -> List[float]:
        """The share of the best rate that each processor has now, by the median burst and by the slower ones."""
        if not self.program:
            return [1.0] * len(chosen)
        done = subprocess.run([self.program, *map(str, chosen)], text=True, capture_output=True, check=True)
        times = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
        self.least = min([self.least, *(median for median, _ in times)])
        return [min(self.least / median, 1.25 * self.least / long, 1.0) for median, long in times]

    def choose(self, count: int) -> Tuple[List[int], float]:
        """So many processors and the lowest of their rates, fast ones if there are before patience ends."""
        end = time.monotonic() + self.patience
        if not self.program or count > len(self.all):
            return self.all[-count:], 1.0  # nobody looks
        while True:
            rates = self.rates(self.all)
            order = sorted(range(len(self.all)), key=lambda at: -rates[at])[:count]
            lowest = min(rates[at] for at in order)
            if lowest >= FAST or time.monotonic() > end:
                return sorted(self.all[at] for at in order), lowest
            time.sleep(0.3)

    def lowest(self, chosen: List[int]) -> float:
        """The lowest rate of these processors now."""
        return min(self.rates(chosen))


def given(count: int) -> List[int]:
    """The processors a peer is to use, as its driver says, else the last ones."""
    named = os.environ.get("PEER_PROCESSORS", "")
    return [int(word) for word in named.split(",")] if named else sorted(os.sched_getaffinity(0))[-count:]
