"""What a run says in words: the answer first, then how it was measured and what was left open."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from harness.records import Run
from harness.show.figures import count, duration, percent
from harness.show.tables import invalid


@dataclass(frozen=True)
class Sentence:
    """A sentence and its tone: a verdict's word, "warning" or "note"."""

    text: str
    tone: str


METHOD = (
    "Each lane is served by a freshly started server once in every block; the order of lanes and points is random, "
    "balanced and seeded. Each point is warmed up, then measured over a window in steady state.",
    "A figure is the median over the valid blocks; percentiles come from the merged exact latencies of the window's "
    "good answers. Bars and bands reach from the smallest to the largest block.",
    "The limit is the throughput that theory allows: the smallest of users or slots over the upstream time of a "
    "request, upstream connections over the time that they are held, and cores over CPU seconds per request. "
    "“Bound by” names the smallest.",
    "Only declared primaries get a verdict: Student t on the log ratios of paired blocks, adjusted by Holm. "
    "Equivalent means that the 95 % interval lies within a ratio of 1.05 either way. All else is exploratory.",
)


def title(run: Run) -> str:
    """Return the run's question in a few words."""
    pairs = dict.fromkeys(f"{verdict.lane} against {verdict.baseline}" for verdict in run.verdicts)
    return ", ".join(pairs) or "Lanes side by side"


def subtitle(run: Run) -> str:
    """Return which run it is and what was asked of the lanes."""
    return f"{run.info.name} · scenario {run.info.scenario} · upstream delay {run.info.delay}"


def verdict_users(run: Run) -> int | None:
    """Return the verdict point, or the highest that was measured where that one was not; None without any."""
    measured = [point.users for point in run.summaries if point.blocks]
    return run.info.verdict_users if run.info.verdict_users in measured else max(measured, default=None)


def headline(run: Run) -> tuple[Sentence, ...]:
    """Return the answer, and what a reader must know before believing it."""
    return (*_doubts(run), *_verdicts(run), *_left_out(run))


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


def settings(config: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested settings as dotted names with their values."""
    if not isinstance(config, dict):
        yield name, str(config)
        return
    for key, value in config.items():
        yield from settings(value, f"{name}.{key}" if name else str(key))


def _doubts(run: Run) -> Iterator[Sentence]:
    if run.info.status != "complete":
        yield Sentence(_unfinished(run), "warning")
    if not run.trials:
        yield Sentence("No trial was finished: this run answers nothing.", "warning")
    elif len(invalid(run)) == len(run.trials):
        done = _trials(len(run.trials))
        yield Sentence(f"No trial is valid ({done} finished): this run answers nothing. See below why.", "warning")


def _unfinished(run: Run) -> str:
    done = f"{_trials(len(run.trials))} finished of {count(len(run.info.plan))} planned."
    if run.info.status == "interrupted":
        return f"The run was interrupted: {done}"
    return f"The run has not ended, or was killed: {done}"


def _verdicts(run: Run) -> Iterator[Sentence]:
    if run.verdicts:
        yield from (Sentence(verdict.sentence, verdict.verdict) for verdict in run.verdicts)
    elif len(invalid(run)) < len(run.trials):
        yield Sentence("This run has no verdict, because no primary was measured: all of it is exploratory.", "note")


def _left_out(run: Run) -> Iterator[Sentence]:
    lost = len(invalid(run))
    if 0 < lost < len(run.trials):
        verb = "is" if lost == 1 else "are"
        yield Sentence(f"{count(lost)} of {count(len(run.trials))} trials {verb} invalid and left out.", "note")


def _spent(run: Run) -> str:
    wall_s = run.info.wall_s
    return f"{duration(wall_s)}, {percent(run.info.load_s / wall_s)} % of it load" if wall_s else "not known"


def _trials(number: int) -> str:
    return f"{count(number)} trial was" if number == 1 else f"{count(number)} trials were"
