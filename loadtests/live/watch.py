"""Watches a test from inside Locust: hears every answer, and closes a second of the series each second."""

import time
from collections.abc import Mapping
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import STATE_INIT, STATE_STOPPED

from loadtests.live.probes import Processor, Upstream, health_ms
from loadtests.live.series import Sample, Series

SECOND = 1.0


class Watch:
    """The series of both apps, fed while a test runs.

    By app: `pids` are the servers', `users` their classes, `health` where each is asked for its health.
    """

    def __init__(
        self,
        environment: Environment,
        pids: Mapping[str, int],
        users: Mapping[str, str],
        stub_url: str,
        health: Mapping[str, str] | None = None,
    ) -> None:
        self.environment, self.pids, self.users, self.health = environment, pids, users, health or {}
        self.fault = ""  # the name of the one in force
        # A number of its own for each process: a page that is still open from an earlier one must not mix the two.
        self.series = Series(tuple(pids), run=int(time.time()))
        self.upstream = Upstream(stub_url)
        self.ticking: gevent.Greenlet[[], None] | None = None
        environment.events.request.add_listener(self.hear)
        environment.events.test_start.add_listener(self.begin)
        environment.events.reset_stats.add_listener(self.reset)

    @property
    def state(self) -> str:
        """Locust's word for what the test does: ready, spawning, running, stopping, stopped."""
        assert self.environment.runner is not None  # noqa: S101 - Locust makes it before the page
        return str(self.environment.runner.state)

    def hear(
        self, name: str, response_time: float, response_length: int, exception: BaseException | None, **_: Any
    ) -> None:
        """Take an answer from Locust's `request` event; the app is the first word of its name."""
        app = name.partition(" ")[0]
        if app in self.pids:
            self.series.note(app, response_time, exception is not None, response_length or 0)

    def begin(self, **_: Any) -> None:
        """Start the series anew, with the test."""
        if self.ticking:
            self.ticking.kill()
        self.series.restart()
        self.ticking = gevent.spawn(self._tick)

    def reset(self, **_: Any) -> None:
        """Start the series anew when Locust's statistics are reset, whether or not a test runs."""
        if self.ticking:
            self.begin()
        else:
            self.series.restart()

    def _tick(self) -> None:
        """Close a second each second until the test is over; a late second is as long as it was."""
        processors = {app: Processor(pid) for app, pid in self.pids.items()}
        last = due = time.monotonic()
        over = False
        while not over:
            due += SECOND
            asked = {app: gevent.spawn(health_ms, url) for app, url in self.health.items()}
            gevent.sleep(max(0.0, due - time.monotonic()))
            over = self.state in (STATE_INIT, STATE_STOPPED)
            in_flight = self.upstream.in_flight()
            now = time.monotonic()
            cpu_s = {app: processor.used_s() for app, processor in processors.items()}
            health = {app: question.value for app, question in asked.items()}  # None while there is no answer
            self.series.close(Sample(now - last, self._users(), cpu_s, in_flight, health))
            last = now

    def _users(self) -> dict[str, int]:
        assert self.environment.runner is not None  # noqa: S101 - as above
        counts = self.environment.runner.user_classes_count
        return {app: counts.get(user, 0) for app, user in self.users.items()}
