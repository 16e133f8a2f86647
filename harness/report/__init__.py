"""What a run looks like: charts, report.md, report.html and the brief in the terminal; and a study in the terminal."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import RenderableType

from harness.document.as_terminal import printable_blocks
from harness.facts.run import Run
from harness.report.document import brief
from harness.report.printable import printable
from harness.report.publish import documents, publish
from harness.report.study import study_blocks

__all__ = ["documents", "publish", "study_report", "terminal_report"]


def terminal_report(run: Run) -> RenderableType:
    """Return the answer in words, every lane at every point, what was not measured and what is invalid."""
    return printable_blocks(brief(printable(run)))


def study_report(title: str, rows: Sequence[Mapping[str, object]], notes: Iterable[str] = ()) -> RenderableType:
    """Return a study: rows with the same keys, and notes below."""
    return printable_blocks(study_blocks(title, rows, notes))
