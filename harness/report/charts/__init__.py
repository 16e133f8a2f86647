"""The charts that a run gets, each with a caption that says what to see and the table behind it."""

from harness.facts.run import Run
from harness.report.charts.against_load import all_against_load
from harness.report.charts.drawing import FIRST_PERCENTILE, Drawing, first_percentile
from harness.report.charts.fault_timeline import all_under_faults
from harness.report.charts.goodput import all_goodput
from harness.report.charts.lane_map import all_maps
from harness.report.charts.over_time import all_over_time
from harness.report.charts.pareto import all_pareto
from harness.report.charts.predicted import all_predicted
from harness.report.charts.specs import SCALES, Spec
from harness.report.charts.spectrum import all_spectra
from harness.report.charts.steps import all_steps

__all__ = ["FIRST_PERCENTILE", "SCALES", "Drawing", "Spec", "drawings", "first_percentile"]


def drawings(run: Run) -> tuple[Drawing, ...]:
    """Return the charts that the run has figures for; a chart without any is absent, not empty."""
    return (
        *all_pareto(run),
        *all_steps(run),
        *all_against_load(run),
        *all_spectra(run),
        *all_over_time(run),
        *all_predicted(run),
        *all_maps(run),
        *all_under_faults(run),
        *all_goodput(run),
    )
