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
from harness.measure.site import ROOT
from harness.signals import ignore_interrupts, raise_interrupted

if TYPE_CHECKING:
    from harness.advise.known import Source
    from harness.bench.options import Options
    from harness.facts.run import Run
    from harness.model.advice import Advice

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
    HTML = "html"


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
    profile: Annotated[
        str | None, typer.Option(help="How much is measured: smoke, quick (usual), full, course, faults, overload.")
    ] = None,
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
    fault: Annotated[
        str | None, typer.Option(help="What is to go wrong, of [faults]: stall,slow. Its profile is faults.")
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
        profile=profile or ("faults" if fault else "quick"),
        lanes=_words(lanes),
        points=_numbers(points, int, "numbers of users", "--points 1,16,300"),
        rates=_numbers(rates, float, "rates", "--rates 100,400"),
        faults=_words(fault),
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


@app.command()
def capacity(
    slo: Annotated[str, typer.Option(help="What is to be kept: p99<500ms,errors<0.1%.")],
    lanes: Annotated[str | None, typer.Option(help="Lanes instead of the profile's: A,B.")] = None,
    peak: Annotated[
        float | None,
        typer.Option(min=0.001, help="Arrivals a second to be served: says how many instances that takes."),
    ] = None,
    price_hour: Annotated[
        float | None, typer.Option(min=0, help="Price of an instance for an hour: says what a million requests cost.")
    ] = None,
    blocks: Annotated[int | None, typer.Option(help="Blocks of each probe.")] = None,
    seed: Annotated[int | None, typer.Option(help="As in bench.")] = None,
    scenario: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    delay: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    processes: Annotated[int | None, typer.Option(help="Locust processes that send.")] = None,
    config: Annotated[Path, typer.Option(help="Another bench.toml.")] = ROOT / "bench.toml",
    results: Annotated[Path, typer.Option(help="Where the run's folder is made.")] = ROOT / "results",
) -> None:
    """Find the highest rate at which each lane keeps an SLO, and write a run with the answer."""
    from harness.bench.options import Options
    from harness.facts.slo import parse_slo
    from harness.report.words import needs_sentences

    options = Options(
        profile="capacity",
        slo=str(parse_slo(slo)),
        processes=processes,
        lanes=_words(lanes),
        blocks=blocks,
        seed=seed,
        scenario=scenario,
        delay=delay,
        config=config,
        results=results,
    )
    run = _measured(options)
    print_plain(out, *needs_sentences(run, peak, price_hour))
    _exit_as_judged(run)


def _show_plan(options: "Options") -> None:
    """Print what would be measured and how long it takes."""
    from harness.bench.progress import lane_lines, outlook_lines
    from harness.bench.session import outlook

    plans, info = outlook(options)
    print_plain(out, *outlook_lines(plans, info), *lane_lines(plans))


def _measure(options: "Options") -> None:
    """Measure, write the run's reports, and exit as it was judged."""
    _exit_as_judged(_measured(options))


def _measured(options: "Options") -> "Run":
    """Measure, print the run's table and write its reports."""
    from harness.bench.progress import announce
    from harness.bench.session import bench as measure
    from harness.store.predictions import with_predictions

    folder, run = measure(options, lambda plans, info: announce(plans, info, err), partial(print_plain, err))
    run = with_predictions(run, folder)
    _publish(run, folder)
    print_plain(err, f"report: {folder / 'report.html'}")
    return run


def _publish(run: "Run", folder: Path) -> None:
    """Print a run's table, then write its reports and charts; say so where there are no charts, and go on."""
    from harness.report import publish, terminal_report

    out.print(terminal_report(run))
    if problem := publish(run, folder):
        print_plain(err, f"warning: {problem}", f"hint: {problem.hint}, then `make report RUN={folder}`")


def _exit_as_judged(run: "Run") -> None:
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
    ] = "",
    b: Annotated[str, typer.Argument(help="The same for the other side.")] = "",
    runs: Annotated[
        str | None, typer.Option(help="More than two, in their order: 'first second third'; or one pattern of them.")
    ] = None,
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
    window: Annotated[
        str | None, typer.Option(help="Seconds of Locust's history, FROM:TO: rates, mean and users of a span.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option(help="Write the JSON there, too.")] = None,
) -> None:
    """Compare two runs, or Locust reports, row by row: what B is beside A; of more, the newest with the one before."""
    from harness.compare import How, compare_runs, outcome_lines, render, runs_in
    from harness.store.files import write_atomically

    how = How(group or [], group_ids, rows, least, skip_damaged, window)
    comparison = compare_runs(runs_in(a, b, runs), threshold or [], how)
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
    from harness.store.predictions import with_predictions
    from harness.store.read_run import read_run
    from harness.store.run_folder import RunFolder

    result = with_predictions(read_run(run), run)
    RunFolder(run).write_locust_reports()
    _publish(result, run)


@app.command()
def predict(
    run: Annotated[Path, typer.Argument(help="The run whose calibration predicts.")],
    profile: Annotated[str, typer.Option(help="What will be measured, as in bench.")] = "quick",
    lanes: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    points: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    rates: Annotated[str | None, typer.Option(help="As in bench.")] = None,
    blocks: Annotated[int | None, typer.Option(help="As in bench.")] = None,
    file: Annotated[Path, typer.Option(help="Where the predictions go.")] = ROOT / "results" / "predictions.json",
) -> None:
    """Write what a run's calibration says of points that are still to be measured, with a hash."""
    from harness.bench.foretell import foretell
    from harness.bench.options import Options

    options = Options(
        profile=profile,
        lanes=_words(lanes),
        points=_numbers(points, int, "numbers of users", "--points 1,16,300"),
        rates=_numbers(rates, float, "rates", "--rates 100,400"),
        blocks=blocks,
    )
    predictions, found = foretell(run, options, file)
    print_plain(out, f"{len(predictions.points)} predictions, written {predictions.written_utc} to {file}")
    print_plain(out, f"sha256 {found}")


@app.command()
def score(
    run: Annotated[Path, typer.Argument(help="The run that was measured after the prediction.")],
    file: Annotated[Path, typer.Option(help="The predictions.")] = ROOT / "results" / "predictions.json",
) -> None:
    """Show predictions beside what was measured afterwards; exit with 1 where too few are near."""
    from harness.bench.foretell import score_of
    from harness.document.as_terminal import printable_blocks
    from harness.report.predicted import score_blocks

    found, told = score_of(run, file)
    blocks, kept = score_blocks(found)
    out.print(printable_blocks(blocks))
    print_plain(out, f"sha256 of the predictions: {told}")
    if not kept:
        raise typer.Exit(ExitCode.MISSED)


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
            help="advice, arrivals, coverage, delays, equality, error-rates, in-flight, looks, parts, recorder, "
            "rejections, stall, templates"
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


@app.command()
def advise(
    rate: Annotated[str | None, typer.Option(help="Requests that arrive in a second.")] = None,
    upstream_ms: Annotated[str | None, typer.Option(help="Ms that a request waits for its calls, together.")] = None,
    slo_ms: Annotated[str | None, typer.Option(help="Ms in which 95 % of them are to be answered.")] = None,
    workers: Annotated[str | None, typer.Option(help="Processes that serve today.")] = None,
    threads: Annotated[str | None, typer.Option(help="Threads of each of them.")] = None,
    calls: Annotated[str | None, typer.Option(help="Upstream calls of a request, one after another.")] = None,
    cpu_ms: Annotated[str | None, typer.Option(help="Ms of CPU that a request costs today.")] = None,
    cores: Annotated[str | None, typer.Option(help="Cores that the service has (1).")] = None,
    tail: Annotated[str | None, typer.Option(help="p99 of an upstream call / its median (1: all alike).")] = None,
    percentile: Annotated[str | None, typer.Option(help="Another share than 95 %: 50 to 99.9.")] = None,
    run: Annotated[Path | None, typer.Option(help="The run whose calibration is used, instead of the newest.")] = None,
    results: Annotated[Path, typer.Option(help="Where runs lie.")] = ROOT / "results",
    verify: Annotated[bool, typer.Option("--verify", help="Measure it at that rate, and say if it is so.")] = False,
) -> None:
    """Say whether what you run today is enough for your rate, and which is the smallest change that is."""
    from harness.advise.known import source
    from harness.advise.question import question as asked
    from harness.document.as_terminal import printable_blocks
    from harness.model.advice import advise as answer
    from harness.report.advice import advice_blocks
    from harness.studies.verified import check_can_verify

    found = source(results, run, partial(print_plain, err))
    numbers = {
        "RATE": rate,
        "UPSTREAM_MS": upstream_ms,
        "SLO_MS": slo_ms,
        "WORKERS": workers,
        "THREADS": threads,
        "CALLS": calls,
        "CPU_MS": cpu_ms,
        "CORES": cores,
        "TAIL": tail,
        "PERCENTILE": percentile,
    }
    question = asked(numbers, found.usual_calls)
    if verify:
        check_can_verify(question)
    advice = answer(question, found.known)
    out.print(printable_blocks(advice_blocks(advice, found.known, found.run)))
    if verify:
        _verify_advice(advice, found)


def _verify_advice(advice: "Advice", found: "Source") -> None:
    """Measure today's way and the recommended one; exit with 1 where the prediction did not hold."""
    from harness.document.as_terminal import printable_blocks
    from harness.report.advice import tested_blocks
    from harness.studies.verified import verify as measure

    ways = [advice.today, *([advice.recommended] if advice.recommended else [])]
    tested = measure(advice.question, ways, found.known, found.run.info.config, partial(print_plain, err))
    out.print(printable_blocks(tested_blocks(advice.question, tested)))
    if not all(one.held for one in tested):
        raise typer.Exit(ExitCode.MISSED)


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
        ignore_interrupts()
        err.print("ended")


def main() -> None:
    """Run the command line and exit: the one place that turns what happened into an exit code."""
    interrupts = raise_interrupted()
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:
        ignore_interrupts()
        if isinstance(error, Interrupted) or interrupts.has_raised:  # whatever it has become on its way
            code = _end(ExitCode.INTERRUPTED, "interrupted; what is finished is kept", *_notes(error))
        else:
            code = _why(error)
    else:
        ignore_interrupts()
    sys.exit(code if isinstance(code, int) else ExitCode.DONE)


def _why(error: BaseException) -> ExitCode:
    """Say what has ended the command, and return its exit code; what is no error of ours is raised again."""
    match error:
        case HarnessError():
            return _end(error.exit_code, f"error: {error}", error.hint, *_notes(error))
        case TyperException():
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "python -m harness"
            return _end(ExitCode.USAGE, f"error: {error.format_message()}", f"{command} --help")
        case OSError():
            return _end(ExitCode.USAGE, f"error: the system refuses: {error}", *_notes(error))
        case MemoryError():
            return _end(ExitCode.USAGE, "error: too little memory (ulimit -v)", *_notes(error))
        case _:
            raise error


def _end(code: ExitCode, message: str, *hints: str) -> ExitCode:
    """Say on stderr how it ended; return the exit code."""
    print(message, *(f"hint: {hint}" for hint in hints if hint), sep="\n", file=sys.stderr, flush=True)
    return code


def _notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])
