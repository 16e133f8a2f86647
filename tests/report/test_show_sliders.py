"""The sliders of the page in a real browser: they say what the model of this project says."""

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from browser import chromium
from playwright.sync_api import Page
from show_runs import Published, make_run

from harness.facts.point import users
from harness.model.calibrate import Calibrated
from harness.model.latency import Upstream, highest_rate, percentile_s, sigma_of, steady_with
from harness.model.server import Demand, Served, deployed
from harness.model.stacks import Stack
from harness.report.sliders import CORES, SLOTS, TAILS, TIMES_MS, lane_known

SETTINGS = 500
SEARCHED = 100  # of them for the highest rate, which takes a dozen times as long
CLOSE = 0.01
PROCESSES = tuple(slots for slots in SLOTS if slots <= 40)  # of a core; what more do takes the model seconds
SLOTS_OF: dict[Stack, tuple[float, ...]] = {
    "sync": (1, 4, 20),
    "threads": (20, 64, 300),
    "client": (300,),
    "gevent": (1000,),
    "loop": (math.inf,),
}


@dataclass(frozen=True)
class Case:
    """A made-up lane at settings of the sliders."""

    stack: Stack
    one: Calibrated
    settings: dict[str, float]

    @property
    def upstream(self) -> Upstream:
        tail = self.settings["tail"]
        return Upstream(self.settings["upstream_ms"] / 1000, self.one.calls, sigma_of(tail) if tail > 1 else 0.0)

    @property
    def served(self) -> Served:
        cores, own = int(self.settings["cores"]), self.one.slots
        slots = self.settings["slots"] or own if self.stack in ("sync", "threads", "client") else own
        server = self.one.server(self.upstream.mean_s)
        if self.stack == "sync":
            return deployed(server, processes=int(slots) * cores, slots_each=1, cores=cores)
        return deployed(server, processes=cores, slots_each=slots, cores=cores)

    @property
    def p95_s(self) -> float:
        state = steady_with(self.served, self.settings["rate"], self.upstream)
        return percentile_s(state, 95, self.upstream) if state else math.inf

    @property
    def most_rps(self) -> float:
        return highest_rate(self.served, self.upstream, 95, self.settings["slo_ms"] / 1000)


def case(luck: random.Random) -> Case:
    """Return a lane whose CPU falls with load, at settings of which some are beyond what the lane can do."""
    stack = luck.choice(list(SLOTS_OF))
    slots, cpu_s = luck.choice(SLOTS_OF[stack]), math.exp(luck.uniform(math.log(0.0004), math.log(0.004)))
    high = min(300.0, slots)
    demand = Demand((16.0, high), (cpu_s * luck.uniform(1, 2), cpu_s)) if high > 16 else Demand((high,), (cpu_s,))
    upstream_s, overhead_s = luck.choice((0.05, 0.2, 1.0)), luck.choice((0.0, 0.001, 0.004))
    one = Calibrated("lane", slots, upstream_s, demand, overhead_s, luck.randint(1, 3), None, 1, (users(300),), True)
    upstream_ms = luck.choice(TIMES_MS)
    settings = {
        "upstream_ms": upstream_ms,
        "tail": luck.choice(TAILS),
        "slots": luck.choice(SLOTS if stack != "sync" else PROCESSES),
        "cores": luck.choice(CORES),
        "slo_ms": upstream_ms * luck.uniform(0.9, 4),
        "rate": math.exp(luck.uniform(0, math.log(2000))),
    }
    return Case(stack, one, settings)


@pytest.fixture(scope="module")
def page(published: Published) -> Iterator[Page]:
    with chromium() as browser:
        opened = browser.new_page()
        opened.goto((published(make_run) / "report.html").as_uri())
        yield opened


def test_the_page_computes_what_the_model_does_at_500_random_settings(page: Page) -> None:
    luck = random.Random(11)
    cases = [case(luck) for _ in range(SETTINGS)]

    asked = [[lane_known(one.one, one.stack), one.settings] for one in cases]
    p95_s = page.evaluate("cases => cases.map(([lane, at]) => laneAt(lane, at).p95(at.rate))", asked)
    most_rps = page.evaluate("cases => cases.map(([lane, at]) => laneAt(lane, at).highest())", asked[:SEARCHED])

    assert p95_s == pytest.approx([one.p95_s for one in cases], rel=CLOSE)
    assert most_rps == pytest.approx([one.most_rps for one in cases[:SEARCHED]], rel=CLOSE)
    assert SETTINGS / 10 < p95_s.count(math.inf) < SETTINGS / 2


def row(page: Page, lane: str) -> list[str]:
    cells = page.locator(f"form.sliders tbody tr:has(td:text-is('{lane}')) td")
    return cells.all_inner_texts()


def test_a_slider_that_moves_changes_its_figure_and_the_table(page: Page) -> None:
    def say(name: str, value: float) -> str:
        slider = page.locator(f"form.sliders input[name={name}]")
        place = json.loads(slider.get_attribute("data-values") or "").index(value)
        slider.fill(str(place))
        return slider.locator("xpath=following-sibling::output").inner_text()

    assert say("rate", 10) == "10 requests/s"
    _, few, few_ms, few_most = row(page, "flask-sync-4")
    assert say("rate", 100) == "100 requests/s"
    _, many, many_ms, many_most = row(page, "flask-sync-4")
    assert say("slots", 100) == "100 a core"
    _, more, _, more_most = row(page, "flask-sync-4")

    assert (few, many, more) == ("enough", "not enough", "enough")
    assert float(few_ms) > 200
    assert many_ms == "backlog grows"
    assert few_most == many_most
    assert float(more_most.replace(",", "")) > 10 * float(few_most)
