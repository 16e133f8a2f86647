"""Blocks as GitHub's Markdown."""

import re
from collections.abc import Iterable, Iterator
from functools import singledispatch
from itertools import groupby

from harness.document.blocks import (
    Behind,
    Beside,
    Block,
    Document,
    Figures,
    Grouped,
    Heading,
    Listing,
    Paragraph,
    Settings,
    Verbatim,
)
from harness.document.table import Row, Table

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#])")


def markdown(document: Document) -> str:
    """Return a document; its charts are in `charts/` beside it."""
    paragraphs = [f"# {escaped(document.title)}", escaped(document.subtitle)]
    for section in (section for section in document.sections if "text" in section.media):
        paragraphs += [f"## {escaped(section.title)}"] if section.title else []
        paragraphs += _paragraphs(section.blocks)
    return "\n\n".join(paragraphs) + "\n"


def markdown_of(blocks: Iterable[Block]) -> str:
    """Return blocks without a document around them."""
    return "\n\n".join(_paragraphs(blocks)) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows letter for letter."""
    return _SPECIAL.sub(r"\\\1", text)


def _paragraphs(blocks: Iterable[Block]) -> list[str]:
    return [paragraph for block in blocks for paragraph in _drawn(block)]


@singledispatch
def _drawn(_block: object) -> Iterator[str]:
    """Yield a block's paragraphs; a block that is for other media has none."""
    yield from ()


@_drawn.register
def _(block: Heading) -> Iterator[str]:
    yield f"### {escaped(block.text)}"


@_drawn.register
def _(block: Paragraph) -> Iterator[str]:
    yield escaped(block.text)


@_drawn.register
def _(block: Listing) -> Iterator[str]:
    yield "\n".join(f"- {escaped(line)}" for line in block.lines)


@_drawn.register
def _(block: Settings) -> Iterator[str]:
    yield " · ".join(f"{name} {escaped(value)}" for name, value in block.pairs)


@_drawn.register
def _(block: Verbatim) -> Iterator[str]:
    fence = "~" * (3 + max(map(len, re.findall("~+", block.text)), default=0))
    yield escaped(block.title)
    yield f"{fence}\n{block.text}\n{fence}"


@_drawn.register
def _(block: Table) -> Iterator[str]:
    """A note stands in the first cell without a figure."""
    head = [
        [escaped(column.heading) for column in block.columns],
        ["--:" if column.numeric else "---" for column in block.columns],
    ]
    body = (_cells(row, len(block.columns)) for row in block.rows)
    yield "\n".join(f"| {' | '.join(cells)} |" for cells in (*head, *body))


@_drawn.register
def _(block: Grouped) -> Iterator[str]:
    yield from _drawn(block.table)


@_drawn.register
def _(block: Beside) -> Iterator[str]:
    for table in block.tables:
        yield from _drawn(table)


@_drawn.register
def _(block: Figures) -> Iterator[str]:
    """Neighbours with the same caption share it."""
    if "text" in block.media:
        for caption, group in groupby(block.pictures, key=lambda picture: picture.caption):
            yield from (f"![{escaped(picture.title)}](charts/{picture.name}.svg)" for picture in group)
            yield escaped(caption)


@_drawn.register
def _(block: Behind) -> Iterator[str]:
    if block.instead:
        yield block.instead
    if block.in_text:
        yield from _paragraphs(block.blocks)


def _cells(row: Row, width: int) -> list[str]:
    filled = [escaped(cell) for cell in (*row.cells, row.note)] + [""] * width
    return filled[:width]
