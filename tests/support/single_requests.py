"""Single requests, made up: what client, app and stub say of them, in seconds."""

from collections.abc import Sequence

from harness.judge.counts import Anatomy, Span

Moments = tuple[str, float, float]  # name, start, end


def request(
    latency_s: float,
    spans: Sequence[Moments] = (),
    calls: Sequence[Moments] = (),
    *,
    late_s: float = 0.0,
    percent: float = 50.0,
    request_id: str = "0-1",
) -> Anatomy:
    """Return a request whose spans and calls begin and end at these moments."""
    return Anatomy(
        percent=percent,
        request_id=request_id,
        route="/api/sun/97201/us",
        late_s=late_s,
        latency_s=latency_s,
        spans=tuple(_span(*span) for span in spans),
        calls=tuple(_span(*call) for call in calls),
    )


def _span(name: str, start_s: float, end_s: float) -> Span:
    return Span(name=name, start_s=start_s, duration_s=end_s - start_s)


def sun_request(**changes: float | str) -> Anatomy:
    """Return an answer of the sun route, 0.25 s after it was sent: two calls, the second after the first."""
    spans = (("location", 0.02, 0.13), ("sun", 0.14, 0.245), ("handler", 0.01, 0.248))
    return request(0.25, spans, (("location", 0.025, 0.125), ("sun", 0.142, 0.242))).model_copy(update=changes)


def city_request() -> Anatomy:
    """Return an answer of the city route: one call, then two that are made together and overlap."""
    spans = (("location", 0.02, 0.13), ("weather", 0.14, 0.25), ("sun", 0.14, 0.27), ("handler", 0.01, 0.28))
    return request(0.3, spans, (("location", 0.025, 0.125), ("sun", 0.15, 0.26), ("weather", 0.145, 0.245)))
