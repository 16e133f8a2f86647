"""What `make demo` ends with: measured beside theory, as a table and as bars."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich import box
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from producer_consumer.figures import Figures, Theory

BAR = 40  # characters


@dataclass(frozen=True)
class Outcome:
    """A program's name, what it took, and what theory says that it takes."""

    name: str
    measured: Figures
    theory: Theory


def render(outcomes: list[Outcome]) -> RenderableType:
    """Return the table and the chart of all programs that ran."""
    return Group(_table(outcomes), _chart(outcomes))


def _table(outcomes: list[Outcome]) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, caption="seconds; an item waits from generated to taken up", caption_justify="left"
    )
    table.add_column("program")
    for heading in ("items", "", "total", "first wait", "mean wait", "worst wait"):
        table.add_column(heading, justify="right")
    for outcome in outcomes:
        items = str(len(outcome.measured.waits_s))
        table.add_row(outcome.name, items, "measured", *_cells(outcome.measured))
        table.add_row(Text(f"  {outcome.theory.law}", "dim"), "", "theory", *_cells(outcome.theory.figures))
    return table


def _cells(figures: Figures) -> Iterator[str]:
    for value in (figures.total_s, figures.first_s, figures.mean_s, figures.worst_s):
        yield f"{value:.2f}"


def _chart(outcomes: list[Outcome]) -> Table:
    chart = Table.grid(padding=(0, 1))
    for _ in ("program", "which", "bar"):
        chart.add_column()
    chart.add_column(justify="right")
    _bars(chart, "total time", outcomes, lambda figures: figures.total_s)
    _bars(chart, "mean wait", outcomes, lambda figures: figures.mean_s)
    return chart


def _bars(chart: Table, heading: str, outcomes: list[Outcome], value: Callable[[Figures], float]) -> None:
    """Add two bars for each program, all on one scale."""
    pairs = [(outcome.name, value(outcome.measured), value(outcome.theory.figures)) for outcome in outcomes]
    longest = max(max(measured, theory) for _, measured, theory in pairs)
    chart.add_row(Text(heading, "bold"))
    for name, measured, theory in pairs:
        chart.add_row(f"  {name}", "measured", _bar(measured, longest, "cyan"), f"{measured:.2f} s")
        chart.add_row("", "theory", _bar(theory, longest, "default"), f"{theory:.2f} s")


def _bar(value: float, longest: float, colour: str) -> RenderableType:
    """Return a bar as long as its value: a full one of Rich's, which finds a character that the terminal has."""
    width = round(BAR * value / longest) if longest else 0
    return ProgressBar(total=1, completed=1, width=width, finished_style=colour) if width else ""
