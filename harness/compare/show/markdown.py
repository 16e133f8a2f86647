"""A comparison as GitHub Markdown, for a pull request or an issue."""

import re
from collections.abc import Iterable, Iterator

from harness.compare.comparison import Comparison
from harness.compare.show.words import HEADINGS, cells, outcomes, remarks, sides

_MARKUP = re.compile(r"([\\`*_\[\]<>&|~#])")
_ALIGNMENT = (":--", ":--", ":--", "--:", "--:", "--:", ":--")


def markdown(comparison: Comparison) -> str:
    """Return what A and B are, one table of all rows, every doubt, and the thresholds."""
    blocks = [
        _bullets(sides(comparison)),
        "\n".join(_table(comparison)),
        _bullets(remarks(comparison)),
        *(["Thresholds:", _bullets(line for _, line in outcomes(comparison))] if comparison.outcomes else []),
    ]
    return "\n\n".join(blocks) + "\n"


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {_escape(text)}" for text in texts)


def _table(comparison: Comparison) -> Iterator[str]:
    yield _line(("row", *HEADINGS))
    yield _line(_ALIGNMENT)
    for row in comparison.rows:
        for shown in row.figures.values():
            yield _line(map(_escape, (row.label, *cells(shown))))


def _line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _escape(text: str) -> str:
    """Return a text that Markdown shows letter for letter."""
    return _MARKUP.sub(r"\\\1", text)
