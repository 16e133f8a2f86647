from xml.etree import ElementTree

import pytest
from rich.console import Console
from single_requests import city_request, request, sun_request

from harness.report.draw import svg
from harness.report.style import FILE, PAGE, Look
from harness.timeline.chart import Heading, timeline_spec
from harness.timeline.terminal import figures_table, signs, timeline_in_terminal
from harness.timeline.tracks import MARKS, Track

TRACKS = [
    Track("one slot: Flask", "1 long", city_request()),
    Track("one slot: Flask", "2 short", sun_request(), 0.05),
    Track("event loop: Quart", "1 long", sun_request(late_s=0.004)),
    Track("event loop: Quart", "2 short", request(0.1)),
]
HEADING = Heading("Requests", ("What to <see>",), "the first was sent")


def printed(width: int, **settings: bool) -> str:
    console = Console(width=width, **settings)  # type: ignore[arg-type]
    with console.capture() as capture:
        for part in (timeline_in_terminal(TRACKS), signs(TRACKS), figures_table(TRACKS)):
            console.print(part)
    return capture.get()


@pytest.mark.parametrize("width", [80, 120])
def test_the_longest_request_fills_the_line_and_the_others_keep_its_scale(width: int) -> None:
    lines = printed(width).splitlines()
    bars = {line[:8].strip(): line[8:].rpartition(" ms")[0].rstrip(" 0123456789") for line in lines[:4] if "ms" in line}

    assert max(map(len, lines)) <= width
    assert len(bars["1 long"]) == width - 8 - len(" 300 ms")
    assert len(bars["2 short"]) == len(bars["1 long"])  # it began 50 ms later and took 50 ms less
    assert bars["2 short"].startswith(" " * round(len(bars["1 long"]) / 6))


def test_signs_alone_tell_the_phases_apart() -> None:
    assert len({mark.sign for mark in MARKS.values()}) == len({mark.colour for mark in MARKS.values()}) == len(MARKS)
    assert all(f"{mark.sign} {mark.words}" in printed(120) for mark in MARKS.values())


def test_no_color_is_obeyed() -> None:
    assert "\x1b[" in printed(80, force_terminal=True)
    assert "\x1b[3" not in printed(80, force_terminal=True, no_color=True)


def test_the_figures_stand_side_by_side_and_what_is_not_told_is_absent() -> None:
    rows = [line.split() for line in printed(80).splitlines()]

    assert ["1", "long", "270", "300", "238", "250"] in rows
    assert ["2", "short", "238", "250", "–", "100"] in rows  # noqa: RUF001 - the sign for "no figure"


@pytest.mark.parametrize("look", [FILE, PAGE])
def test_a_picture_has_a_bar_for_each_phase_and_names_the_calls_that_fit(look: Look) -> None:
    spec = timeline_spec(TRACKS, HEADING, look)
    bars = [row for rows in spec["datasets"].values() for row in rows if "took" in row]

    drawn = ElementTree.fromstring(svg(spec))  # noqa: S314 - our own
    texts = {"".join(element.itertext()) for element in drawn.iter("{http://www.w3.org/2000/svg}text")}

    assert {"location", "weather + sun", "sun", "processing ms", "response ms", *("1 long", "2 short")} <= texts
    assert ("What to <see>" in texts) == (look is FILE)
    assert sum(bar["took"] for bar in bars) == pytest.approx(300 + 250 + 250 + 100)
    assert next(bar["from"] for bar in bars if bar["row"] == "2 short") == pytest.approx(50)
