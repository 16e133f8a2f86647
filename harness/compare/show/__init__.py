"""A comparison as text, JSON, Markdown, CSV or HTML."""

from harness.compare.comparison import Comparison
from harness.compare.show.csv_rows import csv_rows
from harness.compare.show.document import TOP, blocks_of
from harness.compare.show.json_document import json_document
from harness.compare.show.text import text
from harness.document.as_markdown import markdown_of
from harness.facts.names import pick

FORMATS = ("text", "json", "markdown", "csv", "html")


def render(comparison: Comparison, form: str = "text", *, width: int = 100, color: bool = False, top: int = TOP) -> str:
    """Return the comparison in one of FORMATS, ending in a newline; width and color concern text only.

    `top` is how many rows people are shown of a longer comparison, the worst first.

    UsageError for an unknown format.
    """
    forms = {
        "text": lambda: text(comparison, width, color, top),
        "json": lambda: json_document(comparison),
        "markdown": lambda: markdown_of(blocks_of(comparison, top)),
        "csv": lambda: csv_rows(comparison),
        "html": lambda: _page(comparison, top),
    }
    return pick(forms, form, "format")()


def _page(comparison: Comparison, top: int) -> str:
    from harness.compare.show.page import page_of  # charts take a second to load, which the other forms can do without

    return page_of(comparison, top)
