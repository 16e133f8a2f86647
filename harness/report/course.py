"""The course's own benchmark beside ours: its figures, what was behind them, and how near this run came to them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from harness.document.numbers import ABSENT, count, figure, percent
from harness.document.table import LANE, Cells, Column, Table, table
from harness.facts.point import users
from harness.facts.run import Run
from harness.facts.summary import PointSummary
from harness.judge.cold import WRK_TIMEOUT_MS


@dataclass(frozen=True)
class Lecture:
    """What wrk said in the lecture, and the slots of that server as far as they are known."""

    name: str
    slots: str
    answers: int
    rps: float
    average_s: float
    timeouts: int


# The course's own figures, as its lectures show them: `wrk -t20 -c20 -d15s` on the sun route of
# https://github.com/talkpython/async-techniques-python-course. Of Quart it says "about 20/s": 311 answers in 15 s.
FLASK = Lecture("lecture: Flask", "4 to 5", answers=71, rps=4.72, average_s=1.34, timeouts=65)
QUART = Lecture("lecture: Quart", "unbounded", answers=311, rps=20.7, average_s=0.944, timeouts=0)
CONNECTIONS = 20
PATH_S = 0.945  # a request's two upstream calls: the means that the course measured (upstream/delays.py), added
LIMIT_RPS = CONNECTIONS / PATH_S

TITLE = "The course's own figures, and ours"
ABOUT = (
    "Ours are medians over the valid blocks. req/s counts the answers that ended in the window, as wrk counts; mean ms "
    "is that of all of them (of the lecture's Flask, what Little's law says of a steady state), and the last two "
    "columns are what wrk would have said of the same answers."
)
COLD = (
    "The windows of this run are cold: all users start at once as the window opens, and nothing is warmed up. Its "
    "figures are those of a beginning, not of a steady state: where requests queue, the queue is still growing."
)
FULL_ENOUGH = 0.9  # of the limit: what stays below it leaves slots idle


@dataclass(frozen=True)
class Beside:
    """One row: of a server, what is known of its cold window."""

    name: str
    slots: str
    answers: float | None
    rps: float | None
    limit_rps: float | None
    limit_by: str
    mean_ms: float | None
    slow: float | None
    quick_ms: float | None


OF_A_SERVER: Cells[Beside] = (
    (LANE, lambda row: row.name),
    (Column("slots", wide=True), lambda row: row.slots),
    (Column("answers"), lambda row: count(row.answers)),
    (Column("req/s"), lambda row: figure(row.rps)),
    (Column("limit req/s"), lambda row: figure(row.limit_rps)),
    (Column("% of limit", lines="limit\n%"), lambda row: percent(_ratio(row.rps, row.limit_rps))),
    (Column("bound by", numeric=False, lines="by"), lambda row: row.limit_by or ABSENT),
    (Column("mean ms"), lambda row: figure(row.mean_ms)),
    (Column("slower than 2 s %", lines="> 2 s\n%"), lambda row: percent(_ratio(row.slow, row.answers))),
    (Column("wrk's average ms", lines="wrk's\nmean ms"), lambda row: figure(row.quick_ms)),
    (Column("wrk's “timeouts”", lines="wrk's\ntimeouts"), lambda row: count(row.slow)),
)


def is_cold(run: Run) -> bool:
    """Say whether a run has windows that are not meant to be steady."""
    return any(not trial.steady for trial in run.trials)


def course_table(run: Run) -> Table:
    """Return the lecture's figures with every lane below; without rows where the run does not repeat that benchmark.

    A repetition has cold windows, the sun route, the course's delays and as many users as wrk had connections.
    """
    return table(OF_A_SERVER, [_said(FLASK), _said(QUART), *ours] if (ours := _ours(run)) else [])


def explanation(run: Run) -> tuple[str, ...]:
    """Return what was behind the lecture's figures, in paragraphs; none where the run is no repetition."""
    if not (ours := _ours(run)):
        return ()
    known = [row for row in ours if row.rps]
    return (_timeouts(known), _slots(known), _connections(known))


def _ours(run: Run) -> list[Beside]:
    if not is_cold(run) or (run.info.scenario, run.info.delay) != ("sun", "course"):
        return []
    points = [point for lane in run.lanes for point in run.points_of(lane)]
    return [_measured(run, point) for point in points if point.point == users(CONNECTIONS)]


