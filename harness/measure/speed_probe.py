"""A process of its own that asks a core how fast it computes, many times a second: `speed_probe.py` on that core.

A virtual core changes its speed within a second, and so do the caches and the memory that it shares with strangers;
nothing in /proc says so. Every `EVERY_S` on average a fixed piece of work is done by the clock: it computes, and it
follows a chain through more memory than the core's own caches hold. What it computes is not warmed up before: the
server has displaced it from those caches, and to fetch it again costs what the server's own code costs after a wait.
The clock is that of the thread's CPU time, so what others take from the core is not in it. A sample goes to stdout as
two doubles: when it was taken (CLOCK_MONOTONIC, s) and how many rounds of the computing a ms of CPU time holds, chain
included.

The moments are random, for the kernel counts a core's busy time by looking at each tick of its clock (CONFIG_HZ): work
at regular moments would be seen too often or never, and be taken for a stranger's.

It imports the standard library alone, starts in 0.1 s, and ends when its stdout is gone.
"""

import array
import json
import random
import re
import struct
import sys
import time

EVERY_S = 0.03
SAMPLE = struct.Struct("<dd")
ROUNDS = 40  # of computing in a sample
STEPS = 300  # along the chain in a sample: with the computing about 0.4 ms
LINE_BYTES, WORD_BYTES = 64, 8  # of a cache's line, and of an entry of the chain
LINKS = 8 * 2**20 // LINE_BYTES  # of the chain, one a line: 8 MiB, beyond the second cache and within the third
WORD = re.compile(r"(\w+)=(\d+)")
TEXT = '{"city": "Portland", "sunrise": "06:12", "hours": [1, 2, 3, 4], "wind": {"speed": 4.5, "from": "NW"}}'
LINE = "sunrise=612 sunset=2014 wind=45 rain=0"


def compute() -> int:
    """Do what a web application does: parse, match, look up, build a string, write JSON. Always the same."""
    found = 0
    for _ in range(ROUNDS):
        parsed = json.loads(TEXT)
        table = {name: int(number) for name, number in WORD.findall(LINE)}
        table.update(hours=sum(parsed["hours"]))
        found += len(json.dumps({"city": parsed["city"].upper(), **table}))
    return found


def make_chain() -> "array.array[int]":
    """Return a chain through memory: each link holds the place of the next, in one random round through all lines."""
    order = list(range(0, LINKS * LINE_BYTES // WORD_BYTES, LINE_BYTES // WORD_BYTES))
    random.Random("chain").shuffle(order)
    chain = array.array("q", bytes(LINKS * LINE_BYTES))
    for place, following_place in zip(order, order[1:] + order[:1], strict=True):
        chain[place] = following_place
    return chain


def follow(chain: "array.array[int]", place: int) -> int:
    """Go some steps along the chain; return where it leads. Each waits for the one before, as a look-up does."""
    for _ in range(STEPS):
        place = chain[place]
    return place


def sample(chain: "array.array[int]", place: int) -> tuple[float, int]:
    """Return how many rounds one ms of CPU time holds now, and the place that the chain has led to."""
    began = time.thread_time_ns()
    compute()
    place = follow(chain, place)
    return ROUNDS * 1e6 / (time.thread_time_ns() - began), place


def following(due_s: float) -> float:
    """Return when the next sample is due after one that was due then."""
    return due_s + EVERY_S * random.uniform(0.5, 1.5)


def main() -> None:
    """Write a sample every `EVERY_S` on average until nobody takes them."""
    chain, place = make_chain(), 0
    due = time.monotonic()
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        speed, place = sample(chain, place)
        sys.stdout.buffer.write(SAMPLE.pack(time.monotonic(), speed))
        sys.stdout.buffer.flush()
        due = max(following(due), time.monotonic())


if __name__ == "__main__":
    main()
