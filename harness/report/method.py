"""How a run was measured, what it was asked and what could not be checked, in words and pairs."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from harness.document.numbers import duration, figure, percent
from harness.facts.config import Config
from harness.facts.run import Run
from harness.judge.statistics import EQUIVALENCE
from harness.report.marks import DASH

METHOD = (
    "In every block each lane runs on a freshly started server. The order of lanes and points is random, balanced and "
    "seeded; lanes that are compared stand near each other. Each point is warmed up and then measured over a window in "
    "steady state.",
    "Closed load: a fixed number of users; each waits for an answer before it sends the next request. Open load: "
    "requests arrive on a seeded schedule that does not depend on the server. In open load latency counts from the "
    "moment at which a request was due, and service time from the moment at which it was sent. A rate is “not "
    "sustained” if the backlog grows or an arrival finds no free sender. It then has no percentiles, because they "
    "would grow with the length of the trial. One block shows a large overload only. A smaller one is looked for in "
    "what the backlog gained over all blocks; the table says which overload would have shown there with 80 % power.",
    "A figure is the geometric mean of the valid blocks' own; memory and threads are medians. Failed and "
    f"unanswered requests rank as slowest. 709 (690{DASH}730) is a figure with its 95 % interval, which charts draw "
    "as a bar: Student's t on the logs of the blocks. It takes three blocks. Only the spectrum merges the latencies of "
    "all blocks.",
    "The limit is the highest throughput that theory allows. It is the smallest of: users / upstream time of a "
    "request; slots / upstream time of a request; upstream connections / time that a request holds one; cores / CPU "
    "seconds per request. “Bound by” names the smallest. In open load users set no limit.",
    "Only primaries, which are declared before the run, get a verdict. The test is Student's t on the log ratios of "
    f"paired blocks, with Holm's adjustment. Equivalent: the 90 % interval lies within a ratio of {EQUIVALENCE} either "
    "way. Looks at fewer pairs are declared before the run: it stops early once every difference is sure, and p and "
    "intervals allow for the looks. All other figures are exploratory.",
    "A virtual core changes its speed within a second, and the two lanes of a pair seldom meet the same one. A "
    "probe on the server's core measures that speed during every window. Throughput at equal core speed is "
    "throughput / speed; the ratio that is not adjusted stands beside it.",
    "A/A control: one lane is measured a second time under another name. If it differs significantly from itself in a "
    "metric, verdicts on that metric are withheld. The minimum detectable effect is computed from the variation "
    "between paired blocks. It helps to plan a run; no verdict depends on it.",
)

MODEL = (
    "Each lane is calibrated on two of its points of closed load, the highest and one other, and all others are "
    "predicted: throughput by a closed formula, percentiles by a simulation. p95 is scored by what it has beyond "
    "upstream time, since upstream time alone is most of it. The interval is where nine of ten measurements over as "
    "many blocks are expected."
)

OPEN_LOAD = (
    "Open load: latency counts from the moment at which a request was due, service time from the moment at which it "
    "was sent. The difference is the time that a request waited to be sent. If reached is below asked, the server did "
    "not keep up. Send lateness is the load generator's own delay. An arrival that finds no free sender is sent as "
    "soon as a sender is free, and this wait counts as latency."
)
BOUNDS = (
    "Every valid trial keeps these rules. The bounds were declared before the run; of two bounds the larger one "
    "applies. The last column is the worst value among the valid trials."
)
LADDER = (
    "From lane to lane one thing changes, so a ratio is what this change buys, with all that comes with it (threads "
    "keep connections that sync workers close, a framework has a client of its own). Each lane stands at the highest "
    "number of users that it was measured at. Geometric means over paired blocks with Student's t interval. "
    "Exploratory: there is no test and no verdict. A branch is no part of the whole way."
)
ROUTES = (
    "Each route of the pairs that are judged, geometric means over blocks; the ratio of the p95 latencies is that of "
    "the paired blocks. Exploratory: the verdict is on all requests together."
)
BOTTLENECKS = (
    "The first of these that a trial shows: CPU; slots full; upstream pool; accept queue; event loop blocked. None: "
    "all had room, so more load would be answered. The bounds are in [bottleneck] of bench.toml, declared before the "
    "run. How many requests were where follows from Little's law: rate x time. Where no trial is valid, a broken "
    "rule of validity may say that it was the generator, the upstream itself, or noise."
)
CAPACITY = (
    "A probe is held if its requests prove every part of the SLO at 95 % (one-sided binomial bounds of the share "
    "beyond it; 0 late of 299 prove p99), no block alone is missed and the backlog grew in none. It is missed if they "
    "prove the opposite, or the backlog grew, and no block alone is held. Else it is unresolved. Held back by: at the "
    "lowest rate that is missed. CPU and memory: at the highest rate that is held."
)
INSTRUMENT = "the instrument on this machine"
OF_FAULTS = {"faults", "fault_rates", "orchestrator"}  # keys of bench.toml


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
        ("trials", f"{len(run.info.plan):,} planned, {len(run.trials):,} measured, {len(run.invalid):,} invalid"),
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
    known = run.info.config.lanes.get(lane)
    return (("slots", str(known.slots)), ("command", known.command)) if known else ()


def settings(config: Config) -> Iterator[tuple[str, str]]:
    """Yield nested settings as dotted names with their values; those of faults only where there are some."""
    for name, value in _leaves(config.model_dump(mode="json"), str):
        if config.faults or OF_FAULTS.isdisjoint(name.split(".")):
            yield name, value


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
