"""`python -m upstream.bench`: show that the stub is never what is measured.

Starts a stub and sends it calls that arrive evenly, whatever it does, from this process. Reports how much later than
injected the answers came, at the stub and at the caller; the caller's figure includes connecting, the kernel and this
process's own event loop.
"""

import argparse
import asyncio
import gc
import math
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import uvloop
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from upstream.delays import LONGEST_S
from upstream.server import allow_connections
from upstream.usage import Parser, between, refuse

_ROUTE = "/location/us/97201"
_SHARES = {"min": 0.0, "p50": 0.5, "p99": 0.99, "max": 1.0}
_TICK_S = 0.001
_EXAMPLES = 3


@dataclass
class Seen:
    """What a load showed: lateness at the caller and errors, the stub's counters, the load's and the stub's seconds."""

    lateness_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    wall_s: float = 0.0
    stub_cpu_s: float = 0.0

    @property
    def lateness_ms(self) -> dict[str, dict[str, float]]:
        """Return minimum, percentiles and maximum, by where it was seen."""
        ordered = sorted(self.lateness_s)
        at_caller = {name: _nearest_rank(ordered, share) * 1000 for name, share in _SHARES.items()}
        return {"at the stub": self.stats["lateness_ms"], "at the caller": at_caller} if ordered else {}


def main() -> None:
    """Measure, print what was seen, and end with exit code 1 if a call failed or p99 is above the bound."""
    order = _parse()
    try:
        allow_connections(order.hold)
    except OSError as error:
        refuse(str(error), "raise the hard limit (ulimit -Hn) or give a smaller --hold")
    gc.disable()  # this process's pauses are not the stub's
    with _stub(order.delay, order.hold) as (url, process):
        seen = uvloop.run(_observe(url, process, order.rate, round(order.rate * order.seconds)))
    sys.stdout.write(_report(seen))
    late = [row["p99"] for row in seen.lateness_ms.values() if row["p99"] >= order.bound_ms]
    raise SystemExit(1 if seen.errors or late else 0)


def _parse() -> argparse.Namespace:
    parser = Parser(prog="python -m upstream.bench", description="Measure how late the stub answers.")
    parser.add_argument("--rate", type=between(1.0, 10_000.0), default=1000.0, help="calls a second (default 1000)")
    parser.add_argument(
        "--seconds", type=between(0.1, LONGEST_S), default=10.0, help="how long calls are sent (default 10)"
    )
    parser.add_argument("--delay", default="fixed:2", metavar="SPEC", help="the stub's delay (default fixed:2)")
    parser.add_argument(
        "--hold", type=between(1, 1_000_000), default=12_000, metavar="N", help="connections to be ready for (12000)"
    )
    parser.add_argument("--bound-ms", type=float, default=10.0, help="lateness allowed at p99 (default 10)")
    return parser.parse_args()


@contextmanager
def _stub(delay: str, hold: int) -> Iterator[tuple[str, psutil.Process]]:
    """Run a stub; what it refuses, it has said itself, and this process ends with its exit code."""
    command = [sys.executable, "-m", "upstream", "--delay", delay, "--hold", str(hold)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stub:
        line = stub.stdout.readline() if stub.stdout else ""
        if not line:
            raise SystemExit(stub.wait())
        try:
            yield line.removeprefix("upstream: ").strip(), psutil.Process(stub.pid)
        finally:
            stub.terminate()


async def _observe(url: str, stub: psutil.Process, rate: float, calls: int) -> Seen:
    """Send the calls and wait for every answer."""
    seen, began_s, cpu_s = Seen(), time.perf_counter(), _cpu_s(stub)
    async with ClientSession(connector=TCPConnector(limit=0), timeout=ClientTimeout(total=LONGEST_S)) as session:
        await _evenly(lambda number: _call(session, url, number, seen), rate, calls)
        seen.wall_s, seen.stub_cpu_s = time.perf_counter() - began_s, _cpu_s(stub) - cpu_s
        async with session.get(f"{url}/control/stats") as answer:
            seen.stats = await answer.json()
    return seen


async def _evenly(call: Callable[[int], Coroutine[Any, Any, None]], rate: float, calls: int) -> None:
    """Start calls at their times, whether or not earlier ones have ended; return when all have."""
    began_s, sent = time.perf_counter(), 0
    async with asyncio.TaskGroup() as tasks:
        while sent < calls:
            due = min(calls, math.ceil((time.perf_counter() - began_s) * rate))
            for number in range(sent, due):
                tasks.create_task(call(number))
            sent = due
            await asyncio.sleep(_TICK_S)


async def _call(session: ClientSession, url: str, number: int, seen: Seen) -> None:
    start_s = time.perf_counter()
    try:
        async with session.get(url + _ROUTE, headers={"X-Request-Id": str(number)}, raise_for_status=True) as answer:
            await answer.read()
    except ClientError as error:
        seen.errors.append(repr(error))
    else:
        seen.lateness_s.append(time.perf_counter() - start_s - float(answer.headers["X-Delay-Ms"]) / 1000)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _nearest_rank(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _report(seen: Seen) -> str:
    """Return the figures as lines of text."""
    calls = sum(seen.stats["calls"].values())
    lines = [f"{'lateness, ms':<16}" + "".join(f"{name:>8}" for name in _SHARES)]
    for where, row in seen.lateness_ms.items():
        lines.append(f"  {where:<14}" + "".join(f"{row[name]:8.2f}" for name in _SHARES))
    lines.append(f"calls {calls}, errors {len(seen.errors)}, most in flight {seen.stats['max_in_flight']}")
    cpu_us = seen.stub_cpu_s / max(1, calls) * 1e6
    lines.append(f"stub CPU {seen.stub_cpu_s / seen.wall_s:.1%} of a core, {cpu_us:.0f} µs a call")
    return "\n".join([*lines, *seen.errors[:_EXAMPLES], ""])


if __name__ == "__main__":
    main()
