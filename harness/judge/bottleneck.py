"""What holds a lane back at a point, with the figures that show it: rules as data, the first that is met decides.

Little's law turns a trial's rate and its times into how many requests were where: in flight, in service, at the
upstream. A wait whose place has room cannot be a wait for that place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import Literal

from harness.facts.config import Bounds, Lane, Saturation
from harness.facts.trial import Trial
from harness.judge.rule import Bounded
from harness.judge.validity import declared_by_name

Cause = Literal[
    "slots full",
    "CPU",
    "event loop blocked",
    "upstream pool",
    "upstream itself",
    "accept queue",
    "generator",
    "noise",
    "unknown",
    "none",
]

# The rules of validity whose breach says whose fault a trial's figures are.
BROKEN: dict[Cause, tuple[str, ...]] = {
    "generator": ("generator cpu", "driver cpu", "generator queue", "send lateness", "idle users"),
    "upstream itself": ("stub lateness", "stub queue"),
    "noise": (
        "edges",
        "steal",
        "foreign",
        "server busy",
        "throttled",
        "memory pressure",
        "io pressure",
    ),
}


@dataclass(frozen=True)
class Clues:
    """What a trial tells; None where it does not. Times are means of an answer in ms, the rest mean numbers.

    `cpu_share` is of the cores that the server may use. `waiting_ms` is the time outside the handler: before the app
    took the request up, and after it had answered. `client_wait_ms` is what the app waited for its upstream calls
    beyond the upstream's own time. `upstream_most` is the largest number of calls that the stub held at once.
    """

    latency_ms: float | None = None
    in_flight: float | None = None
    in_service: float | None = None
    slots: float | None = None
    cpu_share: float | None = None
    waiting_ms: float | None = None
    client_wait_ms: float | None = None
    untold_ms: float | None = None  # where the app says nothing of its time: all but upstream and CPU
    upstream_calls: float | None = None
    upstream_most: float | None = None
    pool: float | None = None
    accept_queue: float | None = None
    refused: float | None = None


@dataclass(frozen=True)
class Bottleneck:
    """The cause, the medians of the figures of the trials that show it, and how many of how many trials do.

    `breach` is the rule of validity that an invalid trial breaks, where it names the cause.
    """

    cause: Cause
    clues: Clues
    trials: int
    of: int
    breach: str = ""


def bottleneck(trials: Sequence[Trial], lane: Lane, bounds: Bounds, saturation: Saturation) -> Bottleneck | None:
    """Return what holds a lane back at a point; None where no trial tells.

    Valid trials decide, each for itself, and the most frequent cause is the point's. Where there is none, an invalid
    one tells whose fault that is.
    """
    if valid := [trial for trial in trials if trial.status == "valid"]:
        causes = [_cause(clues_of(trial, lane), saturation) for trial in valid]
        most = max(dict.fromkeys(causes), key=causes.count)
        shown = [clues_of(trial, lane) for cause, trial in zip(causes, valid, strict=True) if cause == most]
        return Bottleneck(most, _medians(shown), len(shown), len(valid))
    faults = [(*fault, trial) for trial in trials if (fault := _fault(trial, bounds))]
    if not faults:
        return None
    cause, breach, trial = faults[0]
    alike = sum(one == cause for one, _, _ in faults)
    return Bottleneck(cause, clues_of(trial, lane), alike, len(trials), breach)


def is_disturbed(trial: Trial, bounds: Bounds) -> bool:
    """Say whether other work on the machine has made a trial invalid."""
    fault = _fault(trial, bounds) if trial.status == "invalid" else None
    return fault is not None and fault[0] == "noise"


def clues_of(trial: Trial, lane: Lane) -> Clues:
    """Return what a trial tells of where its requests were."""
    rate, latency = trial.throughput_rps, trial.latency_mean_ms
    slots = None if lane.slots == "unbounded" else float(lane.slots)

    def number(time_ms: float | None) -> float | None:
        return None if rate is None or time_ms is None else rate * time_ms / 1000  # Little's law

    in_flight = number(latency)
    in_service, waiting = number(trial.handler_mean_ms), trial.queueing_mean_ms
    if waiting is None and latency is not None and in_flight and slots is not None:
        in_service = min(slots, in_flight)  # no more than the slots hold, wherever the app is silent
        waiting = latency * (1 - in_service / in_flight)
    return Clues(
        latency_ms=latency,
        in_flight=in_flight,
        in_service=in_service,
        slots=slots,
        cpu_share=_of_its_cores(trial, lane),
        waiting_ms=waiting,
        client_wait_ms=trial.client_wait_mean_ms,
        untold_ms=_untold_ms(trial) if waiting is None else None,
        upstream_calls=number(trial.upstream_mean_ms),
        upstream_most=trial.stub_max_in_flight,
        pool=lane.upstream_pool,
        accept_queue=trial.accept_queue_max,
        refused=trial.listen_overflows,
    )


def _of_its_cores(trial: Trial, lane: Lane) -> float | None:
    """Return the CPU share of all the cores that the limit counts; where it is another limit's, of the lane's own."""
    if trial.limit_by == "cpu" and trial.throughput_rps and trial.limit_rps:
        return trial.throughput_rps / trial.limit_rps
    return None if trial.cpu_share is None else trial.cpu_share / lane.cores


def _untold_ms(trial: Trial) -> float | None:
    """Return what of the latency neither upstream nor CPU explain."""
    if trial.latency_mean_ms is None:
        return None
    return trial.latency_mean_ms - (trial.upstream_mean_ms or 0.0) - (trial.cpu_ms_per_request or 0.0)


def _cause(clues: Clues, saturation: Saturation) -> Cause:
    return next((cause for cause, is_met in RULES if is_met(clues, saturation)), "none")


def _fault(trial: Trial, bounds: Bounds) -> tuple[Cause, str] | None:
    """Return whose fault an invalid trial is, and the rule that it breaks."""
    if trial.listen_overflows:
        return "accept queue", ""
    rules = declared_by_name(bounds)
    for cause, names in BROKEN.items():
        for rule in (rules[name] for name in names if name in rules):
            if isinstance(rule, Bounded) and (breach := rule.breach(trial, bounds)):
                return cause, breach
    return None


def _is_wait(time_ms: float | None, clues: Clues, saturation: Saturation) -> bool:
    """Say whether a time is more than an idle server takes: a share of the latency, and some milliseconds."""
    if time_ms is None or clues.latency_ms is None:
        return False
    return time_ms >= max(saturation.waiting_ms, saturation.waiting_share * clues.latency_ms)


def _waits_outside(clues: Clues, saturation: Saturation) -> bool:
    return _is_wait(clues.waiting_ms, clues, saturation)


def _core_busy(clues: Clues, saturation: Saturation) -> bool:
    return clues.cpu_share is not None and clues.cpu_share >= saturation.cpu_share


def _waits_for_core(clues: Clues, saturation: Saturation) -> bool:
    """Requests that come in bunches wait for a core that is idle in between."""
    waits = _waits_outside(clues, saturation) or _is_wait(clues.client_wait_ms, clues, saturation)
    return waits and clues.cpu_share is not None and clues.cpu_share >= saturation.cpu_waiting_share


def _accepts_late(clues: Clues, saturation: Saturation) -> bool:
    """Most of those that wait have not even been accepted."""
    outside = (clues.in_flight or 0.0) - (clues.in_service or 0.0)
    queue = clues.accept_queue or 0.0
    return _waits_outside(clues, saturation) and queue >= saturation.accept_share * outside > 0


def _slots_full(clues: Clues, saturation: Saturation) -> bool:
    """Say whether requests wait for a slot: nearly all are taken, or one process's are while another's are free."""
    if not clues.slots or clues.in_service is None or not _waits_outside(clues, saturation):
        return False
    return clues.in_service >= saturation.slots_share * clues.slots


def _slots_uneven(clues: Clues, saturation: Saturation) -> bool:
    if not clues.slots or clues.in_service is None:
        return False
    return clues.in_service >= saturation.uneven_share * clues.slots and _waits_outside(clues, saturation)


def _pool_full(clues: Clues, saturation: Saturation) -> bool:
    """Say whether the app waits for its own client while the number of calls at the upstream stands still.

    A number that is always near its largest is one that something bounds. A loop that stands still would make requests
    wait outside the app as well.
    """
    waited = clues.client_wait_ms or 0.0
    if not _is_wait(waited, clues, saturation) or not clues.upstream_most:
        return False
    most = min(clues.upstream_most, clues.pool or clues.upstream_most)
    is_bounded = (clues.upstream_calls or 0.0) >= saturation.pool_share * most
    return is_bounded and waited >= saturation.client_share * (waited + max(0.0, clues.waiting_ms or 0.0))


def _untold(clues: Clues, saturation: Saturation) -> bool:
    return _is_wait(clues.untold_ms, clues, saturation)


# In this order: a busy core also makes requests wait for slots, loop and client; a full slot fills the accept queue.
RULES: Sequence[tuple[Cause, Callable[[Clues, Saturation], bool]]] = (
    ("CPU", _core_busy),
    ("slots full", _slots_full),
    ("CPU", _waits_for_core),
    ("upstream pool", _pool_full),
    ("accept queue", _accepts_late),
    ("slots full", _slots_uneven),
    ("event loop blocked", _waits_outside),
    ("unknown", _untold),
)


def _medians(found: Sequence[Clues]) -> Clues:
    def middle(name: str) -> float | None:
        known = [value for clues in found if (value := getattr(clues, name)) is not None]
        return median(known) if known else None

    return Clues(**{field.name: middle(field.name) for field in fields(Clues)})
