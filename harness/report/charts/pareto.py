"""What each lane holds against what that costs: which lanes no other one beats in both."""

from collections.abc import Callable, Iterator, Sequence

from harness.document.table import Table
from harness.facts.run import Run
from harness.report.charts.axes import cost_axis
from harness.report.charts.drawing import Drawing
from harness.report.charts.specs import Datum, Frame, pareto
from harness.report.tables.capacity import Answer, answers, capacity_table

COSTS: dict[str, tuple[str, Callable[[Answer], float | None]]] = {
    "cpu": ("CPU, ms per request", lambda answer: answer.there.cpu_ms_per_request if answer.there else None),
    "memory": ("memory (PSS), MiB for 100 requests/s", lambda answer: answer.mib_per_100),
}
CAPTION = (
    "Higher and further to the left is better. The dashed line joins the lanes that no other lane beats in both: which "
    "of them is best depends on what is dear, rate or {cost}."
)


def all_pareto(run: Run) -> Iterator[Drawing]:
    """Yield a chart for CPU and one for memory, where lanes hold a rate."""
    found = [answer for answer in answers(run) if answer.found.held_rps]
    for name, (title, cost) in COSTS.items():
        if rows := [_row(answer, value) for answer in found if (value := cost(answer)) is not None]:
            yield _drawing(name, title, with_front(rows), run, capacity_table(run))


def _row(answer: Answer, cost: float) -> dict[str, object]:
    return {"lane": answer.found.lane, "cost": cost, "value": answer.found.held_rps}


def with_front(rows: Sequence[Datum]) -> list[Datum]:
    """Return the rows, each with whether no other one holds as much at less cost."""
    return [{**row, "front": not any(_beats(other, row) for other in rows)} for row in rows]


def _beats(other: Datum, row: Datum) -> bool:
    no_worse = other["value"] >= row["value"] and other["cost"] <= row["cost"]
    return bool(no_worse and (other["value"] > row["value"] or other["cost"] < row["cost"]))


def _drawing(name: str, title: str, rows: Sequence[Datum], run: Run, table: Table) -> Drawing:
    slo = run.held_rates[0].slo
    heading = f"Rate that keeps {slo} against {'CPU' if name == 'cpu' else 'memory'}"
    frame = Frame(heading, "", "held, arrivals/s", run.lanes, "linear")
    axis = cost_axis(title, max(row["cost"] for row in rows))
    return Drawing(
        name=f"pareto-{name}",
        part="capacity",
        title=heading,
        caption=CAPTION.format(cost="CPU" if name == "cpu" else "memory"),
        table=table,
        draw=lambda look: pareto(rows, axis, frame, look),
        scale="linear",
    )
