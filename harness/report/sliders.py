"""A reader's own numbers: what the page's sliders choose from, and what its script must know of each lane."""

import json
import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

from harness.document.blocks import Block, Paragraph, Slider, Sliders
from harness.document.numbers import ABSENT
from harness.document.table import LANE, Column, Row, Table
from harness.facts.run import Run
from harness.model import latency, open_load, server
from harness.model.calibrate import Calibrated, comparable
from harness.model.stacks import Stack, stack_of
from harness.report.advice import ENOUGH, ROOM

TITLE = "For your numbers"
ABOUT = (
    "What the model says of each lane for requests that arrive independently of one another at your rate, where a "
    "request costs the CPU that it cost in this run. Each core has a process with its slots; processes of one slot "
    "(flask-sync) take requests from one queue. The figures have no interval: near the highest rate ask make advise, "
    "which has one."
)
PERCENT = 95.0
TIMES = "×"  # noqa: RUF001 - the sign for "times"
AS_MEASURED = 0.0  # in place of a number of slots
_TWO_DIGITS = (10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 25, 28, 30, 32, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 90)
RATES = (1, 2, 3, 4, 5, 6, 7, 8, 9, *_TWO_DIGITS, *(10 * value for value in _TWO_DIGITS), 1000, 1200, 1500, 2000)
TIMES_MS = (*_TWO_DIGITS, *(10 * value for value in _TWO_DIGITS), 1000, 1200, 1500, 2000, 2500, 3000)
TAILS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
SLOTS = (AS_MEASURED, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 50, 64, 80, 100, 128, 160, 200, 256, 300)
CORES = (1, 2, 3, 4, 5, 6, 7, 8)
COLUMNS = (
    LANE,
    Column("at your rate", numeric=False),
    Column("p95 there, ms"),
    Column("highest rate within the SLO, requests/s"),
)


def sliders(run: Run) -> Iterator[Block]:
    """Yield the sliders with the table that they fill; nothing where no lane is calibrated for requests like these."""
    known = comparable(run)
    if not known:
        return
    upstream_ms = 1000 * max(one.upstream_s for one in known.values())
    lanes = [lane_known(one, stack_of(run.info.config.lanes[lane])) for lane, one in known.items()]
    yield Paragraph(ABOUT, "quiet")
    yield Sliders(
        (
            Slider("rate", "Arrival rate", "requests/s", RATES, 100),
            Slider("upstream_ms", "Upstream time of a request, mean", "ms", TIMES_MS, _nearest(TIMES_MS, upstream_ms)),
            Slider("tail", "Upstream tail: p99 of a call over its median", TIMES, TAILS, 1),
            Slider("slots", "Slots (threads or processes) of a core", "a core", SLOTS, AS_MEASURED),
            Slider("cores", "Cores", "", CORES, 1),
            Slider("slo_ms", "SLO: p95 within", "ms", TIMES_MS, _nearest(TIMES_MS, ROOM * upstream_ms)),
        ),
        Table(COLUMNS, tuple(Row((lane, ABSENT, ABSENT, ABSENT)) for lane in known)),
        json.dumps({"lanes": lanes, "constants": CONSTANTS, "words": WORDS}),
    )


def lane_known(one: Calibrated, stack: Stack) -> dict[str, Any]:
    """Return what the script must know of a lane, times in seconds; `slots` is None where there is no limit.

    `adjustable` are slots that an option of the server sets; `processes` of one slot share a queue.
    """
    return {
        "slots": one.slots if math.isfinite(one.slots) else None,
        "adjustable": stack in ("sync", "threads", "client"),
        "processes": stack == "sync",
        "upstream_s": one.upstream_s,
        "overhead_s": one.overhead_s,
        "calls": one.calls,
        "levels": one.demand.levels,
        "seconds": one.demand.seconds,
    }


def _nearest(values: tuple[float, ...], wanted: float) -> float:
    return min(values, key=lambda value: abs(value - wanted))


CONSTANTS = {
    "share": PERCENT / 100,
    "cells": latency.CELLS,
    "far": latency.FAR,
    "longest_deviations": NormalDist().inv_cdf(latency.RARE),
    "p99_deviations": NormalDist().inv_cdf(0.99),
    "steps": latency.STEPS,
    "uneven": server.UNEVEN,
    "most_uneven": server.MOST_UNEVEN,
    "first_levels": open_load.FIRST_LEVELS,
    "most_levels": open_load.MOST_LEVELS,
    "negligible": open_load.NEGLIGIBLE,
    "saturated": open_load.SATURATED,
}
WORDS = {
    "as_measured": "as measured",
    "grows": "backlog grows",
    "enough": ENOUGH["yes"],
    "not_enough": ENOUGH["no"],
}
