"""What a run looks like: charts, report.md, report.html and the table in the terminal."""

from harness.show.publish import documents, publish
from harness.show.study_table import study_table
from harness.show.terminal import terminal_report

__all__ = ["documents", "publish", "study_table", "terminal_report"]
