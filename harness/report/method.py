"""How a run was measured, what it was asked and what could not be checked, in words and pairs."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from harness.facts.records import Run
from harness.report.marks import DASH
from harness.report.numbers import duration, figure, percent
from harness.report.tables import invalid

METHOD = (
    "Each lane is served by a freshly started server once in every block; the order of lanes and points is random, "
    "balanced and seeded. Each point is warmed up, then measured over a window in steady state.",
    "Closed load: so many users, each of whom waits for an answer before the next request. Open load: so many arrivals "
    "a second by a seeded schedule, whatever the server does; latency counts from the moment at which a request was "
    "due, service time from the moment at which it was sent. A server that does not keep up (its backlog grows, or an "
    "arrival finds no free sender) is called “not sustained” and gets no percentile: it would measure how long the "
    "trial was.",
    "A figure is the median over the valid blocks; percentiles come from the merged exact latencies of the window's "
    "good answers, and failed or unanswered requests rank slowest. Bars of throughput and bands reach from the "
    "smallest to the largest block.",
    f"709 (690{DASH}730) is a percentile with its 95 % interval, drawn as a bar in the latency charts. It treats "
    "requests as independent: how blocks differ is not in it, so it decides nothing. Verdicts rest on the blocks.",
    "The limit is the throughput that theory allows: the smallest of users or slots over the upstream time of a "
    "request, upstream connections over the time that they are held, and cores over CPU seconds per request. "
    "“Bound by” names the smallest. Open load has no users that could bind it.",
    "Only declared primaries get a verdict: Student t on the log ratios of paired blocks, adjusted by Holm. "
    "Equivalent means that the 95 % interval lies within a ratio of 1.05 either way. All else is exploratory.",
    "A/A measures a lane a second time under another name. Where a lane differs significantly from itself, the run "
    "gives no verdict on that metric. What the run can see is planning information from the noise between paired "
    "blocks; no verdict depends on it.",
)

OPEN_LOAD = (
    "Open load: latency counts from the moment at which a request was due, service time from the moment at which it "
    "was sent, so the gap between the two is time that it waited to be sent. Asked against reached says whether the "
    "server kept up. Send lateness is the generator's own: it stays small in a valid trial. An arrival that finds no "
    "free sender is sent as soon as one is, and what it waits counts as latency."
)
BOUNDS = (
    "The rules that every valid trial keeps, with the most that was allowed, declared before the run (of two bounds "
    "the larger one holds), and the worst value of a valid trial."
)
INSTRUMENT = "the instrument on this machine"


def facts(run: Run) -> tuple[tuple[str, str], ...]:
    """Return what is needed to repeat the run."""
    info = run.info
    return (
        ("name", f"{info.name} ({info.status})"),
        ("command", info.command),
        ("commit", info.commit),
        ("profile", info.profile),
        ("scenario", info.scenario),
        ("upstream delay", info.delay),
        ("seed", str(info.seed)),
        ("started", info.started_utc),
        ("finished", info.finished_utc or "not finished"),
        ("duration", _spent(run)),
        ("trials", f"{len(run.info.plan):,} planned, {len(run.trials):,} measured, {len(invalid(run)):,} invalid"),
    )


def calibration(run: Run) -> tuple[tuple[str, str], ...]:
    """Return what the instrument did on this machine; empty where the run relies on no calibration."""
    return tuple((name.replace("_", " "), value) for name, value in _leaves(run.info.calibration or {}, _measured))


def not_checked(run: Run) -> tuple[str, ...]:
    """Return what could not be checked, with the lanes that this is true of."""
    lanes: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for trial in run.trials:
        for check in filter(None, trial.not_checked.split("; ")):
            lanes[check][trial.lane] = None
    return tuple(f"{check} ({', '.join(names)})" for check, names in lanes.items())


def lane_settings(run: Run, lane: str) -> tuple[tuple[str, str], ...]:
    """Return how a lane is served, as far as the run says."""
    known = run.info.config.get("lanes")
    of_lane = known.get(lane, {}) if isinstance(known, dict) else {}
    return tuple((name, str(of_lane[name])) for name in ("slots", "command") if name in of_lane)


def settings(config: object) -> Iterator[tuple[str, str]]:
    """Yield nested settings as dotted names with their values."""
    yield from _leaves(config, str)


def _leaves(tree: object, text: Callable[[object], str], name: str = "") -> Iterator[tuple[str, str]]:
    if not isinstance(tree, dict):
        yield name, text(tree)
        return
    for key, value in tree.items():
        yield from _leaves(value, text, f"{name}.{key}" if name else str(key))


def _measured(value: object) -> str:
    return figure(value) if isinstance(value, float | None) else str(value)


def _spent(run: Run) -> str:
    wall_s = run.info.wall_s
    return f"{duration(wall_s)}, {percent(run.info.load_s / wall_s)} % of it load" if wall_s else "not known"
