"""Answers in, figures out: each second of a test as a point, and tables of the last ten seconds and of the whole."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loadtests.live.span import Span

APPS = ("flask", "quart")  # what the two are called where nobody names them
PERCENTS = (50, 95, 99)
FIGURES = (
    *("users", "throughput_rps", "failures_rps", *(f"p{percent}_ms" for percent in PERCENTS), "cpu_percent"),
    *("health_ms", "health_missed"),
)
KEPT = 600  # points: ten minutes
RECENT = 10  # seconds that a percentile is taken from: one second alone has too few answers

Figure = int | float | None
Point = dict[str, Figure]
Row = dict[str, str | Figure]


@dataclass(frozen=True)
class Sample:
    """What is seen at a second's end: its length, users and used CPU seconds by app, upstream calls in flight.

    And how long an answer to /health took in it, in ms, by app: None where there was none, no app where none was asked.
    """

    seconds: float
    users: Mapping[str, int]
    cpu_s: Mapping[str, float | None]
    in_flight: int | None
    health_ms: Mapping[str, float | None] = field(default_factory=dict)


class Track:
    """One app: the second that is open, the last ten that are closed, and the whole test."""

    def __init__(self) -> None:
        self.open, self.total = Span(), Span()
        self.closed: deque[Span] = deque(maxlen=RECENT)

    def recent(self) -> Span:
        """Return the last ten seconds as one span."""
        span = Span()
        for second in self.closed:
            span.add(second)
        return span

    def close(self, seconds: float, cpu_s: float | None) -> Span:
        """End the open second and return it."""
        done, self.open = self.open, Span()
        done.seconds, done.cpu_s = seconds, cpu_s
        self.closed.append(done)
        self.total.add(done)
        return done


def columns(apps: Sequence[str]) -> tuple[str, ...]:
    """Return what a point holds, in order."""
    return ("second", "upstream_in_flight", *(f"{app}_{figure}" for app in apps for figure in FIGURES))


class Series:
    """Both apps since the test began or was reset; `run` counts these beginnings. Memory is bounded."""

    def __init__(self, apps: Sequence[str] = APPS, run: int = 0) -> None:
        self.apps, self.run = tuple(apps), run
        self.restart()

    def restart(self) -> None:
        """Forget everything: a new test begins."""
        self.run += 1
        self.elapsed_s = 0.0
        self.tracks = {app: Track() for app in self.apps}
        self.points: deque[Point] = deque(maxlen=KEPT)

    def note(self, app: str, latency_ms: float, failed: bool, size: int) -> None:
        """Count an answer in the second that is open."""
        self.tracks[app].open.note(latency_ms, failed, size)

    def close(self, sample: Sample) -> None:
        """End the open second: it becomes a point."""
        self.elapsed_s += sample.seconds
        point: Point = {"second": round(self.elapsed_s, 2), "upstream_in_flight": sample.in_flight}
        for app, track in self.tracks.items():
            second = track.close(sample.seconds, sample.cpu_s[app])
            figures = _figures(second, track.recent(), sample.users[app]) | _health(app, sample)
            point |= {f"{app}_{name}": figure for name, figure in figures.items()}
        self.points.append(point)

    def after(self, second: float) -> list[Point]:
        """Return the points later than a second of this test."""
        return [point for point in self.points if (point["second"] or 0) > second]

    def table(self) -> list[Row]:
        """Return a row for each app and span: the last ten seconds, then the whole test."""
        spans = {"last 10 s": Track.recent, "whole test": lambda track: track.total}
        return [
            {"app": app, "span": name, **_totals(span_of(track))}
            for name, span_of in spans.items()
            for app, track in self.tracks.items()
        ]


def _figures(second: Span, recent: Span, users: int) -> Point:
    """Return a point's figures for one app; one without users that answers nothing has no rates, not zero."""
    idle = not users and not second.requests
    return {
        "users": users,
        "throughput_rps": None if idle else _rounded(second.per_second(second.answers)),
        "failures_rps": None if idle else _rounded(second.per_second(second.failures)),
        **_percentiles(recent),
        "cpu_percent": _rounded(second.cpu_percent()),
    }


def _health(app: str, sample: Sample) -> Point:
    """Return how /health was answered, and 1 where it was not."""
    took_ms = sample.health_ms.get(app)
    missed = int(took_ms is None) if app in sample.health_ms else None
    return {"health_ms": _rounded(took_ms), "health_missed": missed}


def _totals(span: Span) -> Point:
    """Return a table row's figures of one span."""
    return {
        "requests": span.requests,
        "failures": span.failures,
        "throughput_rps": _rounded(span.per_second(span.answers)),
        **_percentiles(span),
        "cpu_ms": _rounded(span.cpu_ms_per_answer()),
    }


def _percentiles(span: Span) -> Point:
    return {f"p{percent}_ms": _rounded(span.percentile_ms(percent)) for percent in PERCENTS}


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 2)
