"""The command line: every verb, and the one place that turns an error into an exit code.

Each verb imports what it needs: statistics and charts take seconds to load, and `--help` needs neither.
"""

import sys
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from typer.exceptions import TyperException

from harness.errors import ExitCode, HarnessError, Interrupted, UsageError
from harness.facts.host import Host, Hosts
from harness.facts.run import Run
from harness.measure.site import ROOT
from harness.signals import ignore_interrupts, raise_interrupted

if TYPE_CHECKING:
    from harness.bench.options import Options

T = TypeVar("T")

app = typer.Typer(
    help="Flask and Quart side by side: the same API, the same slow upstream, the same load, judged fairly.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console()
err = Console(stderr=True)


class Format(StrEnum):
    """How a comparison is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"


def print_plain(console: Console, *lines: str, style: str | None = None) -> None:
    """Print lines as they are: without markup, colours for numbers, or breaks."""
    for line in lines:
        console.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


def _words(text: str | None) -> list[str] | None:
    if text is None:
        return None
    if words := [word.strip() for word in text.split(",") if word.strip()]:
        return words
    raise UsageError(f"{text!r} names nothing", hint="separate names or numbers by commas")


def _numbers(text: str | None, kind: Callable[[str], T], what: str, example: str) -> list[T] | None:
    try:
        words = _words(text)
        return None if words is None else [kind(word) for word in words]
    except ValueError:
        raise UsageError(f"{text!r} is not a list of {what}", hint=f"for example {example}") from None


def _services(flask: str | None, quart: str | None) -> dict[str, str]:
    """Return the services that are named on the command line, by what they are called."""
    return {name: served for name, served in (("flask", flask), ("quart", quart)) if served}


@app.command()
def bench(
    profile: Annotated[str, typer.Option(help="How much is measured: smoke, quick, full, course.")] = "quick",
    lanes: Annotated[str | None, typer.Option(help="Lanes instead of the profile's: A,B.")] = None,
    points: Annotated[str | None, typer.Option(help="Numbers of users instead of the profile's: 1,16,300.")] = None,
    blocks: Annotated[int | None, typer.Option(help="Blocks, at the verdict point too.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of delays and order.")] = None,
    scenario: Annotated[
        str | None, typer.Option(help="What the users do, unless the profile says it: sun, weather, city, events, mix.")
    ] = None,
    delay: Annotated[
        str | None, typer.Option(help="Upstream delay: fixed:SECONDS, course, lognormal:MEDIAN_S:SIGMA.")
    ] = None,
    rates: Annotated[
        str | None, typer.Option(help="Open load: arrivals a second instead of the profile's: 100,400.")
    ] = None,
    aa: Annotated[
        bool | None, typer.Option("--aa/--no-aa", help="A/A: measure a lane twice, to see what this machine can see.")
    ] = None,
    processes: Annotated[int | None, typer.Option(help="Locust processes that send.")] = None,
    flask: Annotated[
        str | None, typer.Option(help="Your synchronous service: a command with {port}, or the url where it runs.")
    ] = None,
    quart: Annotated[str | None, typer.Option(help="Your asynchronous one, which is judged against it.")] = None,
    paths: Annotated[str | None, typer.Option(help="What is asked of them: /a,/b.")] = None,
    cwd: Annotated[Path | None, typer.Option(help="The folder in which these two commands run.")] = None,
    locustfile: Annotated[Path | None, typer.Option(help="A locustfile of your own, whose users ask.")] = None,
    upstream: Annotated[
        str | None, typer.Option(help="A service that the apps call in place of the stub: its url; not checked.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(help="The machine that runs the servers: ssh:me@host; else this one.")
    ] = None,
    upstream_host: Annotated[str | None, typer.Option(help="The machine that runs the stub, likewise.")] = None,
    workers: Annotated[str | None, typer.Option(help="The machines that send the load: ssh:me@b,ssh:me@c.")] = None,
    allow_remote: Annotated[bool, typer.Option("--allow-remote", help="Load machines other than this one.")] = False,
    config: Annotated[Path, typer.Option(help="Another bench.toml.")] = ROOT / "bench.toml",
    results: Annotated[Path, typer.Option(help="Where the run's folder is made.")] = ROOT / "results",
    resume: Annotated[Path | None, typer.Option(help="Finish the interrupted run in this folder.")] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print what would be measured and how long it takes; measure nothing.")
    ] = False,
) -> None:
    """Measure the lanes side by side, and write a run with table, charts and report."""
    from harness.bench.options import Options

    options = Options(
        profile=profile,
        lanes=_words(lanes),
        points=_numbers(points, int, "numbers of users", "--points 1,16,300"),
        rates=_numbers(rates, float, "rates", "--rates 100,400"),
        aa=aa,
        blocks=blocks,
        seed=seed,
        scenario=scenario,
        delay=delay,
        processes=processes,
        services=_services(flask, quart),
        paths=_words(paths),
        locustfile=locustfile,
        cwd=cwd,
        upstream=upstream,
        hosts=Hosts.of(server, upstream_host, _words(workers) or ()),
        allow_remote=allow_remote,
        config=config,
        results=results,
        resume=resume,
    )
    if plan:
        _show_plan(options)
    else:
        _measure(options)


def _show_plan(options: "Options") -> None:
    """Print what would be measured and how long it takes."""
    from harness.bench.progress import lane_lines, outlook_lines
    from harness.bench.session import outlook

    plans, info = outlook(options)
    print_plain(out, *outlook_lines(plans, info), *lane_lines(plans))


def _measure(options: "Options") -> None:
    """Measure, write the run's reports, and exit as it was judged."""
    from harness.bench.progress import announce
    from harness.bench.session import bench as measure

    folder, run = measure(options, lambda plans, info: announce(plans, info, err), partial(print_plain, err))
    _publish(run, folder)
    print_plain(err, f"report: {folder / 'report.html'}")
    _exit_as_judged(run)


def _publish(run: Run, folder: Path) -> None:
    """Print a run's table, then write its reports and charts; say so where there are no charts, and go on."""
    from harness.report import publish, terminal_report

    out.print(terminal_report(run))
    if problem := publish(run, folder):
        print_plain(err, f"warning: {problem}", f"hint: {problem.hint}, then `make report RUN={folder}`")


def _exit_as_judged(run: Run) -> None:
    """Say how the run keeps its thresholds; exit with 3 where a point has no valid trial, with 1 where one is missed.

    A verdict that is worse counts as missed.
    """
    from harness.compare import check_run, outcome_lines

    outcomes = check_run(run)
    for missed, line in outcome_lines(outcomes):
        print_plain(out, line, style="red" if missed else None)
    if not run.summaries or any(not point.blocks and point.wait_beyond_limit_s is None for point in run.summaries):
        raise typer.Exit(ExitCode.INVALID)
    if any(outcome.met is False for outcome in outcomes) or any(one.word == "worse" for one in run.verdicts):
        raise typer.Exit(ExitCode.MISSED)


@app.command()
def compare(
    a: Annotated[
        str,
        typer.Argument(help="A run's folder, a trials.csv, Locust's _stats.csv or its prefix; or several: 'before/*'."),
    ],
    b: Annotated[str, typer.Argument(help="The same for the other side.")],
    threshold: Annotated[
        list[str] | None,
        typer.Option(help="What B must keep, for example 'quart:p99 < 500ms', instead of what its bench.toml said."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TEXT,
    group: Annotated[list[str] | None, typer.Option(help=r"Rows that are one: '/orders/\d+ => /orders/{id}'.")] = None,
    group_ids: Annotated[bool, typer.Option("--group-ids", help="Make one row of names that differ in ids.")] = False,
    rows: Annotated[str | None, typer.Option(help="These rows alone: 'GET /api/*', Aggregated.")] = None,
    least: Annotated[int, typer.Option(min=0, help="Rows with at least so many requests.")] = 0,
    top: Annotated[int, typer.Option(min=1, help="Rows of a long comparison in text and Markdown, worst first.")] = 20,
    skip_damaged: Annotated[
        bool, typer.Option("--skip-damaged", help="Leave out reports that cannot be read.")
    ] = False,
    json_file: Annotated[Path | None, typer.Option(help="Write the JSON there, too.")] = None,
) -> None:
    """Compare two runs, or Locust reports, row by row: what B is beside A."""
    from harness.compare import How, outcome_lines, render
    from harness.compare import compare as compare_sides
    from harness.store.files import write_atomically

    how = How(group or [], group_ids, rows, least, skip_damaged)
    comparison = compare_sides(a, b, threshold or [], how)
    colour = out.is_terminal and not out.no_color
    if json_file is not None:
        write_atomically(json_file, render(comparison, "json"))
    sys.stdout.write(render(comparison, form.value, width=out.width, color=colour, top=top))
    if form is Format.CSV:
        print_plain(err, *comparison.notes, *(line for _, line in outcome_lines(comparison.outcomes)))
    if comparison.missed or comparison.worse:
        raise typer.Exit(ExitCode.MISSED)


@app.command()
def report(run: Annotated[Path, typer.Argument(help="A run's folder, for example results/latest.")]) -> None:
    """Write charts and report of a run again, and print its table."""
    from harness.store.read_run import read_run
    from harness.store.run_folder import RunFolder

    result = read_run(run)
    RunFolder(run).write_locust_reports()
    _publish(result, run)


@app.command()
def verify(run: Annotated[Path, typer.Argument(help="A run's folder, for example results/latest.")]) -> None:
    """Compute all that a run says again from the rows of its requests; a difference is exit code 3."""
    from harness.bench.verify import differences

    number = 0
    for number, difference in enumerate(differences(run), start=1):  # noqa: B007 - each is said as it is found
        print_plain(out, difference)
    if number:
        raise typer.Exit(ExitCode.INVALID)
    print_plain(out, f"{run}: all of it follows from the rows of its requests")


@app.command()
def calibrate(
    results: Annotated[Path, typer.Option(help="Where the calibration is kept, for the runs beside it.")] = ROOT
    / "results",
) -> None:
    """Measure what the instrument can do on this machine: floor, jitter, ceilings, lateness."""
    from harness.bench.description import circumstances
    from harness.report import study_report
    from harness.studies.calibration import renewed

    figures = renewed(results, circumstances(), with_recorder=True)
    out.print(
        study_report("The instrument on this machine", [{"figure": name, "value": figures[name]} for name in figures])
    )


@app.command()
def study(
    name: Annotated[
        str,
        typer.Argument(
            help="stall, arrivals, in-flight, recorder, delays, coverage, looks, rejections, error-rates, parts."
        ),
    ],
) -> None:
    """Show that the instrument is right: measure or simulate something whose answer is known."""
    from harness.facts.names import pick
    from harness.report import study_report
    from harness.studies import STUDIES

    found = pick(STUDIES, name, "study")(partial(print_plain, err))
    verdict = {None: "", True: "kept", False: "MISSED"}[found.kept]
    promise = [f"{verdict}: {found.promise}"] if found.promise else []
    out.print(study_report(found.title, found.rows, [*found.notes, *promise]))
    if found.kept is False:
        raise typer.Exit(ExitCode.MISSED)


@app.command(name="hosts-check")
def hosts_check(hosts: Annotated[str, typer.Argument(help="Machines: ssh:me@a,ssh:me@b.")]) -> None:
    """Say what other machines lack for a run, their cores and limits, and how sure their clocks are known."""
    from harness.hand.check import check
    from harness.report import study_report

    rows, ready = check([Host.parse(word) for word in _words(hosts) or ()])
    out.print(study_report("The machines", rows))
    if not ready:
        raise typer.Exit(ExitCode.USAGE)


@app.command(name="hosts-setup")
def hosts_setup(hosts: Annotated[str, typer.Argument(help="Machines: ssh:me@a,ssh:me@b.")]) -> None:
    """Bring this commit and its locked environment to other machines."""
    from harness.hand.setup import set_up

    set_up([Host.parse(word) for word in _words(hosts) or ()], partial(print_plain, err))


@app.command()
def timeline(
    run: Annotated[Path | None, typer.Option(help="Show single requests of a run: its folder.")] = None,
    out_folder: Annotated[Path, typer.Option("--out", help="Where picture and trace go, without a run.")] = ROOT
    / "results"
    / "timeline",
    delay: Annotated[float, typer.Option(min=0.001, max=60, help="Seconds that each upstream call waits.")] = 0.5,
) -> None:
    """Measure three requests that arrive together, at one slot and at an event loop; or show those of a run."""
    from harness.timeline.written import timeline_of_run, timeline_of_three

    if run is None:
        shown = timeline_of_three(out_folder, delay, partial(print_plain, err))
    else:
        shown, out_folder = timeline_of_run(run), run / "timelines"
    out.print(shown)
    print_plain(err, f"pictures and trace.json, which https://ui.perfetto.dev opens: {out_folder}")


@app.command(name="check-pair")
def check_pair(
    lanes: Annotated[str | None, typer.Option(help="Which lanes: A,B; else those of the profile.")] = None,
    scenario: Annotated[str | None, typer.Option(help="Whose routes are asked.")] = None,
    flask: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    quart: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    paths: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    cwd: Annotated[Path | None, typer.Option(help="As in bench.")] = None,
    upstream: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    allow_remote: Annotated[bool, typer.Option("--allow-remote", help="As in bench.")] = False,
    openapi: Annotated[Path | None, typer.Option(help="An OpenAPI file to follow in place of the routes.")] = None,
    examples: Annotated[int, typer.Option(min=1, help="Requests of each of its operations.")] = 25,
    config: Annotated[Path, typer.Option(help="Another bench.toml.")] = ROOT / "bench.toml",
) -> None:
    """Start two lanes, ask both the same, and show where they differ: seconds, before any load."""
    from harness.bench.options import Options
    from harness.pair.check import check_pair, check_with
    from harness.pair.show import document, followed

    options = Options(
        lanes=_words(lanes),
        scenario=scenario,
        services=_services(flask, quart),
        paths=_words(paths),
        cwd=cwd,
        upstream=upstream,
        allow_remote=allow_remote,
        config=config,
    )
    if openapi is None:
        found = check_pair(options)
        blocks, good = document(found), not any(one.different or one.faults for one in found)
    else:
        different = check_with(openapi, options, examples)
        blocks, good = followed(different), not any(different.values())
    from harness.document.as_terminal import printable_blocks

    out.print(printable_blocks(blocks))
    if not good:
        raise typer.Exit(ExitCode.MISSED)


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="The file that is written.")] = Path("bench.toml"),
) -> None:
    """Write a commented bench.toml for a service of your own."""
    from harness.bench.init import write

    write(path)
    print_plain(out, f"{path}: change what is marked, then: python -m harness check-pair --config {path}")


