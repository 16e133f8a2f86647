"""The percentile spectrum of the verdict point: every percentile up to the slowest good answer."""

import math
from collections.abc import Iterator, Sequence

from harness.document.numbers import count, figure
from harness.facts.run import Run
from harness.facts.summary import SpectrumPoint
from harness.report.charts.axes import nines_axis
from harness.report.charts.drawing import Drawing, matrix, scale_of
from harness.report.charts.specs import Datum, Frame, spectrum
from harness.report.marks import load

MAXIMUM = 100.0  # percent: the slowest answer
_CAPTION = (
    "Percentile spectrum: latency (vertical) against the percentile (horizontal, where 90, 99 and 99.9 % are equally "
    "far apart). A line that stays low to the right means that even the slowest requests were fast. A step at 99 % "
    "means that one request in 100 was delayed. The last mark of a line is its slowest answer. Only good answers of "
    "valid trials are counted."
)


def all_spectra(run: Run) -> Iterator[Drawing]:
    """Yield the chart of the percentile spectra, where the run has any."""
    lanes = run.lanes
    rows = [row for lane in lanes if (steps := run.spectra.get(lane)) for row in _rows(run, lane, steps)]
    if rows and run.info.verdict_point:
        yield _spectrum(rows, lanes, f"Every percentile at {load(run.info.verdict_point)}")


def _spectrum(rows: Sequence[Datum], lanes: tuple[str, ...], title: str) -> Drawing:
    scale = scale_of(rows)
    frame = Frame(title, "up to the slowest good answer, on an axis of nines", "latency, ms", lanes, scale)
    axis = nines_axis(max(row["one_in"] for row in rows))
    ordered = sorted(rows, key=lambda row: row["percent"])
    return Drawing(
        name="spectrum",
        part="depth",
        title=title,
        caption=_CAPTION,
        table=matrix("percentile", {(row["percentile"], row["lane"]): figure(row["value"]) for row in ordered}, lanes),
        draw=lambda look: spectrum(rows, axis, frame, look),
        scale=scale,
    )


def _rows(run: Run, lane: str, steps: Sequence[SpectrumPoint]) -> Iterator[Datum]:
    answers = _answers(run, lane)
    for step in steps:
        slowest = step.percent == MAXIMUM
        yield {
            "lane": lane,
            "one_in": answers if slowest else 1 / (1 - step.percent / 100),
            "percent": step.percent,
            "percentile": "slowest" if slowest else _nines(step.percent),
            "value": step.ms,
            "mark": slowest or _is_a_nine(step.percent),
        }


def _answers(run: Run, lane: str) -> int:
    """Return how many good answers the spectrum holds."""
    point = run.info.verdict_point
    return sum(trial.window_ok for trial in run.valid_at(lane, point)) if point else 0


def _is_a_nine(percent: float) -> bool:
    """Say whether the axis has a whole nine there: 0, 90, 99, 99.9 ..."""
    nines = -math.log10(1 - percent / 100)
    return math.isclose(nines, round(nines), abs_tol=1e-6)


def _nines(percent: float) -> str:
    """Return a percentile with as many digits as its nines need: 49.9, 99.87, 99.999."""
    beyond = 100 - percent
    return count(round(percent, 1 if beyond >= 1 else 2 if beyond >= 0.1 else 4))
