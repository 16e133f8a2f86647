"""The page in a real browser: what a reader sees and can do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium
from playwright.sync_api import Browser, Page
from show_runs import Published, full_run, hostile_run, make_run

ALL_LIVE = (
    "[...document.querySelectorAll('figure:not([hidden])')]"
    ".every(f => f.querySelector(f.classList.contains('still') ? '.chart > svg' : '.vega-embed svg'))"
)
PAINTS = 5


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, published: Published) -> Iterator[Page]:
    yield from _opened(browser, published(make_run))


@pytest.fixture
def hostile_page(browser: Browser, published: Published) -> Iterator[Page]:
    yield from _opened(browser, published(hostile_run))


@pytest.fixture
def full_page(browser: Browser, published: Published) -> Iterator[Page]:
    yield from _opened(browser, published(full_run))


def _opened(browser: Browser, folder: Path) -> Iterator[Page]:
    """Open a report, and require that the console stayed silent and nothing else was loaded."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    complaints: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: requested.append(request.url))
    address = (folder / "report.html").as_uri()
    page.goto(address)
    page.wait_for_function(ALL_LIVE)
    yield page
    assert complaints == []
    assert set(requested) == {address}
    page.close()


def lines_in(page: Page, chart: str) -> int:
    return page.locator(f'figure[data-chart="{chart}"] .mark-line path:not([stroke-dasharray])').count()


def test_the_largest_report_is_painted_within_a_second(full_page: Page) -> None:
    """In one of some attempts: another program may take the processor during one."""

    def painted_ms() -> float:
        paint_ms: float = full_page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        return paint_ms

    attempts_ms = [painted_ms()]
    while attempts_ms[-1] >= 1000 and len(attempts_ms) < PAINTS:
        full_page.reload()
        full_page.wait_for_function(ALL_LIVE)
        attempts_ms.append(painted_ms())

    assert min(attempts_ms) < 1000, attempts_ms


def test_the_first_screen_shows_the_answer_and_two_charts(page: Page) -> None:
    for chart in ("throughput", "latency-p95"):
        top = page.locator(f'figure[data-chart="{chart}"] .chart').bounding_box()
        assert top is not None
        assert top["y"] + 250 < 800


def test_a_point_says_its_figures_when_the_mouse_is_on_it(page: Page) -> None:
    page.locator('figure[data-chart="throughput"] path[aria-roledescription="point"]').last.hover()

    page.wait_for_selector("#vg-tooltip-element.visible")
    tip = page.locator("#vg-tooltip-element").inner_text()
    assert "quart" in tip
    assert "1,470" in tip


def test_a_point_says_its_interval_when_the_mouse_is_on_it(page: Page) -> None:
    page.locator('figure[data-chart="latency-p95"] path[aria-roledescription="point"]').last.hover()

    page.wait_for_selector("#vg-tooltip-element.visible")
    tip = page.locator("#vg-tooltip-element").inner_text()
    assert "95 % interval from" in tip
    assert "254" in tip
    assert "255" in tip


def test_the_slowest_answer_says_its_latency_when_the_mouse_is_on_it(page: Page) -> None:
    page.locator('figure[data-chart="spectrum"] path[aria-roledescription="point"]').last.hover()

    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "slowest" in page.locator("#vg-tooltip-element").inner_text()


def test_another_percentile_changes_open_load_too_and_a_lane_vanishes_there(full_page: Page) -> None:
    full_page.get_by_role("radio", name="p99").check()
    full_page.locator('figure[data-chart="latency-p99-open"] .vega-embed svg').wait_for()
    before = lines_in(full_page, "latency-p99-open")

    full_page.get_by_role("checkbox", name="flask-gevent").uncheck()

    full_page.wait_for_function(
        "document.querySelectorAll('figure[data-chart=latency-p99-open] [aria-label*=flask-gevent]').length == 0"
    )
    assert not full_page.locator('figure[data-chart="latency-p95-open"]').is_visible()
    assert lines_in(full_page, "latency-p99-open") == before - 1


def test_a_lane_that_is_not_chosen_vanishes_from_every_chart(page: Page) -> None:
    before = lines_in(page, "throughput"), lines_in(page, "memory")

    page.get_by_role("checkbox", name="flask-sync-4").uncheck()

    page.wait_for_function(
        "document.querySelectorAll('figure[data-chart=throughput] [aria-label*=flask-sync-4]').length == 0"
    )
    assert (lines_in(page, "throughput"), lines_in(page, "memory")) == (before[0] - 1, before[1] - 1)


def test_another_percentile_shows_other_charts_at_full_width(page: Page) -> None:
    page.get_by_role("radio", name="p99").check()

    chart = page.locator('figure[data-chart="latency-p99"] .chart svg')
    chart.wait_for()
    assert not page.locator('figure[data-chart="latency-p95"]').is_visible()
    box = chart.bounding_box()
    assert box is not None
    assert box["width"] > 500


def test_a_chart_that_was_hidden_while_the_window_changed_fits_when_it_is_shown_again(page: Page) -> None:
    page.get_by_role("radio", name="p99").check()
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function(
        "document.querySelector('figure[data-chart=throughput] svg').getBoundingClientRect().width > 600"
    )

    page.get_by_role("radio", name="p95").check()

    shown = "document.querySelector('figure[data-chart=latency-p95] svg').getBoundingClientRect().width"
    page.wait_for_function(f"{shown} > 600 && {shown} <= 700")


def test_an_axis_can_be_made_logarithmic(page: Page) -> None:
    figure = page.locator('figure[data-chart="throughput"]')

    figure.get_by_role("checkbox", name="log axis").check()

    figure.locator('[aria-label*="for a log scale"][aria-label*="Y-axis"]').wait_for(state="attached")


def test_dark_and_light_differ_in_ink_and_paper(page: Page) -> None:
    seen = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        label = page.locator(".chart text").first
        seen.add(
            (
                label.evaluate("e => getComputedStyle(e).fill"),
                page.evaluate("getComputedStyle(document.body).backgroundColor"),
            )
        )

    assert len({ink for ink, _ in seen}) == len({paper for _, paper in seen}) == 2


def test_a_phone_needs_no_sideways_scrolling(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})

    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    page.wait_for_function("document.querySelector('.chart svg').getBoundingClientRect().width <= 360")


def test_hostile_text_does_nothing_in_a_browser(hostile_page: Page) -> None:
    assert hostile_page.locator("img").count() == 0
    assert lines_in(hostile_page, "throughput") == 2