@app.command()
def ui(
    stub_port: Annotated[int, typer.Option(help="Port of the upstream stub.")] = 8000,
    flask_port: Annotated[int, typer.Option(help="Port of the Flask app.")] = 8001,
    quart_port: Annotated[int, typer.Option(help="Port of the Quart app.")] = 8002,
    web_port: Annotated[int, typer.Option(help="Port of Locust's web UI.")] = 8089,
    scenario: Annotated[str, typer.Option(help="What the users ask for: its first route.")] = "sun",
    lanes: Annotated[str | None, typer.Option(help="Which two lanes: A,B; else the first pair of bench.toml.")] = None,
    config: Annotated[Path, typer.Option(help="Another bench.toml.")] = ROOT / "bench.toml",
) -> None:
    """Serve both apps and Locust's web UI on this machine until Ctrl-C."""
    from harness.bench.options import load_config
    from harness.ui import Ports, serve

    ports = Ports(stub_port, flask_port, quart_port, web_port)
    try:
        serve(load_config(config), ports, scenario, _words(lanes), say=partial(print_plain, out))
    except Interrupted:
        err.print("ended")


def main() -> None:
    """Run the command line and exit: the one place that turns what happened into an exit code."""
    raise_interrupted()
    code = _run()
    ignore_interrupts()
    sys.exit(code)


def _run() -> int:
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except HarnessError as error:
        return _end(error.exit_code, f"error: {error}", error.hint, *_notes(error))
    except Interrupted as interrupt:
        return _end(ExitCode.INTERRUPTED, "interrupted; what is finished is kept", *_notes(interrupt))
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "python -m harness"
        return _end(ExitCode.USAGE, f"error: {error.format_message()}", f"{command} --help")
    except OSError as error:
        return _end(ExitCode.USAGE, f"error: the system refuses: {error}", *_notes(error))
    except MemoryError as error:
        return _end(ExitCode.USAGE, "error: too little memory (ulimit -v)", *_notes(error))
    return code if isinstance(code, int) else ExitCode.DONE


def _end(code: ExitCode, message: str, *hints: str) -> ExitCode:
    """Say on stderr how it ended; return the exit code."""
    print(message, *(f"hint: {hint}" for hint in hints if hint), sep="\n", file=sys.stderr, flush=True)
    return code


def _notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])
