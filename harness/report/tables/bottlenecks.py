"""What holds each lane back at each point, and how that shows."""

from collections.abc import Iterator

from harness.document.table import LANE, Cells, Column, Table, table
from harness.facts.run import Run
from harness.facts.summary import PointSummary
from harness.judge.bottleneck import Bottleneck, bottleneck
from harness.report import words
from harness.report.marks import load

Found = tuple[PointSummary, Bottleneck]
OF_A_POINT: Cells[Found] = (
    (LANE, lambda found: found[0].lane),
    (Column("load"), lambda found: load(found[0].point)),
    (Column("held back by", numeric=False), lambda found: found[1].cause),
    (Column("evidence", numeric=False, long=True), lambda found: words.bottleneck_evidence(found[1])),
)


def bottlenecks_table(run: Run) -> Table:
    """Return every lane at every point that has an answer, with what holds it back there."""
    return table(OF_A_POINT, _found(run))


def _found(run: Run) -> Iterator[Found]:
    config = run.info.config
    for lane in run.lanes:
        for point in run.points_of(lane):
            if (own := config.lanes.get(lane)) is None or point.point.fault:
                continue
            trials = [trial for trial in run.trials if trial.place == (lane, point.point)]
            if (found := bottleneck(trials, own, config.validity, config.bottleneck)) is not None:
                yield point, found
