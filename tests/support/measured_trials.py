"""Trials as they stand in a run, of which only the figures that a plan reads are given."""

from typing import Any

from harness.facts.trial import Trial

FACTS: dict[str, Any] = {
    "attempt": 1,
    "scenario": "sun",
    "load": "closed",
    "started_utc": "2026-01-01T00:00:00Z",
    "warmup_s": 1.0,
    "window_s": 2.0,
    "drain_s": 0.1,
    **dict.fromkeys(("started", "ok", "failed", "censored", "warmup_ok", "warmup_failed"), 0),
    **dict.fromkeys(("window_ok", "window_failed", "drain_ok", "drain_failed"), 0),
}


def trial(lane: str, block: int, *, at: int = 300, status: str = "valid", **figures: object) -> Trial:
    """Return a trial of closed load, `at` so many users."""
    return Trial.model_validate(
        {**FACTS, "trial": f"b{block}-{lane}-u{at}", "block": block, "lane": lane, "users": at, "status": status}
        | figures
    )
