"""A comparison as a page: one file that needs no network, in the report's look, with charts of more than two runs."""

from collections.abc import Iterator, Sequence

from harness.compare.comparison import Comparison
from harness.compare.metrics import KNOWN
from harness.compare.show.document import blocks_of, worst_first
from harness.compare.show.runs import names_of, over_runs
from harness.compare.show.words import OVERVIEW
from harness.compare.sides import plain
from harness.document.blocks import Block, Choices, Document, Figures, section
from harness.document.numbers import figure
from harness.facts.figures import Metric
from harness.report.as_page import Picture, page
from harness.report.charts import Drawing
from harness.report.charts.axes import Axis
from harness.report.charts.drawing import matrix, scale_of
from harness.report.charts.specs import Datum, Frame, against_load
from harness.report.pictures import NO_PICTURES, NotDrawnError, draw
from harness.report.style import PAGE

LINES = 8  # of a chart; more cannot be told apart
CAPTION = f"The runs in their order, the newest last; a line for each row, of many for the {LINES} that became worst."


def page_of(comparison: Comparison, top: int) -> str:
    """Return the page's text; where the charts cannot be drawn it has their tables alone."""
    lines = [row.label for row in worst_first(comparison.rows)[:LINES]]
    charts = tuple(_charts(comparison, lines)) if comparison.earlier else ()
    specs = {chart.name: chart.draw(PAGE) for chart in charts}
    try:
        drawn = draw({}, stand_ins=specs, script=bool(specs))
    except NotDrawnError:
        charts, drawn = (), NO_PICTURES
    pictures = [Picture(chart, specs[chart.name], drawn.stand_ins[chart.name]) for chart in charts]
    names = " / ".join(plain(side.name) for side in comparison.runs)
    document = Document("Comparison", names, tuple(section("comparison", "", _blocks(comparison, charts, top))))
    return page(names, document, lines if charts else (), pictures, drawn.script, "Rows").strip() + "\n"


def _blocks(comparison: Comparison, charts: tuple[Drawing, ...], top: int) -> Iterator[Block]:
    if charts:
        yield Choices()
        yield Figures(charts)
    yield from blocks_of(comparison, top)


def _charts(comparison: Comparison, lines: Sequence[str]) -> Iterator[Drawing]:
    """Yield a chart for each metric that some run has."""
    rows = [row for row in comparison.rows if row.label in lines]
    names = names_of(comparison.runs)
    for metric in map(KNOWN.__getitem__, OVERVIEW):
        found = [
            {"lane": row.label, "load": number, "run": name, "value": value}
            for row in rows
            for number, (name, value) in enumerate(
                zip(names, over_runs(comparison.runs, row.key, metric), strict=True), start=1
            )
            if value is not None
        ]
        if found:
            yield _chart(metric, found, tuple(lines))


def _chart(metric: Metric, rows: Sequence[Datum], lines: tuple[str, ...]) -> Drawing:
    title = f"Latency {metric.name}" if metric.percent else metric.name.replace("_", " ").capitalize()
    scale = scale_of(rows) if metric.percent else "linear"
    axis = Axis("load", "run", {"type": "linear"}, {"tickMinStep": 1, "format": "d"}, ("run:N", "run"))
    frame = Frame(title, "", f"{metric.name}, {metric.unit}", lines, scale)
    return Drawing(
        name=metric.name,
        part="time",
        title=title,
        caption=CAPTION,
        table=matrix("run", {(row["run"], row["lane"]): figure(row["value"]) for row in rows}, lines),
        draw=lambda look: against_load(rows, axis, frame, look),
        scale=scale,
        percentile=metric.name if metric.percent else None,
    )
