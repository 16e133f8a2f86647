"""What a run looks like: charts, report.md, report.html and the table in the terminal."""

from harness.report.as_terminal import terminal_report
from harness.report.publish import documents, publish
from harness.report.study_table import study_table

__all__ = ["documents", "publish", "study_table", "terminal_report"]
