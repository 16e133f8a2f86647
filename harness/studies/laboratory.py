"""Single trials on a server of one's own choice, without a run's folder: for calibration and for studies."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from harness.errors import MeasurementError
from harness.facts.config import Lane, Upstream
from harness.facts.point import Point
from harness.facts.routes import Route
from harness.facts.trial import Trial
from harness.judge.counting import count_trial
from harness.judge.rows import Evidence
from harness.judge.trial_row import times, trial_row
from harness.measure.clock import utc_now
from harness.measure.generator import Generator, Sending
from harness.measure.instruments import Instruments, instruments
from harness.measure.probes import split_cores, stay_off_the_server
from harness.measure.server import Server, start_server
from harness.measure.site import free_port
from harness.measure.trial import Bench, observe
from harness.measure.work import Rows, Work
from harness.plan.blocks import PlannedTrial
from harness.plan.timing import Timing
from harness.studies.bounds import bounds

DRAIN_S = 10.0
ALONE = Sending()


@dataclass(frozen=True)
class Laboratory:
    """Instruments; servers and loads are up to the experimenter."""

    tools: Instruments

    @contextmanager
    def serve(self, lane: Lane, port: int = 0) -> Iterator[Server]:
        """Serve a lane on the server's core for as long as the block lasts."""
        server = start_server("study", lane, self.tools.site, port=port or free_port(), upstream=self.tools.stub.url)
        with server.child:
            yield server

    def measure(self, server: Server, lane: Lane, load: "Experiment") -> tuple[Trial, Evidence]:
        """Load a server once; return the judged row and the rows behind it."""
        with self._generator(server.port, lane, load) as generator:
            return self._observe(server, generator, lane, load)

    def measure_fresh(self, lane: Lane, load: "Experiment") -> Trial:
        """Load a server of its own once, which starts while the generator loads; return the judged row."""
        port = free_port()
        with self._generator(port, lane, load) as generator, self.serve(lane, port) as server:
            return self._observe(server, generator, lane, load)[0]

    @contextmanager
    def _generator(self, port: int, lane: Lane, load: "Experiment") -> Iterator[Generator]:
        generator = Generator(
            load.planned(),
            lane,
            Work(load.routes_of(lane), data=load.data),
            url=f"http://127.0.0.1:{port}",
            site=self.tools.site,
            sending=load.sending,
        )
        with generator.child:
            yield generator

    def _observe(self, server: Server, generator: Generator, lane: Lane, load: "Experiment") -> tuple[Trial, Evidence]:
        planned, routes, started = generator.planned, load.routes_of(lane), utc_now()
        evidence = observe(Bench(server, generator, self.tools), at_close=lambda: None)
        observed = count_trial(planned, routes, evidence)
        if observed.watched.faults or not observed.ok:
            raise MeasurementError(f"a trial of the study failed: {'; '.join(observed.watched.faults) or 'no answer'}")
        facts = {"scenario": "study", "started_utc": started}
        allowed = bounds()
        row = trial_row(planned, lane, routes, observed, times(evidence), allowed, **facts)
        if (row.still_ms or 0.0) > allowed.get("still_ms", math.inf):
            raise MeasurementError(f"a trial of the study was not watched: {row.reasons}")
        return row, evidence


@dataclass(frozen=True)
class Experiment:
    """A load: at which point, for how long (s), and with how many clients; closed load has one for each user."""

    point: Point
    window_s: float
    warmup_s: float = 1.0
    clients: int = 0
    sending: Sending = ALONE
    routes: Sequence[Route] = ()
    data: Rows = ()

    def planned(self) -> PlannedTrial:
        """Return the trial as the generator takes it."""
        timing = Timing(min(0.5, self.warmup_s / 2), self.warmup_s, self.window_s, DRAIN_S)
        return PlannedTrial(1, "study", self.point, timing, self.clients or round(self.point.level))

    def routes_of(self, lane: Lane) -> tuple[Route, ...]:
        """Return what is requested: the routes that are given, or the lane's own path."""
        return tuple(self.routes) or (Route(path=lane.path or "/", upstream=lane.upstream_calls),)


@contextmanager
def laboratory(upstream: Upstream | None = None) -> Iterator[Laboratory]:
    """Open a laboratory: a scratch folder, the cores divided, stub and probe; everything ends with the block."""
    stay_off_the_server(split_cores())
    with instruments(upstream or Upstream()) as tools:
        yield Laboratory(tools)


def ask(server: Server, path: str) -> Any:
    """Return what a server that is a stub says of itself; MeasurementError where it does not answer."""
    with requests.Session() as http:
        http.trust_env = False
        try:
            return http.get(server.url + path, timeout=30).json()
        except requests.RequestException as error:
            raise MeasurementError(f"the study's server does not answer {path}: {error}") from None


def stub_lane(delay: str) -> Lane:
    """Return a lane that is a stub: a server of which it is known what it does."""
    return Lane(
        command=f"python -m upstream --port {{port}} --delay {delay}",
        slots="unbounded",
        path="/location/us/97201",
        upstream_calls=(),
    )
