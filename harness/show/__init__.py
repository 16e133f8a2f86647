"""What a run looks like: charts, report.md, report.html and the table in the terminal."""

from harness.show.publish import publish
from harness.show.terminal import terminal_report

__all__ = ["publish", "terminal_report"]
