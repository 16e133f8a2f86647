"""What is answered in time of what arrives, from light load to more than a lane can carry."""

from collections.abc import Iterator

from harness.facts.run import Run
from harness.report.charts.axes import rates_axis
from harness.report.charts.drawing import Drawing
from harness.report.charts.specs import Datum, Frame, against_load
from harness.report.faults import goodput_rows, steady

CAPTION = (
    "Up to its capacity a lane answers all that arrives (the dashed line). A lane that is overloaded and stays on its "
    "level sheds what it cannot carry; one that falls works for callers who have hung up."
)


def all_goodput(run: Run) -> Iterator[Drawing]:
    """Yield a chart for each steady load of which there are valid trials."""
    places = steady(run)
    for fault in dict.fromkeys(fault for fault, _ in places):
        groups = [group for (name, _), lane in places.items() if name == fault for group in lane]
        shown = [group for group in groups if group.trials[0].valid]
        if not shown:
            continue
        rows: list[Datum] = [
            {
                "lane": group.trials[0].lane,
                "load": group.rate_rps,
                "value": group.goodput_rps,
                "limit": group.offered_rps,
            }
            for group in shown
        ]
        title = f"Goodput against arrivals: {fault}"
        frame = Frame(title, "dashed: all that arrives", "good answers in time, per s", run.lanes, "linear")
        axis = rates_axis([group.rate_rps for group in shown])
        yield Drawing(
            name=f"goodput-{fault}",
            part="faults",
            title=title,
            caption=CAPTION,
            table=goodput_rows(groups),
            draw=lambda look, rows=rows, axis=axis, frame=frame: against_load(rows, axis, frame, look),  # type: ignore[misc]
            scale="linear",
        )
