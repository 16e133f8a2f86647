"""A process of its own that asks a core how fast it computes, many times a second: `speed_probe.py` on that core.

A virtual core changes its speed within a second, and so do the caches and the memory that it shares with strangers;
nothing in /proc says so. Every `EVERY_S` on average a fixed piece of work is done by the clock: it follows a chain
through more memory than the core's own caches hold, and then does much of what a web application does, each thing once.
Beside a busy server that takes some nine times as long as alone, for the server has displaced it from the caches: what
it takes to fetch code again is what the server's own code takes. Work that is repeated, and so stays in the caches,
hardly feels what slows a server down. The clock is that of the thread's CPU time, so what others take from the core is
not in it. A sample goes to stdout as two doubles: when it was taken (CLOCK_MONOTONIC, s) and how many rounds of that
work a ms of CPU time holds.

The moments are random, for the kernel counts a core's busy time by looking at each tick of its clock (CONFIG_HZ): work
at regular moments would be seen too often or never, and be taken for a stranger's.

It imports the standard library alone, and ends when its stdout is gone.
"""

import array
import asyncio
import csv
import datetime
import hashlib
import html
import http.client
import http.cookies
import io
import ipaddress
import json
import random
import re
import shlex
import string
import struct
import sys
import textwrap
import time
import urllib.parse
import uuid

EVERY_S = 0.04
SAMPLE = struct.Struct("<dd")
STEPS = 300  # along the chain in a sample: a fifth of its time beside a busy server
LINE_BYTES, WORD_BYTES = 64, 8  # of a cache's line, and of an entry of the chain
LINKS = 8 * 2**20 // LINE_BYTES  # of the chain, one a line: 8 MiB, beyond the second cache and within the third
URL = "http://weather.example:8080/city/now?name=Portland&hours=4#wind"
HEAD = b"Host: weather.example\r\nAccept: text/html\r\nCookie: id=7; seen=2024-02-03\r\n\r\n"
BODY = '{"city": "Portland", "sunrise": "2024-02-03T07:32:00+00:00", "hours": [1, 2, 3, 4], "wind": {"speed": 4.5}}'
LINE = "sunrise=612 sunset=2014 wind=45 rain=0"
WORD = re.compile(r"(\w+)=(\d+)")
PAGE = string.Template("<p class=now>$city: $wind km/h, the sun rises at $sunrise</p>")


async def fetch(value: int) -> int:
    """Return a value after the loop has turned once, as a call that waits does."""
    await asyncio.sleep(0)
    return value


async def gather() -> int:
    """Do as a handler does that makes two calls at once and has a deadline."""
    async with asyncio.timeout(5):
        return sum(await asyncio.gather(fetch(1), fetch(2)))


def compute(loop: asyncio.AbstractEventLoop) -> str:
    """Do much of what a web application does, each thing once. Always the same."""
    url = urllib.parse.urlsplit(URL)
    headers = http.client.parse_headers(io.BytesIO(HEAD))
    cookies = http.cookies.SimpleCookie(headers["Cookie"])
    parsed = json.loads(BODY)
    table = {name: int(number) for name, number in WORD.findall(LINE)}
    sunrise = datetime.datetime.fromisoformat(parsed["sunrise"])
    page = PAGE.substitute(city=html.escape(parsed["city"]), wind=parsed["wind"]["speed"], sunrise=f"{sunrise:%H:%M}")
    answer = {
        "asked": urllib.parse.parse_qs(url.query),
        "from": ipaddress.ip_address("127.0.0.1").is_loopback,
        "seen": cookies["seen"].value,
        "sum": loop.run_until_complete(gather()) + sum(table.values()) + sum(parsed["hours"]),
        "words": shlex.split("warm 'and dry'"),
        "lines": textwrap.wrap(html.unescape(page), 40),
        "rows": list(csv.reader(io.StringIO(LINE))),
        "id": uuid.UUID(int=7).hex,
    }
    return hashlib.sha256(json.dumps(answer).encode()).hexdigest()


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


def sample(loop: asyncio.AbstractEventLoop, chain: "array.array[int]", place: int) -> tuple[float, int]:
    """Return how many rounds of all this one ms of CPU time holds now, and the place that the chain has led to."""
    began = time.thread_time_ns()
    place = follow(chain, place)
    compute(loop)
    return 1e6 / (time.thread_time_ns() - began), place


def following(due_s: float) -> float:
    """Return when the next sample is due after one that was due then."""
    return due_s + EVERY_S * random.uniform(0.5, 1.5)


def main() -> None:
    """Write a sample every `EVERY_S` on average until nobody takes them."""
    loop, chain, place = asyncio.new_event_loop(), make_chain(), 0
    due = time.monotonic()
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        speed, place = sample(loop, chain, place)
        sys.stdout.buffer.write(SAMPLE.pack(time.monotonic(), speed))
        sys.stdout.buffer.flush()
        due = max(following(due), time.monotonic())


if __name__ == "__main__":
    main()
