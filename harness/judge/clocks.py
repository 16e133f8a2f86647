"""One clock for a trial of several machines: every moment is told in that of the machine that sends the load."""

import re
from dataclasses import replace

from harness.judge.rows import Evidence

START = re.compile(r"(?<=;start=)[0-9.]+")


def on_one_clock(evidence: Evidence, *, server_ahead_s: float, stub_ahead_s: float) -> Evidence:
    """Return the evidence with the moments that server and stub tell moved by how far their clocks are ahead.

    How long something took stays as it is: it was measured with one clock.
    """
    calls, requests = evidence.calls, evidence.requests
    if stub_ahead_s:
        calls = replace(calls, start_s=[start_s - stub_ahead_s for start_s in calls.start_s])
    if server_ahead_s:
        told = [_moved(header, server_ahead_s * 1000) for header in requests.server_timing]
        requests = replace(requests, server_timing=told)
    return replace(evidence, calls=calls, requests=requests)


def _moved(header: str, ahead_ms: float) -> str:
    return START.sub(lambda found: f"{float(found[0]) - ahead_ms:.3f}", header)