def _said(lecture: Lecture) -> Beside:
    mean_s = CONNECTIONS / lecture.rps if lecture.timeouts else lecture.average_s
    return Beside(
        lecture.name,
        lecture.slots,
        lecture.answers,
        lecture.rps,
        LIMIT_RPS,
        "users",
        1000 * mean_s,
        lecture.timeouts,
        1000 * lecture.average_s,
    )


def _measured(run: Run, point: PointSummary) -> Beside:
    middle = partial(run.median_at, point.lane, point.point)
    return Beside(
        point.lane,
        _slots_of(run, point.lane),
        middle(lambda trial: trial.window_ok),
        middle(lambda trial: trial.completed_rps),
        point.limit_rps,
        point.limit_by,
        middle(lambda trial: trial.latency_mean_ms),
        middle(lambda trial: trial.slow_ok),
        middle(lambda trial: trial.quick_mean_ms),
    )


def _slots_of(run: Run, lane: str) -> str:
    known = run.info.config.lanes.get(lane)
    return str(known.slots) if known else ABSENT


def _timeouts(known: list[Beside]) -> str:
    left = FLASK.answers - FLASK.timeouts
    words = (
        f"wrk's “timeouts” are no lost requests: they are answers that took longer than {WRK_TIMEOUT_MS / 1000:g} s. "
        f"wrk counts them in its rate and leaves them out of its latencies. So {FLASK.timeouts} of the lecture's "
        f"{FLASK.answers} Flask answers, {percent(FLASK.timeouts / FLASK.answers)} %, were slow, and its average of "
        f"{FLASK.average_s:g} s is that of the other {left}."
    )
    if (near := _nearest(known)) is None or not near.slow:
        return words
    return (
        f"{words} Of {near.name}, whose rate is nearest here, wrk would have said {count(near.slow)} timeouts and an "
        f"average of {_seconds(near.quick_ms)}, where the mean of all answers is {_seconds(near.mean_ms)}."
    )


def _slots(known: list[Beside]) -> str:
    words = (
        f"How many slots had that Flask server? {CONNECTIONS} connections that always wait for an answer, at "
        f"{FLASK.rps:g} answers a second, wait {CONNECTIONS} / {FLASK.rps:g} = {CONNECTIONS / FLASK.rps:.1f} s each "
        f"(Little's law). A request holds its slot for the {PATH_S:g} s of its upstream calls, so there were "
        f"{FLASK.rps:g} x {PATH_S:g} = {FLASK.rps * PATH_S:.1f}, that is, {FLASK.slots} slots."
    )
    near = _nearest(known)
    return f"{words} {near.name}, with {near.slots} slots, reaches {figure(near.rps)} req/s here." if near else words


def _connections(known: list[Beside]) -> str:
    words = (
        f"Quart met the limit of the load, not its own: {CONNECTIONS} connections that each wait {PATH_S:g} s for an "
        f"answer get at most {CONNECTIONS} / {PATH_S:g} = {LIMIT_RPS:.1f} answers a second, and {QUART.rps:g} are "
        f"{percent(QUART.rps / LIMIT_RPS)} % of that. A server with {CONNECTIONS} slots has the same limit"
    )
    wide = [row for row in known if row.limit_by == "users" or row.slots == str(CONNECTIONS)]
    here = ", ".join(f"{row.name} {figure(row.rps)}" for row in wide)
    return " ".join([f"{words}; here: {here} req/s." if here else f"{words}.", *_idle(wide)])


def _idle(wide: list[Beside]) -> Iterator[str]:
    below = [row.name for row in wide if (share := _ratio(row.rps, row.limit_rps)) and share < FULL_ENOUGH]
    if below:
        yield f"What stays below it ({', '.join(below)}) leaves slots idle while requests wait elsewhere."


def _nearest(known: list[Beside]) -> Beside | None:
    """Return the row whose rate is nearest to that of the lecture's Flask, as a ratio."""
    return min(known, key=lambda row: abs(math.log((row.rps or FLASK.rps) / FLASK.rps)), default=None)


def _ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def _seconds(ms: float | None) -> str:
    return ABSENT if ms is None else f"{figure(ms / 1000)} s"
