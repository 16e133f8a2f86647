"""Each block in Markdown and in a terminal."""

import io

import pytest
from rich.console import Console

from harness.document.as_markdown import markdown, markdown_of
from harness.document.as_terminal import printable_blocks
from harness.document.blocks import (
    Behind,
    Beside,
    Block,
    Choices,
    Document,
    Figures,
    Grouped,
    Heading,
    Listing,
    Paragraph,
    Settings,
    Slider,
    Sliders,
    Verbatim,
    listing,
    section,
)
from harness.document.table import LANE, Column, Row, Table
from harness.report.charts.drawing import Drawing

LINES = Table((Column("what", numeric=False), Column("how much"), Column("more", wide=True)), (Row(("a", "1", "2")),))
LANES = Table((LANE, Column("req/s")), (Row(("quart", "1")), Row(("quart", "2")), Row(("x|y",), note="no trial")))
CHART = Drawing(
    name="cpu", part="cost", title="CPU", caption="less is better", table=LINES, draw=lambda _: {}, scale="log"
)
SLIDERS = Sliders((Slider("cores", "Cores", "", (1, 2), 1),), LANES, "{}")


def printed(*blocks: Block, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width, no_color=True).print(printable_blocks(blocks))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip()


def test_a_document_is_its_title_its_subtitle_and_its_sections() -> None:
    sections = (*section("answer", "", [Paragraph("yes")]), *section("why", "Why", [Paragraph("so")]))

    assert markdown(Document("A|B", "today", sections)) == "# A\\|B\n\ntoday\n\nyes\n\n## Why\n\nso\n"


def test_a_section_for_a_page_is_not_in_markdown() -> None:
    sections = (*section("answer", "", [Paragraph("yes")]), *section("why", "Why", [Paragraph("so")], media=("page",)))

    assert markdown(Document("A", "today", sections)) == "# A\n\ntoday\n\nyes\n"


def test_a_section_and_a_list_without_anything_are_left_out() -> None:
    assert list(section("name", "Title", ())) == []
    assert list(listing("Heading", ())) == []


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (Heading("a*b"), "### a\\*b"),
        (Listing(("one", "two")), "- one\n- two"),
        (Settings((("slots", "4"), ("command", "x_y"))), "slots 4 · command x\\_y"),
        (LINES, "| what | how much | more |\n| --- | --: | --: |\n| a | 1 | 2 |"),
        (Grouped(LINES), "| what | how much | more |\n| --- | --: | --: |\n| a | 1 | 2 |"),
        (LANES, "| lane | req/s |\n| --- | --: |\n| quart | 1 |\n| quart | 2 |\n| x\\|y | no trial |"),
        (Beside((LINES,)), "| what | how much | more |\n| --- | --: | --: |\n| a | 1 | 2 |"),
        (Figures((CHART,)), "![CPU](charts/cpu.svg)\n\nless is better"),
        (Figures((CHART,), media=("page",)), ""),
        (Choices(), ""),
        (SLIDERS, ""),
        (Behind("more", (Paragraph("hidden"),), "`more.csv` has it."), "`more.csv` has it."),
        (Behind("more", (Paragraph("hidden"),)), ""),
        (Behind("more", (Paragraph("shown"),), in_text=True), "shown"),
    ],
)
def test_a_block_in_markdown(block: Block, text: str) -> None:
    assert markdown_of([block]) == text + "\n"


@pytest.mark.parametrize("said", ["plain", "~~~~\n# no heading\n~~~~", "~~~~~~~"])
def test_what_a_program_said_cannot_leave_its_fence(said: str) -> None:
    title, fenced = markdown_of([Verbatim("log", said)]).rstrip("\n").split("\n\n", 1)
    first, *inside, last = fenced.split("\n")

    assert title == "log"
    assert first == last == "~" * len(first)
    assert "\n".join(inside) == said
    assert not any(line.startswith(first) for line in inside)


def test_a_terminal_names_a_lane_once_and_leaves_notes_to_a_list() -> None:
    text = printed(LANES)

    assert text.count("quart") == 1
    assert "x|y" not in text


def test_a_narrow_terminal_has_no_wide_column() -> None:
    assert "more" not in printed(LINES)
    assert "more" in printed(LINES, width=120)


def test_groups_are_headings_in_a_terminal() -> None:
    assert printed(Grouped(LINES), width=120).splitlines()[0] == "a"


def test_a_terminal_shows_the_last_lines_of_what_a_program_said() -> None:
    said = "\n".join(f"  line {number}" for number in range(9))

    assert printed(Verbatim("log", said)).splitlines() == ["log", "    line 6", "    line 7", "    line 8"]


def test_a_block_for_other_media_looks_like_nothing_in_a_terminal() -> None:
    assert printed(Figures((CHART,)), Choices(), SLIDERS, Behind("more", (Paragraph("hidden"),), "x")) == ""
