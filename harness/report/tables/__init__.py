"""The tables of a run, as text cells."""

from harness.report.tables.bottlenecks import bottlenecks_table
from harness.report.tables.bounds import bounds_table
from harness.report.tables.capacity import capacity_table, probes_table
from harness.report.tables.ladder import ladder_table
from harness.report.tables.open_load import open_load_table
from harness.report.tables.points import answer_table, lane_table, points_table
from harness.report.tables.predictions import predictions_table
from harness.report.tables.routes import routes_table
from harness.report.tables.time_spent import time_spent_table
from harness.report.tables.trials import invalid_table, trials_table
from harness.report.tables.verdicts import verdicts_table

__all__ = [
    "answer_table",
    "bottlenecks_table",
    "bounds_table",
    "capacity_table",
    "invalid_table",
    "ladder_table",
    "lane_table",
    "open_load_table",
    "points_table",
    "predictions_table",
    "probes_table",
    "routes_table",
    "time_spent_table",
    "trials_table",
    "verdicts_table",
]
