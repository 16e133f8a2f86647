"""The users of a trial: those of closed load, who wait for their answers, and the senders of open load, who do not."""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import repeat
from typing import ClassVar

import gevent
from gevent.queue import Queue
from locust import task
from locust.exception import StopUser

from loadtests.arrivals import share_of
from loadtests.recorder import Recorder
from loadtests.scenarios import Request, Route
from loadtests.trial_plan import Timeline
from loadtests.users import ApiUser


class TrialUser(ApiUser):
    """A numbered user that opens its connection before the load."""

    abstract = True
    timeline: ClassVar[Timeline]
    recorder: ClassVar[Recorder]
    rank: ClassVar[int] = 0  # of this Locust process among those that send
    workers: ClassVar[int] = 1
    born: ClassVar[int] = 0
    thought_s: ClassVar[float] = 0.0  # of the window, by all users
    setup_faults: ClassVar[Counter[str]] = Counter()

    def on_start(self) -> None:
        """Take a number that no user of another process has, and connect when its turn comes."""
        self.number = self.rank + self.workers * TrialUser.born
        TrialUser.born += 1
        sleep_until(self.timeline.connect_s(self.number))
        self.connect(self.timeline.plan.ready)
        for route in self.timeline.plan.setup:
            request = route.request(self.timeline.plan.requests.row(self.number))
            if fault := self.ask(route, request, ""):
                self.setup_faults[f"{route.name}: {fault}"] += 1


class ClosedUser(TrialUser):
    """Sends the k-th request as soon as the answer to the one before is there, until all that is sent is sent."""

    def on_start(self) -> None:
        """Wait for its turn to begin, too."""
        super().on_start()
        self.sent = 0
        think = self.timeline.plan.think
        self.thinks: Iterator[float] = think.seconds(self.number) if think else repeat(0.0)
        self.next_s = self.timeline.first_request_s(self.number)
        sleep_until(self.next_s)

    @task
    def request(self) -> None:
        """Send the next request of the scenario's cycle, with the id (user, k)."""
        sleep_until(min(self.next_s, self.timeline.last_s))
        now = time.monotonic()
        if now >= self.timeline.last_s:
            raise StopUser
        plan, request_id = self.timeline.plan, f"{self.number}-{self.sent}"
        route, request = plan.requests.at(self.number + self.sent, self.number + plan.users * self.sent)
        self.sent += 1
        self.recorder.begin(request_id, route.name)
        self.ask(route, request, request_id)
        answered_s = time.monotonic()
        self.next_s = max(now + plan.pace_s, answered_s + next(self.thinks))
        if plan.think:
            TrialUser.thought_s += self.timeline.in_window_s(answered_s, self.next_s)


class OpenUser(TrialUser):
    """A sender: takes the arrival that has been due for longest, sends it, and is free for another."""

    due: ClassVar["Queue[tuple[str, Route, Request]]"] = Queue()
    waited: ClassVar[int] = 0  # arrivals of the window that found no free sender

    @classmethod
    def follow_schedule(cls) -> None:
        """Hand out every arrival of this process at its moment, whatever the server does; return after the last."""
        timeline, arrivals = cls.timeline, cls.timeline.plan.arrivals
        assert arrivals is not None  # noqa: S101 - only open load has this kind of user
        senders = timeline.plan.users // cls.workers
        for number, due_s in share_of(cls.rank, cls.workers, arrivals.due_s(timeline.load_s)):
            (route, request), moment_s = timeline.plan.requests.at(number, number), timeline.start_s + due_s
            sleep_until(moment_s)
            cls.recorder.due(str(number), route.name, moment_s)
            opens, closes = timeline.window
            cls.waited += opens <= moment_s < closes and len(cls.recorder.waiting) > senders
            cls.due.put((str(number), route, request))

    def __init__(self, environment: object) -> None:
        """Hang up when the callers of this trial would."""
        self.network_timeout = self.timeline.plan.callers.timeout_s or self.network_timeout
        super().__init__(environment)

    @task
    def request(self) -> None:
        """Send the next arrival, and again where it fails and its caller insists; its number is its id.

        The n-th retry of arrival 17 has the id 17.n, so that each attempt has its own upstream calls.
        """
        request_id, route, request = self.due.get()
        callers = self.timeline.plan.callers
        if callers.timeout_s is not None and self.recorder.waits_s(request_id) > callers.timeout_s:
            fault = self.recorder.give_up(request_id)
        else:
            self.recorder.sent(request_id)
            fault = self.ask(route, request, request_id)
        for retry in range(1, 1 + callers.retries):
            if not fault or time.monotonic() >= self.timeline.last_s:
                return
            self.recorder.begin(f"{request_id}.{retry}", route.name)
            fault = self.ask(route, request, f"{request_id}.{retry}")


def sleep_until(moment_s: float) -> None:
    """Let others run until a moment of CLOCK_MONOTONIC; return at once where it has passed."""
    if (left := moment_s - time.monotonic()) > 0:
        gevent.sleep(left)
