"""The users of a trial: those of closed load, who wait for their answers, and the senders of open load, who do not."""

import time
from typing import ClassVar

import gevent
from gevent.queue import Queue
from locust import task
from locust.exception import StopUser

from loadtests.arrivals import share_of
from loadtests.recorder import Recorder
from loadtests.scenarios import Route
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

    def on_start(self) -> None:
        """Take a number that no user of another process has, and connect when its turn comes."""
        self.number = self.rank + self.workers * TrialUser.born
        TrialUser.born += 1
        sleep_until(self.timeline.connect_s(self.number))
        self.connect(self.timeline.plan.ready)

    @classmethod
    def route(cls, turn: int) -> Route:
        """Return the route of the scenario's cycle at one turn."""
        cycle = cls.timeline.plan.cycle
        return cycle[turn % len(cycle)]


class ClosedUser(TrialUser):
    """Sends the k-th request as soon as the answer to the one before is there, until all that is sent is sent."""

    def on_start(self) -> None:
        """Wait for its turn to begin, too."""
        super().on_start()
        self.sent = 0
        self.next_s = self.timeline.first_request_s(self.number)
        sleep_until(self.next_s)

    @task
    def request(self) -> None:
        """Send the next request of the scenario's cycle, with the id (user, k)."""
        sleep_until(self.next_s)
        now = time.monotonic()
        if now >= self.timeline.last_s:
            raise StopUser
        self.next_s = now + self.timeline.plan.pace_s
        route, request_id = self.route(self.number + self.sent), f"{self.number}-{self.sent}"
        self.sent += 1
        self.recorder.begin(request_id, route.path)
        self.ask(route, request_id)


class OpenUser(TrialUser):
    """A sender: takes the arrival that has been due for longest, sends it, and is free for another."""

    due: ClassVar["Queue[tuple[str, Route]]"] = Queue()
    waited: ClassVar[int] = 0  # arrivals of the window that found no free sender

    @classmethod
    def follow_schedule(cls) -> None:
        """Hand out every arrival of this process at its moment, whatever the server does; return after the last."""
        timeline, arrivals = cls.timeline, cls.timeline.plan.arrivals
        assert arrivals is not None  # noqa: S101 - only open load has this kind of user
        senders = timeline.plan.users // cls.workers
        for number, due_s in share_of(cls.rank, cls.workers, arrivals.due_s(timeline.load_s)):
            route, moment_s = cls.route(number), timeline.start_s + due_s
            sleep_until(moment_s)
            cls.recorder.due(str(number), route.path, moment_s)
            opens, closes = timeline.window
            cls.waited += opens <= moment_s < closes and len(cls.recorder.waiting) > senders
            cls.due.put((str(number), route))

    @task
    def request(self) -> None:
        """Send the next arrival; its number is its id."""
        request_id, route = self.due.get()
        self.recorder.sent(request_id)
        self.ask(route, request_id)


def sleep_until(moment_s: float) -> None:
    """Let others run until a moment of CLOCK_MONOTONIC; return at once where it has passed."""
    if (left := moment_s - time.monotonic()) > 0:
        gevent.sleep(left)
