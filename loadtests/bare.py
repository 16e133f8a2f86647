"""The locustfile that anyone would write: what our recorder and our checks cost is measured against it."""

from locust import FastHttpUser, task


class BareUser(FastHttpUser):
    """Asks for one path, again and again."""

    @task
    def request(self) -> None:
        """Send a request and read its answer."""
        self.client.get("/location/us/97201")
