"""A process of its own that asks a core how fast it computes, many times a second: `speed_probe.py` on that core.

A virtual core changes its speed within a second, and nothing in /proc says so. Every `EVERY_S` on average a fixed piece
of work is done twice, the second time by the clock: the first brings it back into the caches, from which the server has
displaced it. The clock is that of the thread's CPU time, so what others take from the core is not in it. A sample goes
to stdout as two doubles: when it was taken (CLOCK_MONOTONIC, s) and how many rounds of the work a ms of CPU time holds.

The moments are random, for the kernel counts a core's busy time by looking at each tick of its clock (CONFIG_HZ): work
at regular moments would be seen too often or never, and be taken for a stranger's.

It imports the standard library alone, starts in 30 ms, and ends when its stdout is gone.
"""

import json
import random
import re
import struct
import sys
import time

EVERY_S = 0.025
SAMPLE = struct.Struct("<dd")
ROUNDS = 10  # of the work in a sample: about 0.17 ms
WORD = re.compile(r"(\w+)=(\d+)")
TEXT = '{"city": "Portland", "sunrise": "06:12", "hours": [1, 2, 3, 4], "wind": {"speed": 4.5, "from": "NW"}}'
LINE = "sunrise=612 sunset=2014 wind=45 rain=0"


def work() -> int:
    """Do what a web application does: parse, match, look up, build a string, write JSON. Always the same."""
    found = 0
    for _ in range(ROUNDS):
        parsed = json.loads(TEXT)
        table = {name: int(number) for name, number in WORD.findall(LINE)}
        table.update(hours=sum(parsed["hours"]))
        found += len(json.dumps({"city": parsed["city"].upper(), **table}))
    return found


def sample() -> float:
    """Return how many rounds of the work one ms of CPU time holds now."""
    work()
    began = time.thread_time_ns()
    work()
    return ROUNDS * 1e6 / (time.thread_time_ns() - began)


def following(due_s: float) -> float:
    """Return when the next sample is due after one that was due then."""
    return due_s + EVERY_S * random.uniform(0.5, 1.5)


def main() -> None:
    """Write a sample every `EVERY_S` on average until nobody takes them."""
    due = time.monotonic()
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        speed = sample()
        sys.stdout.buffer.write(SAMPLE.pack(time.monotonic(), speed))
        sys.stdout.buffer.flush()
        due = max(following(due), time.monotonic())


if __name__ == "__main__":
    main()
