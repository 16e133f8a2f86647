import base64
import gzip
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from show_runs import Published, all_invalid_run, empty_run, full_run, hostile_run, make_run

from harness.facts.run import Run

ADDRESSES = ("src", "srcset", "href", "xlink:href", "data", "action")
VOID = {"meta", "input", "br", "img", "link"}


class Outline(HTMLParser):
    """What a page consists of; a closing tag without its opening one is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


@pytest.fixture
def page(published: Published) -> str:
    return (published(make_run) / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def hostile(published: Published) -> str:
    return (published(hostile_run) / "report.html").read_text(encoding="utf-8")


def test_the_page_loads_nothing(page: str) -> None:
    outline = Outline(page)

    addresses = [attributes.get(name) for _, attributes in outline.tags for name in ADDRESSES if name in attributes]

    assert all(re.fullmatch(r"#mark-\d+", address or "") for address in addresses)
    assert "@import" not in page.split("<script")[0]
    assert "url(" not in page.split("<script")[0]
    assert "default-src 'none'" in page


def test_the_page_of_the_largest_profile_is_below_2_mb(published: Published) -> None:
    assert (published(full_run) / "report.html").stat().st_size < 2_000_000


def test_every_chart_has_a_caption_and_a_table_behind_it(page: str) -> None:
    outline = Outline(page)

    assert outline.count("figure") == outline.count("figcaption") == 12
    assert page.split("<figure")[1].index("<details>") < page.split("<figure")[1].index("<table>")


def test_the_page_says_the_answer_before_anything_else(page: str) -> None:
    order = [
        'id="answer"',
        "quart served 1.88 times",
        "<table>",
        "<figure",
        'id="depth"',
        'id="lanes"',
        'id="method"',
        'id="validity"',
    ]

    assert sorted(order, key=page.index) == order


def test_open_load_calibration_and_bounds_have_their_place(published: Published) -> None:
    page = (published(full_run) / "report.html").read_text(encoding="utf-8")
    order = [
        "Minimum detectable effect",
        "A/A: quart against itself",
        'data-chart="latency-p95"',
        'data-chart="latency-p95-open"',
        'data-chart="spectrum"',
        "asked, arrivals/s",
        "where time goes at",
        "A/A: no difference found",
        "the instrument on this machine",
        "20 % of a core",
    ]

    assert sorted(order, key=page.index) == order
    assert 'colspan="3" class="note">not sustained in 3 of 3 blocks' in page


def test_a_run_of_the_sort_before_open_load_has_no_empty_part(page: str) -> None:
    shown = page.split("<script")[0]

    assert not any(text in shown for text in ("asked, arrivals/s", "-open", "the instrument on this machine", "A/A: "))


def test_hostile_text_stays_text(page: str, hostile: str) -> None:
    outline = Outline(hostile)

    assert outline.count("img") == 0
    assert outline.count("script") == Outline(page).count("script") == 4
    assert "\x1b" not in hostile
    assert any("</script><img src=x onerror=alert(1)>|`*_=cmd" in text for text in outline.texts["td"])


def test_hostile_text_reaches_the_charts_as_it_is(hostile: str) -> None:
    (packed,) = re.findall(r'id="charts">([^<]+)<', hostile)

    lanes = json.loads(gzip.decompress(base64.b64decode(packed)))["specs"]["throughput"]["params"][0]["value"]

    assert lanes[0].startswith("</script><img src=x")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(all_invalid_run, "No trial is valid"), (empty_run, "The run was interrupted: 0 trials were finished")],
)
def test_a_page_without_a_valid_trial_says_so_and_draws_nothing(
    make: Callable[[], Run], sentence: str, published: Published
) -> None:
    page = (published(make) / "report.html").read_text(encoding="utf-8")

    assert sentence in page
    assert Outline(page).count("figure") == Outline(page).count("script") == 0


def test_every_invalid_trial_stands_there_with_its_reason_and_struck_through(page: str) -> None:
    rows = [attributes for tag, attributes in Outline(page).tags if tag == "tr"]

    assert sum(attributes.get("class") == "struck" for attributes in rows) == 2
    assert page.count("2 requests with wrong upstream calls") == 2
