"""The bounds by which studies judge their trials: the project's own."""

from pathlib import Path

from harness.facts.config import Bounds
from harness.facts.parsing import parse_config
from harness.judge.validity import check_bounds

SETTINGS = Path(__file__).resolve().parents[2] / "bench.toml"


def bounds() -> Bounds:
    """Return the bounds of bench.toml."""
    found = parse_config(SETTINGS.read_text(encoding="utf-8")).validity
    check_bounds(found, SETTINGS.name)
    return found
