"""The locustfile of `make ui`: both apps at the same time, each with names of its own in Locust's tables."""

from collections.abc import Iterator
from itertools import count
from typing import Any, ClassVar

from flask import Response, abort, request
from locust import events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from loadtests.live.page import add_page
from loadtests.live.watch import Watch
from loadtests.scenarios import Route, Target
from loadtests.users import ApiUser

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


class LiveUser(ApiUser):
    """Asks for the route again as soon as the answer is there, until Locust's page says stop."""

    abstract = True
    route: ClassVar[Route]
    numbers: ClassVar[Iterator[int]]

    def on_start(self) -> None:
        """Take the app's next number: both apps' users have the same numbers, so they meet the same delays."""
        self.number, self.sent = next(self.numbers), 0

    @task
    def request(self) -> None:
        """Send the user's next request."""
        self.ask(self.route, f"{self.number}-{self.sent}")
        self.sent += 1


class FlaskUser(LiveUser):
    """A user of the Flask app."""

    prefix = "flask "
    numbers = count()


class QuartUser(LiveUser):
    """A user of the Quart app."""

    prefix = "quart "
    numbers = count()


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Add where the apps are and what is asked of them; not as fields of the web UI, which could not change them."""

    def add(name: str, meaning: str, kind: type = str) -> None:
        parser.add_argument(name, type=kind, required=True, help=meaning, include_in_web_ui=False)

    for app in ("flask", "quart"):
        add(f"--{app}-url", f"the {app} app")
        add(f"--{app}-pid", f"the process whose tree serves the {app} app", int)
        add(f"--{app}-lane", f"how the {app} app is served")
    add("--stub-url", "the upstream stub")
    add("--path", "the route that is asked for")


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Aim each class at its own app, close the web UI to everyone but this machine, and add the live page to it."""
    options = environment.parsed_options
    assert options is not None  # noqa: S101 - Locust has parsed them before this event
    LiveUser.route = Route(options.path)
    FlaskUser.target = Target(options.flask_url, "flask")
    QuartUser.target = Target(options.quart_url, "quart")
    FlaskUser.host, QuartUser.host = options.flask_url, options.quart_url  # what the page shows
    if environment.web_ui and environment.web_ui.app:
        environment.web_ui.app.before_request(_refuse_strangers)
        watch = Watch(environment, {"flask": options.flask_pid, "quart": options.quart_pid}, options.stub_url)
        add_page(environment.web_ui, watch, options.path, {"flask": options.flask_lane, "quart": options.quart_lane})


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
