"""The rules that a valid trial keeps, the bounds that were declared before the run, and how near valid trials came."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness.facts.records import Run, Trial
from harness.report.numbers import ABSENT, figure
from harness.report.tables.table import Column, Row, Table

Reading = Callable[[Trial], float | None]


@dataclass(frozen=True)
class Rule:
    """A rule in words, its bound with the names of bench.toml's settings in it, and what a trial had of it."""

    what: str
    bound: str
    reading: Reading = lambda _: None
    unit: str = "%"


def _within_limit(trial: Trial) -> float | None:
    reached, limit = trial.throughput_rps, trial.limit_rps
    return reached / limit if reached and limit and trial.limit_by != "cpu" else None


def _failed_share(trial: Trial) -> float | None:
    answers = trial.window_ok + trial.window_failed
    return trial.window_failed / answers if answers else None


def _off_littles_law(trial: Trial) -> float | None:
    if not trial.users or not trial.steady or trial.throughput_rps is None or trial.latency_mean_ms is None:
        return None
    return trial.throughput_rps * trial.latency_mean_ms / 1000 / trial.users - 1


RULES = (
    Rule("requests were answered; each has one outcome; the stub saw its calls; the right app answered", "exactly"),
    Rule("every user had an answer when the window opened; warm-up and window suit the response time", "exactly"),
    Rule("no Locust process was lost, no listen queue overflowed, no upstream answer came early", "exactly"),
    Rule("CPU of a Locust process", "{generator_cpu_share} of a core", lambda trial: trial.generator_cpu_share),
    Rule("CPU of generator and stub", "{driver_cpu_share} of their cores", lambda trial: trial.driver_cpu_share),
    Rule(
        "lateness of the stub, p99",
        "{stub_lateness_ms} ms or {stub_lateness_share} of the upstream time",
        lambda trial: trial.stub_lateness_p99_ms,
        "ms",
    ),
    Rule(
        "closed load: time of a user without a request, per answer",
        "0 to {user_idle_ms} ms or {user_idle_share} of the mean latency",
        lambda trial: trial.user_idle_ms,
        "ms",
    ),
    Rule(
        "open load: lateness of a send, p99",
        "{send_lateness_ms} ms or {send_lateness_share} of the p50 latency",
        lambda trial: trial.send_lateness_p99_ms,
        "ms",
    ),
    Rule("failed answers", "{failed_share} of the window's", _failed_share),
    Rule("closed load: throughput x mean latency / users", "{littles_law_share} from 1", _off_littles_law),
    Rule("lateness of the CPU readings at the window's edges", "{edge_late_ms} ms or {edge_late_share} of the window"),
    Rule("throughput, of the limit by users, slots or pool", "{limit_share}", _within_limit),
    Rule("generator waited for its core", "{generator_queue_share} of the window", lambda t: t.generator_queue_share),
    Rule("steal: the hypervisor took", "{steal_share} of a core", lambda trial: trial.steal_share),
    Rule("foreign: other processes used", "{foreign_share} of a core", lambda trial: trial.foreign_share),
    Rule(
        "pressure: processes waited for memory",
        "{pressure_share} of the window",
        lambda trial: trial.memory_pressure_share,
    ),
    Rule("pressure: processes waited for a disk", "{pressure_share} of the window", lambda t: t.io_pressure_share),
    Rule("speed of the server's core, before against after", "{speed_drift} apart", lambda trial: trial.speed_drift),
)


def bounds_table(run: Run) -> Table:
    """Return each rule with its bound and the worst value of a valid trial; a bound that the run lacks is left out."""
    columns = (Column("rule", numeric=False), Column("bound", numeric=False), Column("worst valid trial"))
    return Table(columns, tuple(_rows(run)))


def _rows(run: Run) -> Iterator[Row]:
    declared = run.info.config.get("validity")
    bounds = _in_words(declared) if isinstance(declared, Mapping) else {}
    for rule in RULES:
        try:
            bound = rule.bound.format_map(bounds)
        except KeyError:  # an older run, which had no such bound
            continue
        yield Row((rule.what, bound, _worst(run, rule)))


def _in_words(bounds: Mapping[str, object]) -> dict[str, str]:
    """Return bounds as they are read: times in ms as they are, everything else as a share in percent."""
    numbers = {name: value for name, value in bounds.items() if isinstance(value, int | float)}
    return {name: f"{value:g}" if name.endswith("_ms") else f"{100 * value:g} %" for name, value in numbers.items()}


def _worst(run: Run, rule: Rule) -> str:
    values = [value for trial in run.trials if trial.status == "valid" and (value := rule.reading(trial)) is not None]
    if not values:
        return ABSENT
    worst = max(values, key=abs)
    return f"{figure(worst if rule.unit == 'ms' else 100 * worst, 2)} {rule.unit}"
