"""The tables of a run, as text cells: one description for the terminal, Markdown and HTML."""

from harness.show.tables.bounds import bounds_table
from harness.show.tables.lanes import invalid, lanes_of
from harness.show.tables.open_load import open_load_table
from harness.show.tables.points import answer_table, lane_table, points_table
from harness.show.tables.table import Column, Row, Table, pairs_table
from harness.show.tables.time_spent import time_spent_table
from harness.show.tables.trials import invalid_table, trials_table
from harness.show.tables.verdicts import verdicts_table

__all__ = [
    "Column",
    "Row",
    "Table",
    "answer_table",
    "bounds_table",
    "invalid",
    "invalid_table",
    "lane_table",
    "lanes_of",
    "open_load_table",
    "pairs_table",
    "points_table",
    "time_spent_table",
    "trials_table",
    "verdicts_table",
]
