"""A locustfile without the harness: what compose.yaml runs. Its figures are Locust's own, with all that rounds them."""

import os

from locust import FastHttpUser, task

PATH = os.environ.get("ASK_PATH", "/api/sun/97201/us")


class PlainUser(FastHttpUser):
    """Asks again as soon as the answer is there, as a user of closed load does."""

    network_timeout = 30.0

    @task
    def ask(self) -> None:
        """Send the next request; an answer of another status is a failure."""
        self.client.get(PATH)
