"""The locustfile of `make ui`: two apps at the same time, each with names of its own in Locust's tables.

The environment variable LIVE_PLAN names a file (JSON) with both apps, the stub's address, and the route that is asked.
"""

import json
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from flask import Response, abort, request
from locust import events, task
from locust.env import Environment

from loadtests.live.page import add_page
from loadtests.live.watch import Watch
from loadtests.scenarios import NO_DATA, Requests, Route, Target
from loadtests.users import ApiUser

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
PLAN: dict[str, Any] = json.loads(Path(os.environ["LIVE_PLAN"]).read_text())


class LiveUser(ApiUser):
    """Asks for the route again as soon as the answer is there, until Locust's page says stop."""

    abstract = True
    sends: ClassVar = Requests([Route(**route) for route in PLAN["routes"]], PLAN["data"] or NO_DATA, PLAN["data_seed"])
    setup: ClassVar = [Route(**route) for route in PLAN.get("setup", ())]
    numbers: ClassVar[Iterator[int]]

    def on_start(self) -> None:
        """Take the app's next number: both apps' users have the same numbers, so they meet the same delays."""
        self.number, self.sent = next(self.numbers), 0
        for route in self.setup:
            self.ask(route, route.request(self.sends.row(self.number)), "")

    @task
    def request(self) -> None:
        """Send the user's next request."""
        self.ask(*self.sends.at(0, self.number + self.sent), f"{self.number}-{self.sent}")
        self.sent += 1


def class_of(app: str) -> str:
    """Return what an app's user class is called: FlaskUser, FlaskThreads64User."""
    return "".join(part.capitalize() for part in app.split("-")) + "User"


for app in PLAN["apps"]:
    of_app = {
        "prefix": f"{app['name']} ",
        "numbers": count(),
        "target": Target(app["url"], app["identity"]),
        "host": app["url"],  # what Locust's page shows
        "__doc__": f"A user of {app['name']}.",
    }
    globals()[class_of(app["name"])] = type(class_of(app["name"]), (LiveUser,), of_app)


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Close the web UI to everyone but this machine, and add the live page to it."""
    if environment.web_ui and environment.web_ui.app:
        environment.web_ui.app.before_request(_refuse_strangers)
        names = [app["name"] for app in PLAN["apps"]]
        pids = {app["name"]: app["pid"] for app in PLAN["apps"]}
        health = {app["name"]: app["health"] for app in PLAN["apps"]}
        watch = Watch(environment, pids, {name: class_of(name) for name in names}, PLAN["stub_url"], health)
        lanes = {app["name"]: app["lane"] for app in PLAN["apps"]}
        add_page(environment.web_ui, watch, PLAN["routes"][0]["name"], lanes, PLAN["faults"])


def _refuse_strangers() -> Response | None:
    """Refuse a foreign Host (DNS rebinding) or Origin: Locust's UI has no login.

    An Origin must be the page's own, with its port: else a page of any other service of this machine could start load.
    """
    own = request.host_url.rstrip("/")
    if _name(request.host) not in LOOPBACK or request.headers.get("Origin", own) != own:
        abort(403)
    return None


def _name(host: str) -> str:
    """Return a host without its port."""
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
