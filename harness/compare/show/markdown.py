"""A comparison as GitHub Markdown, for a pull request or an issue."""

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.compare.comparison import Comparison
from harness.compare.show.words import (
    EXPLORATORY,
    HEADINGS,
    PRIMARY,
    VERDICT_HEADINGS,
    cells,
    exploratory,
    outcome_lines,
    primaries,
    remarks,
    sides,
)

_MARKUP = re.compile(r"([\\`*_\[\]<>&|~#])")
_ALIGNMENT = (":--", ":--", ":--", "--:", "--:", "--:", ":--")
_VERDICT_ALIGNMENT = (":--", ":--", ":--", "--:", "--:", "--:", "--:")


def markdown(comparison: Comparison) -> str:
    """Return what A and B are, one table of all rows, the verdicts, every doubt, and the thresholds."""
    blocks = [
        _bullets(sides(comparison)),
        _table(("row", *HEADINGS), _ALIGNMENT, _figures(comparison)),
        *_verdicts(comparison),
        _bullets(remarks(comparison)),
        *(
            ["Thresholds:", _bullets(line for _, line in outcome_lines(comparison.outcomes))]
            if comparison.outcomes
            else []
        ),
    ]
    return "\n\n".join(blocks) + "\n"


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {_escape(text)}" for text in texts)


def _figures(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    for row in comparison.rows:
        yield from ((row.label, *cells(shown)) for shown in row.figures.values())


def _verdicts(comparison: Comparison) -> Iterator[str]:
    if declared := [line for _, line in primaries(comparison)]:
        yield from (f"{PRIMARY}:", _bullets(declared))
    if explored := list(exploratory(comparison)):
        yield from (f"{EXPLORATORY}:", _table(VERDICT_HEADINGS, _VERDICT_ALIGNMENT, explored))


def _table(headings: Sequence[str], alignment: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    return "\n".join([_line(headings), _line(alignment), *(_line(map(_escape, row)) for row in rows)])


def _line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _escape(text: str) -> str:
    """Return a text that Markdown shows letter for letter."""
    return _MARKUP.sub(r"\\\1", text)
